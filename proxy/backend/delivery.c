/* delivery: see delivery.h. */
#include "proxy/backend/delivery.h"

struct delivery {
    struct backend *backend;
    const struct mail_session *client;
    const struct delivery_handler *handler;
    void *ctx;
    struct upstream *upstream;
    const struct delivery_envelope *envelope; /* while the backend holds, or should hold, one */
    bool mail_given;                          /* MAIL was sent on this connection in this transaction */
    size_t held;                              /* mailboxes that the backend has accepted on this connection */
    struct smtp_reply refusal;                /* of MAIL; code 0: not refused */
    bool auth_waits;                          /* the client waits for the answer to AUTH */
    bool login_lost;
    const struct delivery_mailbox *rcpt;    /* the client waits for the answer to RCPT with it; NULL: it does not */
    unsigned lost;                          /* the id of the server whose connection was lost; 0: none */
    const struct delivery_message *message; /* the client waits for the answer to the message */
    bool replayed;
    size_t replay_due;             /* RCPT replies outstanding in a replay */
    const char *replay_refused;    /* why nothing can be sent after the replay, or NULL */
    bool mailbox_refused;          /* because the backend refused one that the policy chose */
    struct delivery_reader reader; /* of the message */
};

static void on_reply(void *ctx, enum upstream_step step, const struct smtp_reply *reply);
static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply);
static void send_body(void *ctx);
static bool is_wanted(void *ctx);

static const struct upstream_handler upstream_handler = {on_reply, send_body, is_wanted, on_failed};

struct delivery *delivery_new(struct arena *arena, struct backend *backend, const struct mail_session *client,
                              const struct delivery_handler *handler, void *ctx)
{
    struct delivery *d = arena_alloc(arena, sizeof *d);
    d->backend = backend;
    d->client = client;
    d->handler = handler;
    d->ctx = ctx;
    return d;
}

static bool is_wanted(void *ctx)
{
    struct delivery *d = ctx;
    return d->handler->wanted(d->ctx);
}

static void drop_connection(struct delivery *d)
{
    upstream_drop(&d->upstream);
    d->mail_given = false;
}

static void forget_transaction(struct delivery *d)
{
    d->envelope = NULL;
    d->mail_given = false;
    d->refusal = (struct smtp_reply){0};
    d->rcpt = NULL;
    d->message = NULL;
    d->replayed = false;
    d->lost = 0;
    d->replay_due = 0;
}

bool delivery_dot_sent(const struct delivery *d)
{
    return d->upstream && upstream_dot_sent(d->upstream);
}

void delivery_forget_client(struct delivery *d)
{
    if (d->upstream && upstream_identified(d->upstream))
        delivery_close(d);
}

void delivery_close(struct delivery *d)
{
    bool clean = !d->mail_given;
    forget_transaction(d);
    d->auth_waits = false;
    if (clean)
        upstream_close(&d->upstream);
    drop_connection(d);
}

void delivery_choose(struct delivery *d, struct backend *backend)
{
    if (d->backend == backend)
        return;
    if (!d->mail_given)
        upstream_close(&d->upstream);
    drop_connection(d);
    d->refusal = (struct smtp_reply){0};
    d->replayed = false;
    d->lost = 0;
    d->backend = backend;
}

static void keep_refusal(struct delivery *d, const struct smtp_reply *reply)
{
    d->refusal.code = reply->code;
    d->refusal.count = reply->count;
    d->refusal.lines = arena_alloc(d->envelope->arena, reply->count * sizeof *d->refusal.lines);
    for (size_t i = 0; i < reply->count; i++)
        d->refusal.lines[i] = arena_copy(d->envelope->arena, reply->lines[i]);
}

/* The parameters, less those that this server does not take. */
static void add_params(struct delivery *d, struct buf *line, struct slice params)
{
    const struct backend_offer theirs = upstream_offer(d->upstream);
    struct smtp_offer offer = backend_offer_parameters(&theirs);
    bool lost;
    struct slice fitting = smtp_params_fit(params, &offer, d->envelope->arena, &lost);
    if (lost && !d->refusal.code)
        keep_refusal(d, &(struct smtp_reply){451, 1, &SLICE("4.3.2 Mail system offers less than before, please try again later")});
    if (fitting.len)
        buf_add_byte(line, ' ');
    buf_add(line, fitting);
}

static void give_path(struct delivery *d, enum upstream_step step, const char *verb, const struct mail_path *path)
{
    struct buf line = {0};
    buf_add_text(&line, verb);
    buf_add(&line, path->text);
    buf_add_byte(&line, '>');
    add_params(d, &line, path->params);
    upstream_command(d->upstream, step, buf_slice(&line));
    buf_release(&line);
}

static void give_mail(struct delivery *d)
{
    give_path(d, UPSTREAM_MAIL, "MAIL FROM:<", &d->envelope->sender);
    d->mail_given = true;
    d->held = 0;
}

