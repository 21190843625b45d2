/* upstream: see upstream.h.
 *
 * Commands wait in a queue until the opening is over; those sent stand in a ring of open steps, answered in order. Without
 * PIPELINING one step is open at a time. */
#include "proxy/backend/upstream_private.h"

#include "base/mem.h"

enum { QUIT_LINGER_MS = 1000, BRIEF_TIMEOUT_MS = 10000 };

static void on_connected(void *ctx);
static void on_readable(void *ctx);
static void on_drained(void *ctx);
static void on_ended(void *ctx, enum stream_end why);
static void on_secured(void *ctx);

static const struct stream_handler stream_handler = {on_connected, on_readable, on_drained, on_ended, on_secured};

static struct upstream *upstream_new(struct backend *backend, const struct upstream_handler *handler, void *ctx)
{
    struct upstream *u = mem_alloc(sizeof *u);
    u->backend = backend;
    u->handler = handler;
    u->ctx = ctx;
    u->arena = arena_new();
    u->queue_last = &u->queue;
    smtp_reply_reader_init(&u->reader, u->arena);
    return u;
}

struct upstream *upstream_open(struct backend *backend, const struct mail_session *client, unsigned avoid,
                               const struct upstream_handler *handler, void *ctx)
{
    struct upstream *u = upstream_new(backend, handler, ctx);
    u->client = client;
    u->avoid = avoid;
    upstream_place(u);
    return u;
}

struct upstream *upstream_probe(struct server *server, const struct upstream_handler *handler, void *ctx)
{
    struct upstream *u = upstream_new(server->backend, handler, ctx);
    u->server = server;
    upstream_connect(u);
    return u;
}

static void forget_replies(struct upstream *u)
{
    arena_clear(u->arena);
    smtp_reply_reader_init(&u->reader, u->arena);
    u->open_count = 0;
}

void upstream_connect(struct upstream *u)
{
    struct stream_target target = server_target(u->server, u->client ? &u->client->client : NULL);
    stream_free(&u->link.stream);
    forget_replies(u);
    u->kept = u->told = u->met = u->securing = false;
    u->link = (struct upstream_link){0};
    u->link.stream = stream_connect(u->backend->base, &target, u->backend->settings->connect_timeout_ms, &stream_handler, u);
}

void upstream_adopt(struct upstream *u, const struct upstream_link *link)
{
    forget_replies(u);
    u->kept = u->met = true;
    u->told = u->securing = false;
    u->link = *link;
    stream_hand_over(u->link.stream, &stream_handler, u);
    upstream_renew(u);
    stream_resume(u->link.stream);
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
    return u->open_count == 0 || u->link.offer.pipelining;
}

bool upstream_is_free(const struct upstream *u)
{
    return u->client && u->ready && !u->failed && !u->link.own && u->client->auth_user.len == 0 && !u->in_mail && u->open_count == 0 &&
           !u->queue && !u->depth && u->link.stream && !stream_has_input(u->link.stream);
}

static void give_up(struct upstream *u)
{
    upstream_unplace(u);
    u->closed = true;
    if (u->depth == 0)
        free_upstream(u);
}

void upstream_quit(struct upstream *u)
{
    stream_write(u->link.stream, SLICE("QUIT\r\n"));
    stream_close(&u->link.stream, QUIT_LINGER_MS);
}

void upstream_drop(struct upstream **u)
{
    struct upstream *gone = *u;
    if (!gone)
        return;
    *u = NULL;
    if (may_quit(gone) && gone->link.stream) {
        upstream_quit(gone);
    } else if (gone->in_body) {
        stream_reset(&gone->link.stream);
    } else {
        stream_free(&gone->link.stream);
    }
    give_up(gone);
}

void upstream_close(struct upstream **u)
{
    struct upstream *gone = *u;
    if (!gone || !upstream_is_free(gone) || !pool_wants(gone->server, &gone->link)) {
        upstream_drop(u);
        return;
    }
    *u = NULL;
    pool_put(gone->server, &gone->link);
    give_up(gone);
}

void upstream_enter(struct upstream *u)
{
    u->depth++;
}

void upstream_leave(struct upstream *u)
{
    if (--u->depth == 0 && u->closed)
        free_upstream(u);
}

/* A connection that was kept and is no good any more says nothing about the server. */
static bool start_over(struct upstream *u)
{
    if (!u->kept || u->ready)
        return false;
    upstream_connect(u);
    return true;
}

