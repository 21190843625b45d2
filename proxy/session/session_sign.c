/* session_sign: puts our DKIM signatures on top of a message that is about to be sent.
 *
 * They cover it as the backend will get it: what is signed is read as what is sent (delivery_message.h). A large message is read a piece at
 * a time, so that other sessions go on meanwhile. */
#include "proxy/session/session_state.h"

#include "base/clock.h"

enum { BYTES_AT_ONCE = 512 * 1024 };

static bool is_wanted(const struct session *s)
{
    const struct signing_settings *signing = &s->settings->signing;
    if (signing->loaded_count == 0)
        return false;
    return s->mail.auth_user.len || s->listener->sign || (signing->clients && cidr_set_holds(signing->clients, &s->mail.client));
}

/* What is sent begins with them. */
static void put_on_top(struct session *s)
{
    struct tx *tx = s->tx;
    struct buf head = {0};
    buf_add(&head, tx->signatures.fields);
    buf_add(&head, tx->delivery.head);
    buf_release(&tx->head);
    tx->head = head;
    tx->delivery.head = buf_slice(&tx->head);
}

static void finish(struct session *s)
{
    tx_signing_finish(s->tx->signing, clock_unix_ms() / 1000, &s->tx->signatures);
    if (s->tx->signatures.fields.len)
        put_on_top(s);
}

/* Reads on for a while. True: it is done. */
static bool read_on(struct session *s)
{
    struct tx *tx = s->tx;
    size_t bytes = 0;
    bool more = true;
    while (more && bytes < BYTES_AT_ONCE) {
        struct slice piece;
        tx->spool_status = delivery_reader_next(&tx->reader, &piece);
        more = tx->spool_status == SPOOL_OK && tx_signing_feed(tx->signing, piece) && !delivery_reader_done(&tx->reader);
        bytes += piece.len;
    }
    if (!more && tx->spool_status == SPOOL_OK)
        finish(s);
    return !more;
}

/* Once others had theirs. */
static void next_turn(struct session *s)
{
    static const struct timeval now = {0, 0};
    evtimer_add(&s->signing, &now);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    if (read_on(s))
        session_wake(s);
    else
        next_turn(s);
}

void session_sign_init(struct session *s)
{
    evtimer_assign(&s->signing, s->worker->tools.base, on_turn, s);
}

void session_sign(struct session *s, session_step_fn after)
{
    struct tx *tx = s->tx;
    s->after = after;
    if (!is_wanted(s)) {
        after(s);
        return;
    }
    tx->signing = tx_signing_new(&s->settings->signing, s->tx_arena);
    delivery_reader_init(&tx->reader, &tx->delivery);
    if (read_on(s)) {
        after(s);
        return;
    }
    session_wait(s);
    next_turn(s);
}
