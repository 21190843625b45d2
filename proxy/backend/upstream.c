/* upstream: see upstream.h.
 *
 * Commands wait in a queue until the opening is over; those sent stand in a ring of open steps, answered in order. Without
 * PIPELINING one step is open at a time. */
#include "proxy/backend/upstream_private.h"

#include "base/mem.h"

enum { QUIT_LINGER_MS = 1000, PROBE_TIMEOUT_MS = 10000 };

static void on_connected(void *ctx);
static void on_readable(void *ctx);
static void on_drained(void *ctx);
static void on_ended(void *ctx, enum stream_end why);
static void on_secured(void *ctx);

static const struct stream_handler stream_handler = {on_connected, on_readable, on_drained, on_ended, on_secured};

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
    upstream_connect(u);
    return u;
}

void upstream_connect(struct upstream *u)
{
    const struct backend_settings *settings = u->backend->settings;
    stream_free(&u->stream);
    arena_clear(u->arena);
    smtp_reply_reader_init(&u->reader, u->arena);
    u->stream = stream_connect(u->backend->base, &settings->address, settings->connect_timeout_ms, &stream_handler, u);
}

static void free_queued(struct queued *q)
{
    if (q->step == UPSTREAM_AUTH)
        explicit_bzero(q->line, strlen(q->line));
    mem_free(q->line);
    mem_free(q);
}

static void free_upstream(struct upstream *u)
{
    while (u->queue) {
        struct queued *gone = u->queue;
        u->queue = gone->next;
        free_queued(gone);
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
        if (u->open[(u->open_first + i) % UPSTREAM_OPEN_MAX] != UPSTREAM_RSET)
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
void upstream_fail(struct upstream *u, const char *why, const struct smtp_reply *reply)
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

void upstream_expect(struct upstream *u, enum upstream_step step)
{
    u->open[(u->open_first + u->open_count++) % UPSTREAM_OPEN_MAX] = step;
    stream_set_timeout(u->stream, step_timeout(u, step), u->backend->settings->reply_timeout_ms);
}

static enum upstream_step answered(struct upstream *u)
{
    enum upstream_step step = u->open[u->open_first];
    u->open_first = (u->open_first + 1) % UPSTREAM_OPEN_MAX;
    if (--u->open_count == 0)
        stream_set_timeout(u->stream, 0, u->backend->settings->reply_timeout_ms);
    return step;
}

void upstream_send(struct upstream *u, enum upstream_step step, struct slice line)
{
    upstream_expect(u, step);
    stream_set_secret(u->stream, step == UPSTREAM_AUTH);
    stream_write_more(u->stream, line);
    stream_write(u->stream, SLICE("\r\n"));
}

static bool may_send(const struct upstream *u)
{
    if (!u->ready || u->failed || u->open_count >= UPSTREAM_OPEN_MAX)
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
        upstream_send(u, next->step, slice_of(next->line));
        free_queued(next);
    }
    stream_uncork(u->stream);
}

void upstream_command(struct upstream *u, enum upstream_step step, struct slice line)
{
    if (u->failed)
        return;
    if (!u->queue && may_send(u)) {
        upstream_send(u, step, line);
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
    enter(u);
    upstream_open_dialogue(u);
    leave(u);
}

static void on_secured(void *ctx)
{
    struct upstream *u = ctx;
    enter(u);
    upstream_secured(u);
    leave(u);
}

/* A reply nobody waits for: a 421 on the way out, or a refusal in mid-body; a 2xx or 3xx out of turn is a broken server. */
static void unexpected_reply(struct upstream *u, const struct smtp_reply *reply)
{
    if (reply->code >= 400)
        upstream_fail(u, u->in_body ? "backend refused in the middle of the message" : "backend closed the session", reply);
    else
        upstream_fail(u, "backend sent a reply out of turn", NULL);
}

static void complete_reply(struct upstream *u)
{
    struct smtp_reply reply = u->reader.reply;
    if (u->open_count == 0) {
        unexpected_reply(u, &reply);
        return;
    }
    enum upstream_step step = answered(u);
    if (step < UPSTREAM_AUTH) {
        upstream_opening_reply(u, step, &reply);
        return;
    }
    if (step == UPSTREAM_DATA && reply.code / 100 == 3)
        u->in_body = true;
    if (step == UPSTREAM_DOT)
        u->dot_sent = false;
    u->handler->reply(u->ctx, step, &reply);
}

/* Such a line may be longer than others. */
static bool awaits_challenge(const struct upstream *u)
{
    return u->open_count && u->open[u->open_first] == UPSTREAM_AUTH;
}

static void read_reply_line(struct upstream *u, struct slice line)
{
    if (awaits_challenge(u))
        smtp_reply_reader_widen(&u->reader);
    enum smtp_reply_status status = smtp_reply_feed(&u->reader, line);
    stream_take_line(u->stream);
    if (status == SMTP_REPLY_BROKEN)
        upstream_fail(u, "backend sent something that is no SMTP reply", NULL);
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
        enum stream_line status = stream_peek_line(u->stream, awaits_challenge(u) ? SASL_LINE_MAX : SMTP_REPLY_LINE_ACCEPTED, &line);
        if (status == STREAM_LINE_MORE)
            break;
        if (status == STREAM_LINE_LONG)
            upstream_fail(u, "backend sent an endless line", NULL);
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
    if (upstream_fall_back(u, stream_error(u->stream))) {
        leave(u);
        return;
    }
    if (why == STREAM_REFUSED)
        backend_report_down(u->backend, stream_error(u->stream));
    upstream_fail(u, texts[why] ? texts[why] : stream_error(u->stream), NULL);
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
    upstream_expect(u, UPSTREAM_DOT);
    stream_write_more(u->stream, last);
    stream_write(u->stream, SLICE(".\r\n"));
}

bool upstream_dot_sent(const struct upstream *u)
{
    return u->dot_sent;
}

bool upstream_login_lost(const struct upstream *u)
{
    return u->login_lost;
}

bool upstream_identified(const struct upstream *u)
{
    return u->identified;
}
