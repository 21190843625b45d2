/* signature_tags: see signature_tags.h. */
#include "filters/signature/signature_tags.h"

#include "filters/domain_name.h"

bool signature_tags_read_algorithm(struct slice a, enum key_type *out)
{
    *out = slice_eq_nocase(a, SLICE("ed25519-sha256")) ? KEY_ED25519 : KEY_RSA;
    return *out == KEY_ED25519 || slice_eq_nocase(a, SLICE("rsa-sha256"));
}

static bool read_form(struct slice word, bool *relaxed)
{
    *relaxed = slice_eq_nocase(word, SLICE("relaxed"));
    return *relaxed || slice_eq_nocase(word, SLICE("simple"));
}

bool signature_tags_read_canon(struct slice c, bool *header_relaxed, bool *body_relaxed)
{
    const struct slice simple = SLICE("simple");
    struct slice header = {NULL, 0};
    if (c.len == 0)
        c = simple;
    slice_split(&c, '/', &header);
    return read_form(header, header_relaxed) && read_form(c.ptr ? c : simple, body_relaxed);
}

bool signature_tags_read_key_name(struct slice s, struct slice domain, struct arena *arena, struct slice *out)
{
    const char *name = arena_format(arena, "%.*s._domainkey.%.*s", SLICE_FMT(slice_first(s, DOMAIN_NAME_MAX)), SLICE_FMT(domain));
    return s.len > 0 && domain_name_normalise(slice_of(name), arena, out);
}

bool signature_tags_read_time(const struct tag_list *tags, const char *name, uint64_t *out)
{
    const struct tag *tag = tag_list_find(tags, name);
    *out = 0;
    return !tag || slice_to_u64(tag->value, out);
}

static bool list_holds(struct slice list, struct slice word)
{
    struct slice item;
    while (slice_split(&list, ':', &item))
        if (slice_eq_nocase(slice_trim(item), word))
            return true;
    return false;
}

bool signature_tags_sign(struct slice h, const char *field)
{
    return list_holds(h, slice_of(field));
}

bool signature_tags_ask_dns(const struct tag_list *tags)
{
    const struct tag *q = tag_list_find(tags, "q");
    return !q || list_holds(q->value, SLICE("dns/txt"));
}
