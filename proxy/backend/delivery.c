/* delivery: see delivery.h. */
#include "proxy/backend/delivery.h"

enum { PIECE_MAX = 64 * 1024 };

struct delivery {
    struct backend *backend;
    const struct mail_session *client;
    const struct delivery_handler *handler;
    void *ctx;
    struct upstream *upstream;
    const struct mail_transaction *tx;      /* while the backend holds, or should hold, an envelope */
    bool mail_given;                        /* MAIL was sent on this connection in this transaction */
    struct smtp_reply refusal;              /* of MAIL; code 0: not refused */
    bool rcpt_waits;                        /* the client waits for the answer to RCPT */
    const struct delivery_message *message; /* the client waits for the answer to the message */
    bool replayed;
    size_t replay_due; /* RCPT replies outstanding in a replay */
    bool replay_refused;
    size_t head_sent;
    uint64_t offset; /* into the spool */
    const struct message_range *skip;
};

static void on_reply(void *ctx, enum upstream_step step, const struct smtp_reply *reply);
static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply);
static void send_body(void *ctx);

static const struct upstream_handler upstream_handler = {on_reply, send_body, on_failed};

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

static void drop_connection(struct delivery *d)
{
    upstream_close(&d->upstream);
    d->mail_given = false;
}

static void forget_transaction(struct delivery *d)
{
    d->tx = NULL;
    d->mail_given = false;
    d->refusal = (struct smtp_reply){0};
    d->rcpt_waits = false;
    d->message = NULL;
    d->replayed = d->replay_refused = false;
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
    forget_transaction(d);
    drop_connection(d);
}

/* Our MAIL parameters, less those that this connection's server did not offer. */
static void add_mail_params(struct buf *line, const struct mail_path *sender, const struct backend_offer *offer)
{
    struct slice rest = sender->params, param;
    while (rest.len && slice_split(&rest, ' ', &param)) {
        if (slice_starts_nocase(param, SLICE("SIZE=")) && !offer->size)
            continue;
        buf_add_byte(line, ' ');
        buf_add(line, param);
    }
}

static void give_mail(struct delivery *d)
{
    struct buf line = {0};
    buf_add_text(&line, "MAIL FROM:<");
    buf_add(&line, d->tx->sender.text);
    buf_add_byte(&line, '>');
    add_mail_params(&line, &d->tx->sender, &d->backend->offer);
    upstream_command(d->upstream, UPSTREAM_MAIL, buf_slice(&line));
    buf_release(&line);
    d->mail_given = true;
}

static void give_rcpt(struct delivery *d, const struct mail_path *rcpt)
{
    struct buf line = {0};
    buf_add_text(&line, "RCPT TO:<");
    buf_add(&line, rcpt->text);
    buf_add_byte(&line, '>');
    if (rcpt->params.len)
        buf_add_byte(&line, ' ');
    buf_add(&line, rcpt->params);
    upstream_command(d->upstream, UPSTREAM_RCPT, buf_slice(&line));
    buf_release(&line);
}

static void connect_backend(struct delivery *d)
{
    if (!d->upstream)
        d->upstream = upstream_open(d->backend, d->client, &upstream_handler, d);
}

/* Gives MAIL and the recipients accepted so far again, on a new connection. */
static void replay_envelope(struct delivery *d)
{
    d->replayed = true;
    d->replay_refused = false;
    d->replay_due = d->tx->rcpt_count;
    connect_backend(d);
    give_mail(d);
    for (size_t i = 0; i < d->tx->rcpt_count; i++)
        give_rcpt(d, &d->tx->rcpts[i]);
}

void delivery_rcpt(struct delivery *d, const struct mail_transaction *tx)
{
    d->tx = tx;
    d->rcpt_waits = true;
    if (d->refusal.code) {
        d->rcpt_waits = false;
        d->handler->rcpt_answered(d->ctx, &d->refusal);
        return;
    }
    connect_backend(d);
    if (!d->mail_given && tx->rcpt_count)
        replay_envelope(d);
    else if (!d->mail_given)
        give_mail(d);
    give_rcpt(d, &tx->rcpt);
}

