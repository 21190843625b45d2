/* engine_strict: DKIM by our own code over OpenSSL's hashes and keys (RFC 6376 §6). See dkim_engine.h.
 *
 * The body is put into each canonical form once and hashed once, whatever the number of signatures; parsed keys are kept for the life
 * of the worker. Where the RFC leaves a choice: times may differ by SIGNATURE_CLOCK_DRIFT; a signature whose body hash does not match
 * is not checked further; a message without From is not looked at. */
#include "filters/dkim/dkim_engine.h"
#include "filters/dkim/signature_field.h"
#include "filters/signature/body_hash.h"
#include "filters/signature/header_hash.h"
#include "filters/signature/public_key.h"

enum { B_SHOWN_MIN = 8 };

struct entry {
    struct signature_field read;
    size_t field; /* its index among the message's */
};

struct strict_run {
    struct arena *arena;
    struct verifier_options options;
    struct header_fields fields;
    size_t *seen; /* indices of the first max_signatures signature fields */
    struct entry *entries;
    size_t malformed;
    bool failed;                 /* the crypto library */
    struct body_hash *bodies[2]; /* simple, relaxed; NULL: no signature is over it */
    struct digest *digest;
    struct verifier_report report;
};

static void *start(struct arena *arena, const struct verifier_options *options)
{
    struct strict_run *run = arena_alloc(arena, sizeof *run);
    run->arena = arena;
    run->options = *options;
    run->fields.arena = arena;
    run->report.reason = "";
    return run;
}

/* ---- the header section ---- */

static void add_header(void *state, const struct mail_header *header)
{
    struct strict_run *run = state;
    size_t max = (size_t)run->options.max_signatures;
    header_fields_add(&run->fields, header);
    if (!slice_eq_nocase(header->name, SLICE("DKIM-Signature")))
        return;
    if (!run->seen)
        run->seen = arena_alloc(run->arena, max * sizeof *run->seen);
    if (run->report.fields < max)
        run->seen[run->report.fields] = run->fields.count - 1;
    run->report.fields++;
}

static void want_body(struct strict_run *run, const struct signature_field *read)
{
    struct body_hash **body = &run->bodies[read->body_relaxed];
    if (!*body)
        *body = body_hash_new(run->arena, read->body_relaxed);
    if (!*body || (read->has_length && !body_hash_want(*body, read->length)))
        run->failed = true;
}

static void show(const struct signature_field *read, struct dkim_signature *out)
{
    *out = (struct dkim_signature){.result = read->result,
                                   .reason = read->reason,
                                   .domain = read->domain,
                                   .d = slice_first(read->d, DKIM_TEXT_MAX),
                                   .s = slice_first(read->s, DKIM_TEXT_MAX),
                                   .a = slice_first(read->a, DKIM_TEXT_MAX)};
}

