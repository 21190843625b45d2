/* session_chunk: BDAT (RFC 3030): a message in chunks of counted bytes.
 *
 * The bytes of a chunk are taken off the input whatever becomes of them, so that they can never pass for commands; a size that cannot
 * be read ends the session. The last chunk's answer is the message's. */
#include "proxy/session/session_state.h"

enum { LINGER_MS = 2000 };

/* Why this chunk is of no use, if it is of none. */
static struct tx_refusal find_refusal(const struct session *s)
{
    if (session_tls_missing(s))
        return (struct tx_refusal){530, "5.7.0", "Must issue a STARTTLS command first"};
    if (!s->greeted)
        return (struct tx_refusal){503, "5.5.1", "Say EHLO or HELO first"};
    if (!s->tx)
        return (struct tx_refusal){503, "5.5.1", "MAIL is needed first"};
    if (s->tx->mail.rcpt_count == 0)
        return (struct tx_refusal){554, "5.5.1", "No valid recipients"};
    return (struct tx_refusal){0};
}

/* A chunk that is part of a message has the message's deadline. */
static void take_chunk(struct session *s)
{
    s->state = SESSION_CHUNK;
    if (s->chunk.refusal.code)
        session_begin_step(s, s->settings->limits.data_ms);
}

static void after_data_phase(struct session *s)
{
    session_begin_data(s);
    take_chunk(s);
}

void session_bdat(struct session *s)
{
    s->chunk = (struct session_chunk){.left = s->command.chunk_size, .last = s->command.chunk_last, .size = s->command.chunk_size};
    if (s->chunk.left > (uint64_t)s->settings->limits.message_size) {
        session_reply(s, 552, "5.3.4", "Chunk is larger than any message may be, goodbye");
        session_end(s, LINGER_MS);
        return;
    }
    s->chunk.refusal = find_refusal(s);
    if (s->chunk.refusal.code || s->tx->in_data)
        take_chunk(s);
    else
        session_phase(s, CHAIN_DATA, after_data_phase);
}

static void feed_wire(struct session *s, struct slice wire)
{
    size_t taken;
    session_take_data(s, wire, &taken);
}

static void feed(struct session *s, struct slice rest)
{
    while (rest.len) {
        bool dot;
        struct slice run = smtp_chunk_next(&s->tx->chunk, &rest, &dot);
        if (dot)
            feed_wire(s, SLICE("."));
        feed_wire(s, run);
    }
}

/* The transaction is over; chunks that come behind this one are told so. */
static void refuse(struct session *s, const struct tx_refusal *r)
{
    session_reset(s);
    session_error(s, r->code, r->enhanced, r->text);
}

static void end_chunk(struct session *s)
{
    struct tx_refusal wrong = s->chunk.refusal;
    s->state = SESSION_COMMAND;
    session_end_step(s);
    if (!wrong.code && !s->chunk.last && tx_hopeless(s->tx))
        wrong = tx_unacceptable(s->tx, &s->settings->limits);
    if (wrong.code)
        refuse(s, &wrong);
    else if (s->chunk.last) {
        feed_wire(s, smtp_chunk_end(&s->tx->chunk));
        session_end_data(s);
    } else
        session_reply(s, 250, "2.0.0", arena_format(s->line_arena, "%llu octets received", (unsigned long long)s->chunk.size));
}

bool session_chunk_input(struct session *s)
{
    struct slice input = stream_peek(s->client);
    if (input.len > s->chunk.left)
        input.len = (size_t)s->chunk.left;
    if (!s->chunk.refusal.code)
        feed(s, input);
    stream_take(s->client, input.len);
    s->chunk.left -= input.len;
    if (s->chunk.left)
        return false;
    end_chunk(s);
    return true;
}
