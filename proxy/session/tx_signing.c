/* tx_signing: see tx_signing.h. Pure.
 *
 * What it is fed is read as what the client sends: the same reader finds the same fields, and leaves out the same dots. */
#include "proxy/session/tx_signing.h"

#include "filters/dmarc/from_parser.h"
#include "filters/domain_name.h"
#include "proxy/smtp/message.h"
#include "proxy/smtp/smtp_data.h"

struct tx_signing {
    const struct signing_settings *settings;
    struct arena *arena;
    struct smtp_data data;
    struct message message;
    struct signer *signer;
    struct slice from; /* the value of the first From */
    size_t from_count;
    struct slice domain;      /* whose keys sign */
    const char *unsigned_why; /* NULL: nothing speaks against it so far */
    bool failed;
};

static void on_field(void *ctx, const struct mail_header *field)
{
    struct tx_signing *t = ctx;
    signer_add_field(t->signer, field);
    if (slice_eq_nocase(field->name, SLICE("From")) && t->from_count++ == 0)
        t->from = arena_copy(t->arena, field->value);
}

/* The keys' domain that is the author's, or the nearest one above it; empty: there is none. */
static struct slice find_domain(const struct signing_settings *s, struct slice author)
{
    struct slice best = {"", 0};
    for (size_t i = 0; i < s->loaded_count; i++)
        if (domain_name_is_within(author, s->loaded[i]->domain) && s->loaded[i]->domain.len > best.len)
            best = s->loaded[i]->domain;
    return best;
}

static void on_header_end(void *ctx)
{
    struct tx_signing *t = ctx;
    struct from_author author = {.error = "none"};
    if (t->from_count == 1)
        from_parse(t->from, t->arena, &author);
    if (t->message.malformed)
        t->unsigned_why = "the header section is malformed";
    else if (author.error)
        t->unsigned_why = "the message has no single author";
    else
        t->domain = find_domain(t->settings, author.domain);
    if (!t->unsigned_why && t->domain.len == 0)
        t->unsigned_why = "there is no key for the author's domain";
}

struct tx_signing *tx_signing_new(const struct signing_settings *settings, struct arena *arena)
{
    struct tx_signing *t = arena_alloc(arena, sizeof *t);
    t->settings = settings;
    t->arena = arena;
    t->signer = signer_new(&settings->options, arena);
    t->failed = !t->signer;
    smtp_data_init(&t->data, SMTP_NEWLINE_REJECT, 0);
    message_init(&t->message, arena, NULL, SIZE_MAX, SIZE_MAX, on_field, on_header_end, t);
    return t;
}

static bool is_over(const struct tx_signing *t)
{
    return t->failed || t->unsigned_why;
}

bool tx_signing_feed(struct tx_signing *t, struct slice wire)
{
    struct smtp_data_run run = {.consumed = 1};
    while (run.consumed && !run.end && !is_over(t)) {
        run = smtp_data_next(&t->data, wire);
        wire = slice_skip(wire, run.consumed);
        struct slice body = message_feed(&t->message, run.wire, run.text);
        if (!is_over(t))
            signer_add_body(t->signer, body);
    }
    return !is_over(t);
}

static void name_key(struct buf *names, const struct signing_key *key)
{
    buf_add_format(names, "%s%.*s/%.*s", names->len ? ", " : "", SLICE_FMT(key->domain), SLICE_FMT(key->selector));
}

static void sign(struct tx_signing *t, int64_t unix_s, struct tx_signatures *out)
{
    struct buf fields = {0}, names = {0};
    t->failed = !signer_end(t->signer);
    for (size_t i = 0; i < t->settings->loaded_count && !t->failed; i++) {
        const struct signing_key *key = t->settings->loaded[i];
        if (!slice_eq(key->domain, t->domain))
            continue;
        t->failed = !signer_sign(t->signer, key, unix_s, &fields);
        name_key(&names, key);
    }
    if (!t->failed) {
        out->fields = arena_copy(t->arena, buf_slice(&fields));
        out->names = arena_copy(t->arena, buf_slice(&names));
    }
    buf_release(&fields);
    buf_release(&names);
}

void tx_signing_finish(struct tx_signing *t, int64_t unix_s, struct tx_signatures *out)
{
    *out = (struct tx_signatures){.fields = SLICE(""), .names = SLICE("")};
    if (tx_signing_feed(t, SLICE(".\r\n"))) {
        struct slice rest = message_finish(&t->message);
        if (!is_over(t))
            signer_add_body(t->signer, rest);
    }
    if (!is_over(t))
        sign(t, unix_s, out);
    out->failed = t->failed;
    out->unsigned_why = t->failed ? "the crypto library failed" : t->unsigned_why;
}
