/* upstream: see upstream.h.
 *
 * Commands wait in a queue until the opening is over; those sent stand in a ring of open steps, answered in order. Without
 * PIPELINING one step is open at a time. */
#include "proxy/backend/upstream.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/stream.h"
#include "proxy/backend/xclient.h"

enum { OPEN_MAX = 64, QUIT_LINGER_MS = 1000, PROBE_TIMEOUT_MS = 10000 };

struct queued {
    enum upstream_step step;
    char *line;
    struct queued *next;
};

struct upstream {
    struct backend *backend;
    const struct mail_session *client; /* NULL: a probe */
    const struct upstream_handler *handler;
    void *ctx;
    struct stream *stream;
    struct arena *arena; /* of the reply being read */
    struct smtp_reply_reader reader;
    struct backend_offer offer;
    enum upstream_step open[OPEN_MAX];
    size_t open_first, open_count;
    struct queued *queue, **queue_last;
    bool ready;      /* the opening is over */
    bool met;        /* the server answered our own EHLO: what goes wrong from here on says nothing about other clients */
    bool identified; /* XCLIENT was given */
    bool in_body, dot_sent, failed;
    unsigned depth; /* callbacks of ours under way: the owner may close us in any of them */
    bool closed;    /* closed by the owner; freed when depth is 0 */
};

static void on_connected(void *ctx);
static void on_readable(void *ctx);
static void on_drained(void *ctx);
static void on_ended(void *ctx, enum stream_end why);

static const struct stream_handler stream_handler = {on_connected, on_readable, on_drained, on_ended};

struct upstream *upstream_open(struct backend *backend, const struct mail_session *client, const struct upstream_handler *handler,
                               void *ctx)
{
    struct upstream *u = mem_alloc(sizeof *u);
    u->backend = backend;
    u->client = client;
    u->handler = handler;
    u->ctx = ctx;
    u->arena = arena_new();
    u->queue_last = &u->queue;
    smtp_reply_reader_init(&u->reader, u->arena);
    u->stream = stream_connect(backend->base, &backend->settings->address, backend->settings->connect_timeout_ms, &stream_handler, u);
    return u;
}

static void free_upstream(struct upstream *u)
{
    while (u->queue) {
        struct queued *gone = u->queue;
        u->queue = gone->next;
        mem_free(gone->line);
        mem_free(gone);
    }
    arena_free(&u->arena);
    mem_free(u);
}

/* Politeness is possible between commands, and behind RSETs that nobody waits for. */
static bool may_quit(const struct upstream *u)
{
    if (!u->ready || u->failed || u->in_body || u->queue)
        return false;
    for (size_t i = 0; i < u->open_count; i++)
        if (u->open[(u->open_first + i) % OPEN_MAX] != UPSTREAM_RSET)
            return false;
    return u->open_count == 0 || u->offer.pipelining;
}

void upstream_close(struct upstream **u)
{
    struct upstream *gone = *u;
    if (!gone)
        return;
    *u = NULL;
    if (may_quit(gone)) {
        stream_write(gone->stream, SLICE("QUIT\r\n"));
        stream_close(&gone->stream, QUIT_LINGER_MS);
    } else if (gone->in_body) {
        stream_reset(&gone->stream);
    } else {
        stream_free(&gone->stream);
    }
    gone->closed = true;
    if (gone->depth == 0)
        free_upstream(gone);
}

static void enter(struct upstream *u)
{
    u->depth++;
}

static void leave(struct upstream *u)
{
    if (--u->depth == 0 && u->closed)
        free_upstream(u);
}

/* Tells the owner that it is over. The owner frees us inside the call. */
static void fail(struct upstream *u, const char *why, const struct smtp_reply *reply)
{
    if (u->failed)
        return;
    u->failed = true;
    stream_pause(u->stream);
    if (!u->met && !u->client)
        backend_report_down(u->backend, why);
    u->handler->failed(u->ctx, why, reply);
}

static int64_t step_timeout(const struct upstream *u, enum upstream_step step)
{
    if (!u->client && u->backend->settings->reply_timeout_ms > PROBE_TIMEOUT_MS)
        return PROBE_TIMEOUT_MS; /* workers wait for the first probe before they listen */
    return step == UPSTREAM_DOT ? u->backend->settings->data_timeout_ms : u->backend->settings->reply_timeout_ms;
}