/* Whether the server knows the client from the first byte on, and may mean it with whatever it does. */
static bool is_exposed(const struct upstream *u)
{
    int identity = u->backend->settings->identity;
    return u->client && (identity == IDENTITY_PROXY || identity == IDENTITY_TRANSPARENT);
}

/* What the server did wrong: as far as it has nothing to do with who our client is, lest one client makes it count as down for all. */
static void note_failure(struct upstream *u, const char *why)
{
    bool ours = !u->client ? !u->met : !is_exposed(u) && (u->silent || (!u->ready && !u->told && !u->met));
    if (u->server && ours)
        server_note(u->server, false, why);
}

/* A verdict on our client is not asked for again. */
static bool try_again(struct upstream *u, const struct smtp_reply *reply)
{
    return !(reply && u->told) && (start_over(u) || (!u->ready && upstream_go_elsewhere(u)));
}

/* Tells the owner that it is over. The owner frees us inside the call. */
void upstream_fail(struct upstream *u, const char *why, const struct smtp_reply *reply)
{
    if (u->failed)
        return;
    if (!u->kept || u->ready)
        note_failure(u, why);
    if (try_again(u, reply))
        return;
    u->failed = true;
    if (u->link.stream)
        stream_pause(u->link.stream);
    u->handler->failed(u->ctx, why, reply);
}

/* Whether there would be another server, should this one be of no use. */
static bool has_spare(const struct upstream *u)
{
    for (const struct server *s = u->backend->servers; s; s = s->next)
        if (s != u->server && server_usable(s))
            return true;
    return false;
}

static int64_t step_timeout(const struct upstream *u, enum upstream_step step)
{
    bool brief = !u->client || (!u->ready && has_spare(u)); /* workers wait for the first probe before they listen */
    if (brief && u->backend->settings->reply_timeout_ms > BRIEF_TIMEOUT_MS)
        return BRIEF_TIMEOUT_MS;
    return step == UPSTREAM_DOT ? u->backend->settings->data_timeout_ms : u->backend->settings->reply_timeout_ms;
}

void upstream_expect(struct upstream *u, enum upstream_step step)
{
    u->open[(u->open_first + u->open_count++) % UPSTREAM_OPEN_MAX] = step;
    stream_set_timeout(u->link.stream, step_timeout(u, step), u->backend->settings->reply_timeout_ms);
}

static enum upstream_step answered(struct upstream *u)
{
    enum upstream_step step = u->open[u->open_first];
    u->open_first = (u->open_first + 1) % UPSTREAM_OPEN_MAX;
    if (--u->open_count == 0)
        stream_set_timeout(u->link.stream, 0, u->backend->settings->reply_timeout_ms);
    return step;
}

void upstream_send(struct upstream *u, enum upstream_step step, struct slice line)
{
    upstream_expect(u, step);
    u->link.own = u->link.own || step == UPSTREAM_AUTH;
    stream_set_secret(u->link.stream, step == UPSTREAM_AUTH);
    stream_write_more(u->link.stream, line);
    stream_write(u->link.stream, SLICE("\r\n"));
}

static bool may_send(const struct upstream *u)
{
    if (!u->ready || u->failed || u->open_count >= UPSTREAM_OPEN_MAX)
        return false;
    return u->open_count == 0 || u->link.offer.pipelining;
}

static void send_queue(struct upstream *u)
{
    stream_cork(u->link.stream);
    while (u->queue && may_send(u)) {
        struct queued *next = u->queue;
        u->queue = next->next;
        if (!u->queue)
            u->queue_last = &u->queue;
        upstream_send(u, next->step, slice_of(next->line));
        free_queued(next);
    }
    stream_uncork(u->link.stream);
}

void upstream_command(struct upstream *u, enum upstream_step step, struct slice line)
{
    if (u->failed)
        return;
    u->in_mail = u->in_mail || step == UPSTREAM_MAIL;
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
    upstream_enter(u);
    upstream_open_dialogue(u);
    upstream_leave(u);
}

static void on_secured(void *ctx)
{
    struct upstream *u = ctx;
    upstream_enter(u);
    upstream_secured(u);
    upstream_leave(u);
}

/* A reply nobody waits for: a 421 on the way out, or a refusal in mid-body; a 2xx or 3xx out of turn is a broken server. */
static void unexpected_reply(struct upstream *u, const struct smtp_reply *reply)
{
    if (reply->code >= 400)
        upstream_fail(u, u->in_body ? "backend refused in the middle of the message" : "backend closed the session", reply);
    else
        upstream_fail(u, "backend sent a reply out of turn", NULL);
}