static void give_rcpt(struct delivery *d, const struct mail_path *rcpt)
{
    give_path(d, UPSTREAM_RCPT, "RCPT TO:<", rcpt);
}

static void connect_backend(struct delivery *d)
{
    if (d->upstream && !d->mail_given && !upstream_welcome(d->upstream) && d->client->auth_user.len == 0)
        upstream_close(&d->upstream);
    if (!d->upstream)
        d->upstream = upstream_open(d->backend, d->client, d->lost, &upstream_handler, d);
}

void delivery_authenticate(struct delivery *d, struct slice line)
{
    if (!d->upstream || !upstream_is_own(d->upstream)) /* in the middle of an exchange no other one would do */
        connect_backend(d);
    d->auth_waits = true;
    upstream_command(d->upstream, UPSTREAM_AUTH, line);
}

bool delivery_connected(const struct delivery *d)
{
    return d->upstream != NULL;
}

bool delivery_login_lost(const struct delivery *d)
{
    return d->login_lost;
}

static void give_envelope(struct delivery *d)
{
    const struct delivery_envelope *e = d->envelope;
    d->replay_refused = NULL;
    d->mailbox_refused = false;
    d->replay_due = e->count;
    give_mail(d);
    for (size_t i = 0; i < e->count; i++)
        give_rcpt(d, &e->rcpts[i].path);
    d->held = e->count;
}

/* On a new connection. */
static void replay_envelope(struct delivery *d)
{
    d->replayed = true;
    connect_backend(d);
    give_envelope(d);
}

/* On the same connection: in place of the envelope that the backend holds. */
static void change_envelope(struct delivery *d)
{
    upstream_command(d->upstream, UPSTREAM_RSET, SLICE("RSET"));
    give_envelope(d);
}

void delivery_offer(struct delivery *d, const struct delivery_envelope *envelope, const struct delivery_mailbox *mailbox)
{
    d->envelope = envelope;
    d->rcpt = mailbox;
    if (d->refusal.code) {
        d->rcpt = NULL;
        d->handler->rcpt_answered(d->ctx, &d->refusal);
        return;
    }
    connect_backend(d);
    if (!d->mail_given && envelope->count)
        replay_envelope(d);
    else if (!d->mail_given)
        give_mail(d);
    give_rcpt(d, &mailbox->path);
}

bool delivery_sender_refused(const struct delivery *d)
{
    return d->refusal.code != 0;
}

static void start_message(struct delivery *d)
{
    delivery_reader_init(&d->reader, d->message);
    upstream_command(d->upstream, UPSTREAM_DATA, SLICE("DATA"));
}

void delivery_send(struct delivery *d, const struct delivery_envelope *envelope, const struct delivery_message *message)
{
    d->envelope = envelope;
    d->message = message;
    if (!d->upstream)
        replay_envelope(d);
    else if (envelope->changed)
        change_envelope(d);
    else
        start_message(d);
}

void delivery_reset(struct delivery *d)
{
    bool envelope = d->mail_given;
    forget_transaction(d);
    if (d->upstream && envelope)
        upstream_command(d->upstream, UPSTREAM_RSET, SLICE("RSET"));
}

/* Tells the client's side that there will be no answer. */
static void give_up(struct delivery *d, enum delivery_failure failure, const char *why)
{
    if (!d->rcpt && !d->message && !d->auth_waits)
        return;
    d->rcpt = NULL;
    d->auth_waits = false;
    d->message = NULL;
    d->handler->failed(d->ctx, failure, why);
}

static void answer_message(struct delivery *d, const struct smtp_reply *reply)
{
    d->message = NULL;
    d->handler->message_answered(d->ctx, reply);
}

static void answer_rcpt(struct delivery *d, const struct smtp_reply *reply)
{
    if (!d->rcpt)
        return;
    d->rcpt = NULL;
    d->held += reply->code / 100 == 2;
    d->handler->rcpt_answered(d->ctx, reply);
}

/* A server that answers in a class that makes no sense here must not be believed in anything. */
static void distrust(struct delivery *d, enum delivery_failure failure)
{
    drop_connection(d);
    give_up(d, failure, "backend sent a reply of the wrong class");
}

static void after_mail(struct delivery *d, const struct smtp_reply *reply)
{
    if (reply->code / 100 == 3)
        distrust(d, DELIVERY_UNAVAILABLE);
    else if (reply->code / 100 != 2)
        keep_refusal(d, reply);
}

/* The recipients are answered in the order in which they were given. */
static void note_replayed(struct delivery *d, const struct smtp_reply *reply)
{
    const struct delivery_envelope *e = d->envelope;
    const struct delivery_mailbox *mailbox = &e->rcpts[e->count - d->replay_due];
    if ((reply->code / 100 == 2 && !d->refusal.code) || d->mailbox_refused)
        return;
    d->mailbox_refused = mailbox->chosen && !d->refusal.code;
    d->replay_refused = "backend refused, when the envelope was given again, what it had accepted";
    if (d->mailbox_refused)
        d->replay_refused = arena_format(e->arena, "backend refused <%.*s>, which the policy chose: %d %.*s", SLICE_FMT(mailbox->path.text),
                                         reply->code, SLICE_FMT(reply->lines[0]));
}