static void expect(struct upstream *u, enum upstream_step step)
{
    u->open[(u->open_first + u->open_count++) % OPEN_MAX] = step;
    stream_set_timeout(u->stream, step_timeout(u, step), u->backend->settings->reply_timeout_ms);
}

static enum upstream_step answered(struct upstream *u)
{
    enum upstream_step step = u->open[u->open_first];
    u->open_first = (u->open_first + 1) % OPEN_MAX;
    if (--u->open_count == 0)
        stream_set_timeout(u->stream, 0, u->backend->settings->reply_timeout_ms);
    return step;
}

static void send_line(struct upstream *u, enum upstream_step step, struct slice line)
{
    expect(u, step);
    stream_write_more(u->stream, line);
    stream_write(u->stream, SLICE("\r\n"));
}

static bool may_send(const struct upstream *u)
{
    if (!u->ready || u->failed || u->open_count >= OPEN_MAX)
        return false;
    return u->open_count == 0 || u->offer.pipelining;
}

static void send_queue(struct upstream *u)
{
    stream_cork(u->stream);
    while (u->queue && may_send(u)) {
        struct queued *next = u->queue;
        u->queue = next->next;
        if (!u->queue)
            u->queue_last = &u->queue;
        send_line(u, next->step, slice_of(next->line));
        mem_free(next->line);
        mem_free(next);
    }
    stream_uncork(u->stream);
}

void upstream_command(struct upstream *u, enum upstream_step step, struct slice line)
{
    if (u->failed)
        return;
    if (!u->queue && may_send(u)) {
        send_line(u, step, line);
        return;
    }
    struct queued *q = mem_alloc(sizeof *q);
    q->step = step;
    q->line = mem_alloc(line.len + 1);
    memcpy(q->line, line.ptr, line.len);
    *u->queue_last = q;
    u->queue_last = &q->next;
}

static void on_connected(void *ctx)
{
    struct upstream *u = ctx;
    expect(u, UPSTREAM_GREETING);
    stream_resume(u->stream);
}

static void send_hello(struct upstream *u, enum upstream_step step)
{
    struct buf line = {0};
    struct slice name = u->identified && u->offer.xclient_helo && u->client->helo.len ? u->client->helo : slice_of(u->backend->hostname);
    buf_add_text(&line, step == UPSTREAM_EHLO ? "EHLO " : "HELO ");
    buf_add(&line, name);
    send_line(u, step, buf_slice(&line));
    buf_release(&line);
}

/* A probe has what it came for; with a client, the queue goes out once this reply has been handled. */
static void opening_done(struct upstream *u, const struct smtp_reply *reply)
{
    u->ready = true;
    if (!u->client)
        u->handler->reply(u->ctx, UPSTREAM_EHLO, reply);
}

static bool wants_xclient(const struct upstream *u)
{
    return u->client && !u->identified && u->offer.xclient && u->backend->settings->identity != IDENTITY_NONE;
}

static void send_xclient(struct upstream *u)
{
    struct buf line = {0};
    xclient_format(&line, u->client, &u->offer);
    send_line(u, UPSTREAM_XCLIENT, buf_slice(&line));
    buf_release(&line);
}

/* The first EHLO reply is the server's; the one after XCLIENT is meant for our client, whom it may offer less. */
static bool learn_offer(struct upstream *u, const struct smtp_reply *reply)
{
    struct backend_offer offer;
    backend_offer_parse(reply, &offer);
    if (u->identified) {
        u->offer.pipelining = offer.pipelining;
        return true;
    }
    u->offer = offer;
    if (u->backend->settings->identity == IDENTITY_XCLIENT && !offer.xclient) {
        fail(u, "backend does not offer XCLIENT to us", NULL);
        return false;
    }
    u->met = true;
    backend_report_up(u->backend, &offer);
    return true;
}

static void after_ehlo(struct upstream *u, const struct smtp_reply *reply)
{
    if (!learn_offer(u, reply))
        return;
    if (wants_xclient(u))
        send_xclient(u);
    else
        opening_done(u, reply);
}

/* The server knows no EHLO (RFC 5321 §3.2). */
static void after_helo(struct upstream *u, const struct smtp_reply *reply)
{
    u->offer = (struct backend_offer){0};
    u->met = true;
    backend_report_up(u->backend, &u->offer);
    opening_done(u, reply);
}