/* What a reply means for the connection as such. */
static void note_reply(struct upstream *u, enum upstream_step step, const struct smtp_reply *reply)
{
    if (reply->code >= 400)
        u->link.errors++;
    if (step == UPSTREAM_DATA && reply->code / 100 == 3)
        u->in_body = true;
    if (step == UPSTREAM_DOT)
        u->dot_sent = false;
    u->link.messages += step == UPSTREAM_DOT && reply->code / 100 == 2;
    if (step == UPSTREAM_DOT || step == UPSTREAM_RSET)
        u->in_mail = false;
    if (reply->code != 421 && !u->proven && u->server->health.state == SERVER_UP)
        server_note(u->server, true, "");
    u->proven = u->proven || reply->code != 421;
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
    note_reply(u, step, &reply);
    u->lost = reply.code == 421 && step != UPSTREAM_DOT;
    if (u->lost)
        upstream_fail(u, "backend closed the session", &reply);
    else
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
    stream_take_line(u->link.stream);
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

/* Between two messages the connection is of use to others. */
static void give_to_waiting(struct upstream *u)
{
    if (u->backend->waiting_count && upstream_is_free(u))
        upstream_yield(u);
}

static void on_readable(void *ctx)
{
    struct upstream *u = ctx;
    struct slice line;
    upstream_enter(u);
    while (!u->closed && !u->failed) {
        enum stream_line status = stream_peek_line(u->link.stream, awaits_challenge(u) ? SASL_LINE_MAX : SMTP_REPLY_LINE_ACCEPTED, &line);
        if (status == STREAM_LINE_MORE)
            break;
        if (status == STREAM_LINE_LONG)
            upstream_fail(u, "backend sent an endless line", NULL);
        else
            read_reply_line(u, line);
    }
    bool alive = !u->closed;
    upstream_leave(u);
    if (alive)
        give_to_waiting(u);
}

static void on_drained(void *ctx)
{
    struct upstream *u = ctx;
    upstream_enter(u);
    if (u->in_body)
        u->handler->drained(u->ctx);
    upstream_leave(u);
}

static void on_ended(void *ctx, enum stream_end why)
{
    static const char *const texts[STREAM_REFUSED + 1] = {
        [STREAM_EOF] = "backend closed the connection",
        [STREAM_TIMEOUT] = "backend did not answer in time",
    };
    struct upstream *u = ctx;
    upstream_enter(u);
    if (upstream_fall_back(u, stream_error(u->link.stream))) {
        upstream_leave(u);
        return;
    }
    u->silent = why == STREAM_TIMEOUT;
    u->lost = !u->silent;
    upstream_fail(u, texts[why] ? texts[why] : stream_error(u->link.stream), NULL);
    upstream_leave(u);
}

bool upstream_body(struct upstream *u, struct slice bytes)
{
    if (u->failed)
        return false;
    stream_write_more(u->link.stream, bytes);
    return stream_ready(u->link.stream);
}

void upstream_body_end(struct upstream *u, struct slice last)
{
    if (u->failed || !stream_ready(u->link.stream))
        return;
    if (stream_has_input(u->link.stream)) { /* what came before the dot is no answer to it; a line that never ends must not hold us */
        stream_set_timeout(u->link.stream, u->backend->settings->reply_timeout_ms, u->backend->settings->reply_timeout_ms);
        return;
    }
    u->in_body = false;
    u->dot_sent = true;
    upstream_expect(u, UPSTREAM_DOT);
    stream_write_more(u->link.stream, last);
    stream_write(u->link.stream, SLICE(".\r\n"));
}

bool upstream_dot_sent(const struct upstream *u)
{
    return u->dot_sent;
}

bool upstream_is_own(const struct upstream *u)
{
    return u->link.own;
}

bool upstream_login_lost(const struct upstream *u)
{
    return u->login_lost;
}

bool upstream_identified(const struct upstream *u)
{
    return u->told;
}

bool upstream_lost(const struct upstream *u)
{
    return u->ready && u->lost;
}

bool upstream_busy(const struct upstream *u)
{
    return u->busy;
}

bool upstream_welcome(const struct upstream *u)
{
    bool worn = u->kept && (int64_t)u->link.messages >= u->backend->settings->pool.uses;
    return !u->server || (server_usable(u->server) && !worn);
}

unsigned upstream_server(const struct upstream *u)
{
    return u->server ? u->server->id : 0;
}

struct backend_offer upstream_offer(const struct upstream *u)
{
    struct backend_offer offer;
    if (u->server)
        return u->server->offer;
    backend_offer_of(u->backend, &offer);
    return offer;
}
