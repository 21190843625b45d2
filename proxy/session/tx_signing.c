/* tx_signing: see tx_signing.h. Pure but for the library's clock.
 *
 * What it is fed is read as what the client sends: the same reader finds the same fields, and leaves out the same dots. */
#include "proxy/session/tx_signing.h"

#include "filters/dmarc/from_parser.h"
#include "filters/domain_name.h"
#include "proxy/smtp/message.h"
#include "proxy/smtp/smtp_data.h"

struct kept_field {
    struct slice raw;
    struct kept_field *next;
};

struct tx_signing {
    const struct signing_settings *settings;
    struct arena *arena;
    struct smtp_data data;
    struct message message;
    struct kept_field *fields, **fields_last; /* of the header, until the author is known */
    struct slice from;
    size_t from_count;
    const struct signing_key **keys;
    struct signer **signers;
    size_t count;
    const char *unsigned_why; /* NULL: nothing speaks against it so far */
    bool failed;
};

static void on_field(void *ctx, const struct mail_header *field)
{
    struct tx_signing *t = ctx;
    struct kept_field *kept = arena_alloc(t->arena, sizeof *kept);
    kept->raw = arena_copy(t->arena, field->raw);
    *t->fields_last = kept;
    t->fields_last = &kept->next;
    if (slice_eq_nocase(field->name, SLICE("From")) && t->from_count++ == 0)
        t->from = slice_skip(kept->raw, (size_t)(field->value.ptr - field->raw.ptr));
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

static void choose_keys(struct tx_signing *t, struct slice domain)
{
    const struct signing_settings *s = t->settings;
    t->keys = arena_alloc(t->arena, s->loaded_count * sizeof *t->keys);
    t->signers = arena_alloc(t->arena, s->loaded_count * sizeof *t->signers);
    for (size_t i = 0; i < s->loaded_count && domain.len; i++)
        if (slice_eq(s->loaded[i]->domain, domain))
            t->keys[t->count++] = s->loaded[i];
}

static bool add_header(struct tx_signing *t, struct signer *signer)
{
    for (const struct kept_field *f = t->fields; f; f = f->next)
        if (!signer_add_field(signer, f->raw))
            return false;
    return signer_end_header(signer);
}

static void start_signers(struct tx_signing *t)
{
    for (size_t i = 0; i < t->count && !t->failed; i++) {
        t->signers[i] = signer_new(t->settings->library, t->keys[i], t->arena);
        t->failed = !t->signers[i] || !add_header(t, t->signers[i]);
    }
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
        choose_keys(t, find_domain(t->settings, author.domain));
    if (!t->unsigned_why && t->count == 0)
        t->unsigned_why = "there is no key for the author's domain";
    start_signers(t);
}

struct tx_signing *tx_signing_new(const struct signing_settings *settings, struct arena *arena)
{
    struct tx_signing *t = arena_alloc(arena, sizeof *t);
    t->settings = settings;
    t->arena = arena;
    t->fields_last = &t->fields;
    smtp_data_init(&t->data, SMTP_NEWLINE_REJECT, 0);
    message_init(&t->message, arena, NULL, SIZE_MAX, SIZE_MAX, on_field, on_header_end, t);
    return t;
}

static bool is_over(const struct tx_signing *t)
{
    return t->failed || t->unsigned_why;
}

static void add_body(struct tx_signing *t, struct slice bytes)
{
    for (size_t i = 0; i < t->count && !t->failed; i++)
        t->failed = !signer_add_body(t->signers[i], bytes);
}

bool tx_signing_feed(struct tx_signing *t, struct slice wire)
{
    struct smtp_data_run run = {.consumed = 1};
    while (run.consumed && !run.end && !is_over(t)) {
        run = smtp_data_next(&t->data, wire);
        wire = slice_skip(wire, run.consumed);
        struct slice body = message_feed(&t->message, run.wire, run.text);
        if (!is_over(t))
            add_body(t, body);
    }
    return !is_over(t);
}

static void name_key(struct buf *names, const struct signing_key *key)
{
    buf_add_format(names, "%s%.*s/%.*s", names->len ? ", " : "", SLICE_FMT(key->domain), SLICE_FMT(key->selector));
}

static void finish_signers(struct tx_signing *t, struct tx_signatures *out)
{
    struct buf fields = {0}, names = {0};
    for (size_t i = 0; i < t->count && !t->failed; i++) {
        t->failed = !signer_finish(t->signers[i], &fields);
        name_key(&names, t->keys[i]);
    }
    if (!t->failed) {
        out->fields = arena_copy(t->arena, buf_slice(&fields));
        out->names = arena_copy(t->arena, buf_slice(&names));
    }
    buf_release(&fields);
    buf_release(&names);
}

void tx_signing_finish(struct tx_signing *t, struct tx_signatures *out)
{
    *out = (struct tx_signatures){.fields = SLICE(""), .names = SLICE("")};
    if (tx_signing_feed(t, SLICE(".\r\n"))) {
        struct slice rest = message_finish(&t->message);
        if (!is_over(t))
            add_body(t, rest);
    }
    if (!is_over(t))
        finish_signers(t, out);
    out->failed = t->failed;
    out->unsigned_why = t->failed ? "the DKIM library failed" : t->unsigned_why;
}