static void after_replayed_rcpt(struct delivery *d, const struct smtp_reply *reply)
{
    note_replayed(d, reply);
    if (--d->replay_due)
        return;
    if (d->replay_refused) {
        drop_connection(d);
        give_up(d, d->mailbox_refused ? DELIVERY_MAILBOX : DELIVERY_UNAVAILABLE, d->replay_refused);
    } else if (d->message)
        start_message(d);
}

static void after_rcpt(struct delivery *d, const struct smtp_reply *reply)
{
    if (d->replay_due)
        after_replayed_rcpt(d, reply);
    else if (d->refusal.code)
        answer_rcpt(d, &d->refusal);
    else if (reply->code / 100 == 3)
        distrust(d, DELIVERY_UNAVAILABLE);
    else
        answer_rcpt(d, reply);
}

static void after_data(struct delivery *d, const struct smtp_reply *reply)
{
    if (reply->code / 100 == 3)
        send_body(d);
    else if (reply->code / 100 == 2)
        distrust(d, DELIVERY_UNAVAILABLE);
    else
        answer_message(d, reply);
}

static void after_dot(struct delivery *d, const struct smtp_reply *reply)
{
    d->mail_given = false; /* the backend's transaction is over, whatever it answered */
    if (reply->code / 100 == 3)
        distrust(d, DELIVERY_UNCONFIRMED);
    else
        answer_message(d, reply);
}

static void on_reply(void *ctx, enum upstream_step step, const struct smtp_reply *reply)
{
    struct delivery *d = ctx;
    if (step == UPSTREAM_AUTH && d->auth_waits) {
        d->auth_waits = false;
        d->handler->auth_answered(d->ctx, reply);
        return;
    }
    if (!d->envelope) /* the client's transaction ended before the answer came */
        return;
    switch (step) {
    case UPSTREAM_MAIL:
        after_mail(d, reply);
        break;
    case UPSTREAM_RCPT:
        after_rcpt(d, reply);
        break;
    case UPSTREAM_DATA:
        after_data(d, reply);
        break;
    case UPSTREAM_DOT:
        after_dot(d, reply);
        break;
    default:
        break;
    }
}

/* All that the backend had accepted, and what the client waits for. (Where it has accepted a mailbox for a recipient that is not accepted
 * as a whole yet, the envelope does not tell all of it: then nothing is replayed.) A server that was silent has taken its time already: a
 * second one could take more than the client has. */
static void replay(struct delivery *d)
{
    replay_envelope(d);
    if (d->rcpt)
        give_rcpt(d, &d->rcpt->path);
}

/* A refusal that speaks of the message or the envelope is the client's answer; a 421 speaks of the connection. */
static bool is_answer(const struct smtp_reply *reply)
{
    return reply && reply->code >= 400 && reply->code != 421;
}

static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply)
{
    struct delivery *d = ctx;
    bool unconfirmed = upstream_dot_sent(d->upstream), busy = upstream_busy(d->upstream);
    bool lost = upstream_lost(d->upstream);
    d->lost = upstream_server(d->upstream);
    d->login_lost = upstream_login_lost(d->upstream);
    drop_connection(d);
    if (d->auth_waits) {
        give_up(d, busy ? DELIVERY_BUSY : DELIVERY_UNAVAILABLE, why);
        return;
    }
    if (!d->envelope || (!d->message && !d->rcpt))
        return;
    if (unconfirmed)
        give_up(d, DELIVERY_UNCONFIRMED, why);
    else if (is_answer(reply) && d->message)
        answer_message(d, reply);
    else if (is_answer(reply))
        answer_rcpt(d, reply);
    else if ((d->message || (lost && d->held == d->envelope->count)) && !d->replayed && !busy)
        replay(d);
    else
        give_up(d, busy ? DELIVERY_BUSY : DELIVERY_UNAVAILABLE, why);
}

/* Before the dot: the connection is dropped without one, so the backend commits nothing. */
static void abandon(struct delivery *d, enum delivery_failure failure, const char *why)
{
    drop_connection(d);
    give_up(d, failure, why);
}

static void send_body(void *ctx)
{
    struct delivery *d = ctx;
    struct slice piece;
    while (d->message) {
        if (delivery_reader_next(&d->reader, &piece) != SPOOL_OK) {
            abandon(d, DELIVERY_SPOOL, "spool could not be read");
            return;
        }
        if (delivery_reader_done(&d->reader)) {
            if (d->handler->wanted(d->ctx))
                upstream_body_end(d->upstream, piece);
            else
                abandon(d, DELIVERY_ABANDONED, "client went away");
            return;
        }
        if (!upstream_body(d->upstream, piece))
            return;
    }
}