static size_t common_length(struct slice a, struct slice b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

/* RFC 6008 §4: of b= as much as tells it from the others, at least eight letters. */
static void show_b(struct strict_run *run, size_t i)
{
    struct slice b = run->entries[i].read.b;
    size_t len = B_SHOWN_MIN;
    for (size_t j = 0; j < run->report.count; j++) {
        size_t common = j == i ? 0 : common_length(b, run->entries[j].read.b);
        len = common >= len ? common + 1 : len;
    }
    run->report.signatures[i].b = slice_first(b, len < DKIM_B_SHOWN ? len : DKIM_B_SHOWN);
}

static void read_signature(struct strict_run *run, size_t field, uint64_t now)
{
    struct entry *entry = &run->entries[run->report.count];
    entry->field = field;
    if (!signature_field_read(run->fields.fields[field].value, now, run->arena, &entry->read)) {
        run->malformed++;
        return;
    }
    show(&entry->read, &run->report.signatures[run->report.count++]);
    if (entry->read.result == DKIM_IS_NONE)
        want_body(run, &entry->read);
}

static size_t end_headers(void *state, uint64_t now)
{
    struct strict_run *run = state;
    size_t keys = 0, seen = run->report.fields, max = (size_t)run->options.max_signatures;
    if (seen == 0 || header_fields_count(&run->fields, SLICE("From")) == 0)
        return 0;
    seen = seen < max ? seen : max;
    run->entries = arena_alloc(run->arena, seen * sizeof *run->entries);
    run->report.signatures = arena_alloc(run->arena, seen * sizeof *run->report.signatures);
    for (size_t i = 0; i < seen; i++)
        read_signature(run, run->seen[i], now);
    for (size_t i = 0; i < run->report.count; i++) {
        show_b(run, i);
        keys += run->entries[i].read.result == DKIM_IS_NONE;
    }
    return keys;
}

static void look_up_keys(void *state, struct dns_view *view)
{
    struct strict_run *run = state;
    for (size_t i = 0; i < run->report.count; i++)
        if (run->entries[i].read.result == DKIM_IS_NONE)
            dns_view_find(view, run->entries[i].read.key_name, DNS_TYPE_TXT);
}

/* ---- the body ---- */

static void add_body(void *state, struct slice chunk)
{
    struct strict_run *run = state;
    for (size_t i = 0; i < 2 && !run->failed; i++)
        if (run->bodies[i])
            body_hash_add(run->bodies[i], chunk);
}

/* ---- judging ---- */

static void conclude(struct dkim_signature *sig, enum dkim_result result, const char *reason)
{
    sig->result = result;
    sig->reason = reason;
}

static const char *body_hash_of(const struct strict_run *run, const struct signature_field *read)
{
    const struct body_hash *body = run->bodies[read->body_relaxed];
    return read->has_length ? body_hash_first(body, read->length) : body_hash_whole(body);
}

static bool matches(struct strict_run *run, const struct entry *entry, const struct public_key *key)
{
    const struct header_signature over = {
        .field = entry->field, .h = entry->read.h, .b = entry->read.b_extent, .relaxed = entry->read.header_relaxed};
    uint8_t digest[SHA256_BYTES];
    digest_restart(run->digest);
    return header_hash_add_signed(run->digest, &run->fields, &over) && digest_of(run->digest, digest) &&
           public_key_verify(key, digest, entry->read.b);
}

static void judge_with_key(struct strict_run *run, const struct entry *entry, const struct public_key *key, struct dkim_signature *sig)
{
    const struct signature_field *read = &entry->read;
    uint64_t length = body_hash_length(run->bodies[read->body_relaxed]);
    if (read->has_length && read->length > length)
        conclude(sig, DKIM_IS_FAIL, "l= is longer than the body");
    else if (!slice_eq(read->bh, slice_of(body_hash_of(run, read))))
        conclude(sig, DKIM_IS_FAIL, "body has been altered");
    else if (!matches(run, entry, key))
        conclude(sig, DKIM_IS_FAIL, "signature does not match");
    else if (read->algorithm == KEY_RSA && public_key_bits(key) < run->options.min_key_bits)
        conclude(sig, DKIM_IS_POLICY, "key is too short"); /* RFC 8301 §3.2 */
    else
        conclude(sig, DKIM_IS_PASS, "");
    sig->partial = sig->result == DKIM_IS_PASS && read->has_length && read->length < length;
}

static void judge(struct strict_run *run, const struct entry *entry, struct dns_view *view, struct dkim_signature *sig)
{
    static const struct dns_answer unanswered = {.status = DNS_FAILURE};
    const struct signature_field *read = &entry->read;
    const struct dns_answer *answer = dns_view_find(view, read->key_name, DNS_TYPE_TXT);
    const char *why;
    struct key_record record;
    key_record_choose(answer ? answer : &unanswered, read->algorithm, run->arena, &record);
    sig->testing = record.testing;
    if (record.status != KEY_FOUND) {
        conclude(sig, record.status == KEY_UNKNOWN ? DKIM_IS_TEMPERROR : DKIM_IS_PERMERROR, record.reason);
        return;
    }
    if (record.strict && read->in_subdomain) {
        conclude(sig, DKIM_IS_PERMERROR, "key does not allow i= in a subdomain");
        return;
    }
    const struct public_key *key = public_key_read(record.key, read->algorithm, 0, run->arena, &why);
    if (key)
        judge_with_key(run, entry, key, sig);
    else
        conclude(sig, DKIM_IS_PERMERROR, why);
}

static void judge_all(struct strict_run *run, struct dns_view *view)
{
    run->digest = digest_new(run->arena);
    for (size_t i = 0; i < run->report.count; i++) {
        struct dkim_signature *sig = &run->report.signatures[i];
        if (sig->result == DKIM_IS_NONE && (run->failed || !run->digest))
            conclude(sig, DKIM_IS_TEMPERROR, "the crypto library failed");
        else if (sig->result == DKIM_IS_NONE)
            judge(run, &run->entries[i], view, sig);
        dkim_take_best(&run->report, sig->result, sig->reason);
    }
}

static const struct verifier_report *finish(void *state, struct dns_view *view)
{
    struct strict_run *run = state;
    for (size_t i = 0; i < 2 && !run->failed; i++)
        if (run->bodies[i])
            body_hash_finish(run->bodies[i]);
    judge_all(run, view);
    if (run->malformed)
        dkim_take_best(&run->report, DKIM_IS_PERMERROR, "signature is malformed");
    if (run->report.fields && run->report.count == 0)
        dkim_take_best(&run->report, DKIM_IS_PERMERROR, "message could not be checked");
    return &run->report;
}

const struct dkim_engine dkim_engine_strict = {
    .name = "strict",
    .start = start,
    .add_header = add_header,
    .end_headers = end_headers,
    .look_up_keys = look_up_keys,
    .add_body = add_body,
    .finish = finish,
};
