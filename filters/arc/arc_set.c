/* arc_set: see arc_set.h. */
#include "filters/arc/arc_set.h"

#include "filters/domain_name.h"
#include "filters/header_lexer.h"
#include "filters/signature/signature_tags.h"

bool arc_kind_of(struct slice name, enum arc_kind *kind)
{
    static const char *const names[] = {"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"};
    for (size_t i = 0; i < ARC_KINDS; i++)
        if (slice_eq_nocase(name, slice_of(names[i]))) {
            *kind = (enum arc_kind)i;
            return true;
        }
    return false;
}

/* 1 to 50, or 0: none (§4.2.1). */
static size_t read_instance(struct slice text)
{
    uint64_t n;
    return text.len <= 2 && slice_to_u64(text, &n) && n <= ARC_SETS_MAX ? (size_t)n : 0;
}

/* "i=1;" at the front of ARC-Authentication-Results (§4.1.1), comments allowed. */
static size_t results_instance(struct slice value, struct arena *arena)
{
    struct header_lexer lexer = header_lexer_start(value, arena);
    struct lex_token token;
    char text[8];
    size_t n = 0;
    while ((token = header_lexer_next(&lexer)).kind == LEX_WORD) {
        if (token.text.len > sizeof text - n)
            return 0;
        memcpy(text + n, token.text.ptr, token.text.len);
        n += token.text.len;
    }
    bool ended = token.kind == LEX_SPECIAL && token.text.ptr[0] == ';';
    return ended && n > 2 && memcmp(text, "i=", 2) == 0 ? read_instance(slice_make(text + 2, n - 2)) : 0;
}

static const char *read_signature(const struct tag_list *tags, struct arena *arena, struct arc_signature *out)
{
    const struct tag *b = tag_list_find(tags, "b");
    if (!domain_name_normalise(tag_list_value(tags, "d"), arena, &out->domain))
        return "d= is no domain name";
    if (!signature_tags_read_key_name(tag_list_value(tags, "s"), out->domain, arena, &out->key_name))
        return "s= is no selector";
    if (!b)
        return "b= is missing";
    out->b = tag_value_compact(b->value, arena);
    out->b_extent = b->extent;
    return signature_tags_read_algorithm(tag_list_value(tags, "a"), &out->algorithm) ? NULL : "algorithm is not known";
}

/* §4.1.2: as a DKIM-Signature. l= is not honoured: what it leaves open, anybody can fill (RFC 6376 §8.2). */
static const char *read_message_signature(const struct tag_list *tags, struct arena *arena, struct arc_message_signature *out)
{
    const char *error = read_signature(tags, arena, &out->signature);
    if (error)
        return error;
    out->h = tag_list_value(tags, "h");
    out->bh = tag_value_compact(tag_list_value(tags, "bh"), arena);
    if (out->bh.len == 0)
        return "bh= is missing";
    if (!signature_tags_read_canon(tag_list_value(tags, "c"), &out->header_relaxed, &out->body_relaxed))
        return "canonicalisation is not known";
    if (!signature_tags_read_time(tags, "t", &out->signed_at) || !signature_tags_read_time(tags, "x", &out->expires))
        return "t= or x= is no time";
    if (out->expires && out->expires < out->signed_at)
        return "x= is before t=";
    if (!signature_tags_sign(out->h, "From"))
        return "From is not signed";
    if (signature_tags_sign(out->h, "ARC-Seal"))
        return "h= names ARC-Seal";
    if (!signature_tags_ask_dns(tags))
        return "q= is not known";
    return tag_list_find(tags, "l") ? "l= is not accepted" : NULL;
}

static enum arc_cv read_cv(struct slice cv)
{
    if (slice_eq_nocase(cv, SLICE("pass")))
        return ARC_CV_PASS;
    if (slice_eq_nocase(cv, SLICE("none")))
        return ARC_CV_NONE;
    return slice_eq_nocase(cv, SLICE("fail")) ? ARC_CV_FAIL : ARC_CV_UNKNOWN;
}

static void read_seal(const struct tag_list *tags, struct arena *arena, struct arc_set *set)
{
    set->cv = read_cv(tag_list_value(tags, "cv"));
    set->seal.error = read_signature(tags, arena, &set->seal);
    if (tag_list_find(tags, "h"))
        set->seal.error = "ARC-Seal has h="; /* §4.1.3 */
}

/* Reads one field into its set. */
static const char *read_field(const struct header_field *field, size_t index, enum arc_kind kind, struct arena *arena, struct arc_set *sets)
{
    struct tag_list tags = {.count = 0};
    if (kind != ARC_AUTHENTICATION_RESULTS && !tag_list_parse(field->value, &tags))
        return "an ARC field is malformed";
    size_t instance =
        kind == ARC_AUTHENTICATION_RESULTS ? results_instance(field->value, arena) : read_instance(tag_list_value(&tags, "i"));
    if (instance == 0)
        return "an ARC field has no instance";
    struct arc_set *set = &sets[instance - 1];
    if (set->present[kind])
        return "an ARC field is there twice";
    set->present[kind] = true;
    set->fields[kind] = index;
    if (kind == ARC_MESSAGE_SIGNATURE)
        set->message.signature.error = read_message_signature(&tags, arena, &set->message);
    else if (kind == ARC_SEAL)
        read_seal(&tags, arena, set);
    return NULL;
}

static bool is_empty(const struct arc_set *set)
{
    return !set->present[ARC_AUTHENTICATION_RESULTS] && !set->present[ARC_MESSAGE_SIGNATURE] && !set->present[ARC_SEAL];
}

static bool is_complete(const struct arc_set *set)
{
    return set->present[ARC_AUTHENTICATION_RESULTS] && set->present[ARC_MESSAGE_SIGNATURE] && set->present[ARC_SEAL];
}

/* §5.2 steps 1 to 3. */
static const char *judge_structure(const struct arc_set *sets, size_t count, size_t max_sets)
{
    if (count > max_sets)
        return "too many ARC sets";
    if (sets[count - 1].cv == ARC_CV_FAIL)
        return "chain was broken before";
    for (size_t i = 0; i < count; i++) {
        if (!is_complete(&sets[i]))
            return "an ARC set is not complete";
        if (sets[i].cv != (i == 0 ? ARC_CV_NONE : ARC_CV_PASS))
            return "cv= does not fit";
    }
    return NULL;
}

static const char *read_fields(const struct header_fields *fields, struct arc_chain *out)
{
    enum arc_kind kind;
    for (size_t i = 0; i < fields->count; i++) {
        if (!arc_kind_of(fields->fields[i].name, &kind))
            continue;
        if (!out->sets)
            out->sets = arena_alloc(fields->arena, ARC_SETS_MAX * sizeof *out->sets);
        const char *error = read_field(&fields->fields[i], i, kind, fields->arena, out->sets);
        if (error)
            return error;
    }
    return NULL;
}

void arc_chain_read(const struct header_fields *fields, size_t max_sets, struct arc_chain *out)
{
    *out = (struct arc_chain){.error = NULL};
    out->error = read_fields(fields, out);
    for (size_t i = ARC_SETS_MAX; i > 0 && out->sets && !out->count; i--)
        if (!is_empty(&out->sets[i - 1]))
            out->count = i;
    if (!out->error && out->count)
        out->error = judge_structure(out->sets, out->count, max_sets);
    if (out->error)
        out->count = 0;
}
