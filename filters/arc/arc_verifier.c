/* arc_verifier: see arc_verifier.h. */
#include "filters/arc/arc_verifier.h"

#include "filters/arc/arc_set.h"
#include "filters/signature/body_hash.h"
#include "filters/signature/header_hash.h"
#include "filters/signature/public_key.h"
#include "filters/signature/signature_tags.h"

struct key_slot {
    struct slice name;
    enum key_type type;
    enum key_status status;
    const char *reason; /* if there is no key */
    struct public_key *key;
};

struct arc_verifier {
    struct arena *arena;
    struct arc_options options;
    struct header_fields fields;
    struct arc_chain chain;
    struct body_hash *bodies[2];    /* simple, relaxed; NULL: no signature is over it */
    struct digest *scratch, *seals; /* the latter over the sets before the next one */
    struct key_slot *keys;
    size_t key_count;
    bool failed; /* the crypto library */
    struct arc_report report;
};

struct arc_verifier *arc_verifier_new(struct arena *arena, const struct arc_options *options)
{
    struct arc_verifier *v = arena_alloc(arena, sizeof *v);
    v->arena = arena;
    v->options = *options;
    v->fields.arena = arena;
    return v;
}

/* ---- the header section ---- */

void arc_verifier_add_header(struct arc_verifier *v, const struct mail_header *header)
{
    header_fields_add(&v->fields, header);
}

static void add_key(struct arc_verifier *v, const struct arc_signature *signature)
{
    if (signature->error)
        return;
    for (size_t i = 0; i < v->key_count; i++)
        if (v->keys[i].type == signature->algorithm && slice_eq(v->keys[i].name, signature->key_name))
            return;
    v->keys[v->key_count++] = (struct key_slot){.name = signature->key_name, .type = signature->algorithm};
}

static void want_body(struct arc_verifier *v, bool relaxed)
{
    if (!v->bodies[relaxed])
        v->bodies[relaxed] = body_hash_new(v->arena, relaxed);
    if (!v->bodies[relaxed])
        v->failed = true;
}

size_t arc_verifier_end_headers(struct arc_verifier *v)
{
    arc_chain_read(&v->fields, (size_t)v->options.max_sets, &v->chain);
    v->keys = arena_alloc(v->arena, (2 * v->chain.count + 1) * sizeof *v->keys);
    for (size_t i = v->chain.count; i > 0; i--) { /* the newest first: what the budget cuts off is the oldest */
        const struct arc_set *set = &v->chain.sets[i - 1];
        add_key(v, &set->seal);
        add_key(v, &set->message.signature);
        if (!set->message.signature.error)
            want_body(v, set->message.body_relaxed);
    }
    return v->key_count;
}

void arc_verifier_look_up_keys(struct arc_verifier *v, struct dns_view *view)
{
    for (size_t i = 0; i < v->key_count; i++)
        dns_view_find(view, v->keys[i].name, DNS_TYPE_TXT);
}

/* ---- the body ---- */

void arc_verifier_add_body(struct arc_verifier *v, struct slice chunk)
{
    for (size_t i = 0; i < 2; i++)
        if (v->bodies[i])
            body_hash_add(v->bodies[i], chunk);
}

/* ---- judging ---- */

static void load_key(struct arc_verifier *v, struct key_slot *slot, struct dns_view *view)
{
    static const struct dns_answer unanswered = {.status = DNS_FAILURE};
    const struct dns_answer *answer = dns_view_find(view, slot->name, DNS_TYPE_TXT);
    struct key_record record;
    key_record_choose(answer ? answer : &unanswered, slot->type, v->arena, &record);
    slot->status = record.status;
    slot->reason = record.reason;
    if (record.status == KEY_FOUND)
        slot->key = public_key_read(record.key, slot->type, v->options.min_key_bits, v->arena, &slot->reason);
}

static const struct key_slot *find_key(const struct arc_verifier *v, const struct arc_signature *signature)
{
    const struct key_slot *slot = v->keys;
    while (slot->type != signature->algorithm || !slice_eq(slot->name, signature->key_name))
        slot++;
    return slot;
}

struct judgement {
    enum arc_result result;
    const char *reason;
};

static const struct judgement good = {ARC_IS_PASS, ""};

static struct judgement bad(const char *reason)
{
    return (struct judgement){ARC_IS_FAIL, reason};
}

static struct judgement judge_signature(const struct arc_verifier *v, const struct arc_signature *signature, const uint8_t *digest,
                                        const char *mismatch)
{
    const struct key_slot *slot = find_key(v, signature);
    if (slot->status == KEY_UNKNOWN)
        return (struct judgement){ARC_IS_TEMPERROR, slot->reason};
    if (!slot->key)
        return bad(slot->reason);
    return public_key_verify(slot->key, digest, signature->b) ? good : bad(mismatch);
}

/* False: h= names too many fields. */
static bool hash_message(struct arc_verifier *v, const struct arc_set *set, uint8_t *digest)
{
    const struct arc_message_signature *m = &set->message;
    const struct header_signature signed_over = {
        .field = set->fields[ARC_MESSAGE_SIGNATURE], .h = m->h, .b = m->signature.b_extent, .relaxed = m->header_relaxed};
    digest_restart(v->scratch);
    return header_hash_add_signed(v->scratch, &v->fields, &signed_over) && digest_of(v->scratch, digest);
}

