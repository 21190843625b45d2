/* signature_field: see signature_field.h. */
#include "filters/dkim/signature_field.h"

#include "filters/domain_name.h"
#include "filters/signature/base64.h"
#include "filters/signature/signature_tags.h"

struct verdict {
    enum dkim_result result;
    const char *reason;
};

static const struct verdict fine = {DKIM_IS_NONE, ""};
static const struct verdict malformed = {DKIM_IS_PERMERROR, "signature is malformed"};

static bool is_one_word(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r\n", text.ptr[i]))
            return false;
    return text.len > 0;
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* Only d=, i= and s= may hold other letters (RFC 8616 §5). */
static bool are_ascii(const struct tag_list *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        struct slice name = tags->tags[i].name;
        bool may = name.len == 1 && strchr("dis", name.ptr[0]);
        if (!may && !is_ascii(tags->tags[i].value))
            return false;
    }
    return true;
}

static bool is_hex(char c)
{
    return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* dkim-quoted-printable (§2.11): "=" only before two hexadecimal digits. */
static bool is_quoted_printable(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '=' && !(i + 2 < text.len && is_hex(text.ptr[i + 1]) && is_hex(text.ptr[i + 2])))
            return false;
    return true;
}

/* The agent or user on whose behalf it was signed is in the signing domain or below it. */
static bool read_identity(const struct tag_list *tags, struct arena *arena, struct signature_field *out)
{
    const struct tag *i = tag_list_find(tags, "i");
    struct slice identity, domain;
    if (!i || out->domain.len == 0)
        return true;
    ptrdiff_t at = slice_last_index(i->value, '@');
    if (at < 0 || !is_quoted_printable(i->value))
        return false;
    identity = slice_skip(i->value, (size_t)at + 1);
    if (!domain_name_normalise(identity, arena, &domain))
        return false;
    out->in_subdomain = !slice_eq(domain, out->domain);
    return domain_name_is_within(domain, out->domain);
}

static struct verdict judge_times(const struct tag_list *tags, uint64_t now)
{
    uint64_t signed_at, expires;
    bool has_expiry = tag_list_find(tags, "x") != NULL, has_start = tag_list_find(tags, "t") != NULL;
    if (!signature_tags_read_time(tags, "t", &signed_at) || !signature_tags_read_time(tags, "x", &expires))
        return malformed;
    if (has_expiry && expires <= now && now - expires >= SIGNATURE_CLOCK_DRIFT)
        return (struct verdict){DKIM_IS_FAIL, "signature has expired"};
    if (signed_at > now && signed_at - now > SIGNATURE_CLOCK_DRIFT)
        return (struct verdict){DKIM_IS_FAIL, "signature is from the future"};
    return has_expiry && has_start && expires <= signed_at ? malformed : fine;
}

/* c= may be missing, not empty. */
static bool read_canon(const struct tag_list *tags, struct signature_field *out)
{
    const struct tag *c = tag_list_find(tags, "c");
    return !(c && c->value.len == 0) && signature_tags_read_canon(c ? c->value : SLICE(""), &out->header_relaxed, &out->body_relaxed);
}

static bool read_length(const struct tag_list *tags, struct signature_field *out)
{
    const struct tag *l = tag_list_find(tags, "l");
    out->has_length = l != NULL;
    return !l || slice_to_u64(l->value, &out->length);
}

static bool is_sha1(struct slice a)
{
    return slice_eq_nocase(a, SLICE("rsa-sha1"));
}

/* What makes the others worth a look. */
static bool read_required(const struct tag_list *tags, struct arena *arena, struct signature_field *out)
{
    const struct tag *b = tag_list_find(tags, "b");
    struct slice bh = tag_list_value(tags, "bh");
    if (!b || !tag_list_find(tags, "a") || !tag_list_find(tags, "h") || !base64_is_plausible(b->value) || !base64_is_plausible(bh))
        return false;
    out->b = base64_normalise(b->value, arena);
    out->b_extent = b->extent;
    out->bh = tag_value_compact(bh, arena);
    out->h = tag_list_value(tags, "h");
    return is_one_word(out->d) && is_one_word(out->s) && slice_eq(tag_list_value(tags, "v"), SLICE("1")) && are_ascii(tags);
}

static struct verdict judge(const struct tag_list *tags, uint64_t now, struct arena *arena, struct signature_field *out)
{
    bool named = domain_name_normalise(out->d, arena, &out->domain);
    if (!read_required(tags, arena, out) || !read_identity(tags, arena, out))
        return malformed;
    struct verdict times = judge_times(tags, now);
    if (times.result != DKIM_IS_NONE)
        return times;
    if (out->b.len == 0 || out->bh.len == 0 || !read_canon(tags, out) || !read_length(tags, out) || !signature_tags_ask_dns(tags) ||
        !signature_tags_sign(out->h, "From") || (!signature_tags_read_algorithm(out->a, &out->algorithm) && !is_sha1(out->a)))
        return malformed;
    if (!named)
        return (struct verdict){DKIM_IS_PERMERROR, "d= is no domain name"};
    if (is_sha1(out->a))
        return (struct verdict){DKIM_IS_POLICY, "rsa-sha1 is not accepted"}; /* RFC 8301 §3.1 */
    if (!signature_tags_read_key_name(out->s, out->domain, arena, &out->key_name))
        return (struct verdict){DKIM_IS_PERMERROR, "s= is no selector"};
    return fine;
}

bool signature_field_read(struct slice value, uint64_t now, struct arena *arena, struct signature_field *out)
{
    struct tag_list tags;
    *out = (struct signature_field){.result = DKIM_IS_PERMERROR};
    if (!tag_list_parse(value, &tags))
        return false;
    out->d = tag_list_value(&tags, "d");
    out->s = tag_list_value(&tags, "s");
    out->a = tag_list_value(&tags, "a");
    struct verdict verdict = judge(&tags, now, arena, out);
    out->result = verdict.result;
    out->reason = verdict.reason;
    return true;
}