static void start_message(struct delivery *d)
{
    d->head_sent = 0;
    d->offset = 0;
    d->skip = d->message->skip;
    upstream_command(d->upstream, UPSTREAM_DATA, SLICE("DATA"));
}

void delivery_send(struct delivery *d, const struct mail_transaction *tx, const struct delivery_message *message)
{
    d->tx = tx;
    d->message = message;
    if (d->upstream)
        start_message(d);
    else
        replay_envelope(d);
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
    if (!d->rcpt_waits && !d->message)
        return;
    d->rcpt_waits = false;
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
    if (!d->rcpt_waits)
        return;
    d->rcpt_waits = false;
    d->handler->rcpt_answered(d->ctx, reply);
}

/* A server that answers in a class that makes no sense here must not be believed in anything. */
static void distrust(struct delivery *d, enum delivery_failure failure)
{
    drop_connection(d);
    give_up(d, failure, "backend sent a reply of the wrong class");
}

static void keep_refusal(struct delivery *d, const struct smtp_reply *reply)
{
    d->refusal.code = reply->code;
    d->refusal.count = reply->count;
    d->refusal.lines = arena_alloc(d->tx->arena, reply->count * sizeof *d->refusal.lines);
    for (size_t i = 0; i < reply->count; i++)
        d->refusal.lines[i] = arena_copy(d->tx->arena, reply->lines[i]);
}

static void after_mail(struct delivery *d, const struct smtp_reply *reply)
{
    if (reply->code / 100 == 3)
        distrust(d, DELIVERY_UNAVAILABLE);
    else if (reply->code / 100 != 2)
        keep_refusal(d, reply);
}

static void after_replayed_rcpt(struct delivery *d, const struct smtp_reply *reply)
{
    if (reply->code / 100 != 2)
        d->replay_refused = true;
    if (--d->replay_due)
        return;
    if (d->replay_refused || d->refusal.code) {
        drop_connection(d);
        give_up(d, DELIVERY_UNAVAILABLE, "backend refused on a new connection what it had accepted");
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
    if (!d->tx) /* the client's transaction ended before the answer came */
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

/* A refusal that speaks of the message or the envelope is the client's answer; a 421 speaks of the connection. */
static bool is_answer(const struct smtp_reply *reply)
{
    return reply && reply->code >= 400 && reply->code != 421;
}

static void on_failed(void *ctx, const char *why, const struct smtp_reply *reply)
{
    struct delivery *d = ctx;
    bool unconfirmed = upstream_dot_sent(d->upstream);
    drop_connection(d);
    if (!d->tx || (!d->message && !d->rcpt_waits))
        return;
    if (unconfirmed)
        give_up(d, DELIVERY_UNCONFIRMED, why);
    else if (is_answer(reply) && d->message)
        answer_message(d, reply);
    else if (is_answer(reply))
        answer_rcpt(d, reply);
    else if (d->message && !d->replayed)
        replay_envelope(d);
    else
        give_up(d, DELIVERY_UNAVAILABLE, why);
}

/* The next bytes of the message; empty at its end. Steps over what is to be left out. */
static enum spool_status next_piece(struct delivery *d, struct slice *piece)
{
    const struct delivery_message *m = d->message;
    if (d->head_sent < m->head.len) {
        *piece = slice_skip(m->head, d->head_sent);
        d->head_sent = m->head.len;
        return SPOOL_OK;
    }
    while (d->skip && d->skip->offset <= d->offset) {
        if (d->skip->offset + d->skip->length > d->offset)
            d->offset = d->skip->offset + d->skip->length;
        d->skip = d->skip->next;
    }
    uint64_t room = d->skip ? d->skip->offset - d->offset : PIECE_MAX;
    enum spool_status status = spool_read(m->spool, d->offset, room < PIECE_MAX ? (size_t)room : PIECE_MAX, piece);
    d->offset += piece->len;
    return status;
}

static bool all_sent(const struct delivery *d)
{
    return d->head_sent == d->message->head.len && d->offset >= spool_size(d->message->spool);
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
        if (next_piece(d, &piece) != SPOOL_OK) {
            abandon(d, DELIVERY_SPOOL, "spool could not be read");
            return;
        }
        if (all_sent(d)) {
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