/* Over all sets up to this one, its seal without b= (§5.1.1). Must be called for each set in order, from the first. */
static void hash_seal(struct arc_verifier *v, const struct arc_set *set, uint8_t *digest)
{
    const struct header_signature signed_over = {.field = set->fields[ARC_SEAL], .b = set->seal.b_extent, .relaxed = true};
    memset(digest, 0, SHA256_BYTES);
    header_hash_add(v->seals, &v->fields, set->fields[ARC_AUTHENTICATION_RESULTS], true);
    header_hash_add(v->seals, &v->fields, set->fields[ARC_MESSAGE_SIGNATURE], true);
    digest_continue(v->scratch, v->seals);
    header_hash_add_own(v->scratch, &v->fields, &signed_over);
    digest_of(v->scratch, digest);
    header_hash_add(v->seals, &v->fields, set->fields[ARC_SEAL], true);
}

static struct judgement judge_message(struct arc_verifier *v, const struct arc_set *set, uint64_t now)
{
    const struct arc_message_signature *m = &set->message;
    uint8_t digest[SHA256_BYTES];
    if (m->signature.error)
        return bad(m->signature.error);
    if (m->signed_at > now + SIGNATURE_CLOCK_DRIFT)
        return bad("message signature is from the future");
    if (m->expires && now > SIGNATURE_CLOCK_DRIFT && m->expires < now - SIGNATURE_CLOCK_DRIFT)
        return bad("message signature has expired");
    if (!slice_eq(m->bh, slice_of(body_hash_whole(v->bodies[m->body_relaxed]))))
        return bad("body has been altered");
    if (!hash_message(v, set, digest))
        return bad("h= names too many fields");
    return judge_signature(v, &m->signature, digest, "message signature does not match");
}

/* §5.2 step 5: the sets before the newest. */
static size_t find_oldest_pass(struct arc_verifier *v, uint64_t now)
{
    for (size_t i = v->chain.count - 1; i > 0; i--)
        if (judge_message(v, &v->chain.sets[i - 1], now).result != ARC_IS_PASS)
            return i + 1;
    return 0;
}

/* §5.2 step 6. Upwards, because each seal covers what the one before it covered; a definite failure outweighs a temporary one. */
static struct judgement judge_seals(struct arc_verifier *v)
{
    struct judgement all = good;
    uint8_t digest[SHA256_BYTES];
    for (size_t i = 0; i < v->chain.count; i++) {
        const struct arc_set *set = &v->chain.sets[i];
        if (set->seal.error)
            return bad(set->seal.error);
        hash_seal(v, set, digest);
        struct judgement one = judge_signature(v, &set->seal, digest, "seal does not match");
        if (one.result == ARC_IS_FAIL)
            return one;
        if (one.result == ARC_IS_TEMPERROR)
            all = one;
    }
    return all;
}

/* A signature covers the last From field; of one put above it, which a mail program may show, it says nothing (RFC 6376 §8.15). */
static bool has_several_authors(struct arc_verifier *v)
{
    return header_fields_count(&v->fields, SLICE("From")) > 1;
}

static struct judgement judge_chain(struct arc_verifier *v, uint64_t now)
{
    v->scratch = digest_new(v->arena);
    v->seals = digest_new(v->arena);
    if (v->failed || !v->scratch || !v->seals)
        return (struct judgement){ARC_IS_TEMPERROR, "the crypto library failed"};
    if (has_several_authors(v))
        return bad("several From fields");
    struct judgement newest = judge_message(v, &v->chain.sets[v->chain.count - 1], now);
    if (newest.result == ARC_IS_FAIL)
        return newest;
    struct judgement seals = judge_seals(v);
    if (seals.result != ARC_IS_PASS || newest.result != ARC_IS_PASS)
        return seals.result != ARC_IS_PASS ? seals : newest;
    v->report.oldest_pass = find_oldest_pass(v, now);
    return good;
}

static bool holds(const struct arc_report *report, struct slice domain)
{
    for (size_t i = 0; i < report->domain_count; i++)
        if (slice_eq(report->domains[i], domain))
            return true;
    return false;
}

/* Who vouches, and for what. */
static void collect_vouchers(struct arc_verifier *v)
{
    struct arc_report *report = &v->report;
    report->domains = arena_alloc(v->arena, v->chain.count * sizeof *report->domains);
    for (size_t i = v->chain.count; i > 0; i--) {
        struct slice domain = v->chain.sets[i - 1].seal.domain;
        if (!holds(report, domain))
            report->domains[report->domain_count++] = domain;
    }
    report->domain = report->domains[0];
    report->results = v->fields.fields[v->chain.sets[v->chain.count - 1].fields[ARC_AUTHENTICATION_RESULTS]].value;
}

const struct arc_report *arc_verifier_finish(struct arc_verifier *v, struct dns_view *view, uint64_t now)
{
    struct judgement verdict = {ARC_IS_NONE, ""};
    for (size_t i = 0; i < 2; i++)
        if (v->bodies[i])
            body_hash_finish(v->bodies[i]);
    for (size_t i = 0; i < v->key_count; i++)
        load_key(v, &v->keys[i], view);
    if (v->chain.error)
        verdict = bad(v->chain.error);
    else if (v->chain.count)
        verdict = judge_chain(v, now);
    v->report.result = verdict.result;
    v->report.reason = verdict.reason;
    v->report.sets = v->chain.count;
    if (verdict.result == ARC_IS_PASS)
        collect_vouchers(v);
    return &v->report;
}

const char *arc_result_word(enum arc_result result)
{
    static const char *const words[] = {"none", "pass", "fail", "temperror"};
    return words[result];
}