static void opening_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    bool good = reply->code / 100 == 2;
    if (step == UPSTREAM_EHLO && reply->code / 100 == 5 && !u->identified)
        send_hello(u, UPSTREAM_HELO);
    else if (!good && step == UPSTREAM_EHLO && u->identified)
        fail(u, "backend refused the client's name", reply); /* a verdict on this client: it may have it */
    else if (!good)
        fail(u, step == UPSTREAM_XCLIENT ? "backend refused XCLIENT" : "backend refused the session", NULL);
    else if (step == UPSTREAM_EHLO)
        after_ehlo(u, reply);
    else if (step == UPSTREAM_HELO)
        after_helo(u, reply);
    else if (step == UPSTREAM_XCLIENT) {
        u->identified = true;
        send_hello(u, UPSTREAM_EHLO);
    } else
        send_hello(u, UPSTREAM_EHLO);
}

/* A reply nobody waits for: a 421 on the way out, or a refusal in mid-body; a 2xx or 3xx out of turn is a broken server. */
static void unexpected_reply(struct upstream *u, const struct smtp_reply *reply)
{
    if (reply->code >= 400)
        fail(u, u->in_body ? "backend refused in the middle of the message" : "backend closed the session", reply);
    else
        fail(u, "backend sent a reply out of turn", NULL);
}

static void complete_reply(struct upstream *u)
{
    struct smtp_reply reply = u->reader.reply;
    if (u->open_count == 0) {
        unexpected_reply(u, &reply);
        return;
    }
    enum upstream_step step = answered(u);
    if (step < UPSTREAM_MAIL) {
        opening_reply(u, step, &reply);
        return;
    }
    if (step == UPSTREAM_DATA && reply.code / 100 == 3)
        u->in_body = true;
    if (step == UPSTREAM_DOT)
        u->dot_sent = false;
    u->handler->reply(u->ctx, step, &reply);
}

static void read_reply_line(struct upstream *u, struct slice line)
{
    enum smtp_reply_status status = smtp_reply_feed(&u->reader, line);
    stream_take_line(u->stream);
    if (status == SMTP_REPLY_BROKEN)
        fail(u, "backend sent something that is no SMTP reply", NULL);
    if (status != SMTP_REPLY_COMPLETE)
        return;
    complete_reply(u);
    if (u->closed || u->failed)
        return;
    arena_clear(u->arena);
    smtp_reply_reader_init(&u->reader, u->arena);
    if (u->ready)
        send_queue(u);
}

static void on_readable(void *ctx)
{
    struct upstream *u = ctx;
    struct slice line;
    enter(u);
    while (!u->closed && !u->failed) {
        enum stream_line status = stream_peek_line(u->stream, SMTP_REPLY_LINE_ACCEPTED, &line);
        if (status == STREAM_LINE_MORE)
            break;
        if (status == STREAM_LINE_LONG)
            fail(u, "backend sent an endless line", NULL);
        else
            read_reply_line(u, line);
    }
    leave(u);
}

static void on_drained(void *ctx)
{
    struct upstream *u = ctx;
    enter(u);
    if (u->in_body)
        u->handler->drained(u->ctx);
    leave(u);
}

static void on_ended(void *ctx, enum stream_end why)
{
    static const char *const texts[STREAM_REFUSED + 1] = {
        [STREAM_EOF] = "backend closed the connection",
        [STREAM_TIMEOUT] = "backend did not answer in time",
    };
    struct upstream *u = ctx;
    enter(u);
    if (why == STREAM_REFUSED)
        backend_report_down(u->backend, stream_error(u->stream));
    fail(u, texts[why] ? texts[why] : stream_error(u->stream), NULL);
    leave(u);
}

bool upstream_body(struct upstream *u, struct slice bytes)
{
    if (u->failed)
        return false;
    stream_write_more(u->stream, bytes);
    return stream_ready(u->stream);
}

void upstream_body_end(struct upstream *u, struct slice last)
{
    if (u->failed || !stream_ready(u->stream))
        return;
    if (stream_has_input(u->stream)) { /* what came before the dot is no answer to it; a line that never ends must not hold us */
        stream_set_timeout(u->stream, u->backend->settings->reply_timeout_ms, u->backend->settings->reply_timeout_ms);
        return;
    }
    u->in_body = false;
    u->dot_sent = true;
    expect(u, UPSTREAM_DOT);
    stream_write_more(u->stream, last);
    stream_write(u->stream, SLICE(".\r\n"));
}

bool upstream_dot_sent(const struct upstream *u)
{
    return u->dot_sent;
}

bool upstream_identified(const struct upstream *u)
{
    return u->identified;
}
