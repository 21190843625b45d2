/* key_record: see key_record.h. */
#include "filters/signature/key_record.h"

struct tags {
    struct slice v, h, k, p, s, t;
    bool has_v, has_h, has_k, has_p, has_s, has_t;
};

static bool store(struct slice *slot, bool *has, struct slice value)
{
    if (*has)
        return false; /* §3.2: a tag given twice spoils the whole record */
    *has = true;
    *slot = value;
    return true;
}

static bool set_tag(struct tags *tags, struct slice name, struct slice value, bool first)
{
    switch (name.len == 1 ? name.ptr[0] : '\0') {
    case 'v':
        return first && store(&tags->v, &tags->has_v, value); /* §3.6.1: v= must be the first */
    case 'h':
        return store(&tags->h, &tags->has_h, value);
    case 'k':
        return store(&tags->k, &tags->has_k, value);
    case 'p':
        return store(&tags->p, &tags->has_p, value);
    case 's':
        return store(&tags->s, &tags->has_s, value);
    case 't':
        return store(&tags->t, &tags->has_t, value);
    default:
        return true;
    }
}

static bool is_tag_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '_')
            return false;
    return name.len > 0 && ascii_is_alpha(name.ptr[0]);
}

/* tag-list (§3.2). Empty parts, as in ";;", are let pass: what is written anew has none. */
static bool parse_tags(struct slice text, struct tags *tags)
{
    struct slice part;
    bool first = true;
    while (slice_split(&text, ';', &part)) {
        part = slice_trim(part);
        ptrdiff_t equals = slice_index(part, '=');
        if (part.len == 0)
            continue;
        if (equals < 1)
            return false;
        struct slice name = slice_trim(slice_first(part, (size_t)equals));
        if (!is_tag_name(name) || !set_tag(tags, name, slice_trim(slice_skip(part, (size_t)equals + 1)), first))
            return false;
        first = false;
    }
    return tags->has_p;
}

/* Whether a colon-separated list holds word, or "*". */
static bool list_holds(struct slice list, const char *word)
{
    struct slice item;
    while (slice_split(&list, ':', &item)) {
        item = slice_trim(item);
        if (slice_eq(item, slice_of(word)) || slice_eq(item, SLICE("*")))
            return true;
    }
    return false;
}

static bool flag_is_set(struct slice list, const char *word)
{
    struct slice item;
    while (slice_split(&list, ':', &item))
        if (slice_eq(slice_trim(item), slice_of(word)))
            return true;
    return false;
}

/* base64 without its white space. False: other bytes, or too long. */
static bool copy_key(struct slice p, struct arena *arena, const char **out)
{
    char *copy = arena_alloc(arena, p.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < p.len; i++) {
        char c = p.ptr[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (!ascii_is_alnum(c) && c != '+' && c != '/' && c != '=')
            return false;
        copy[n++] = c;
    }
    *out = copy;
    return true;
}

static void fail(struct key_record *out, enum key_status status, const char *reason)
{
    out->status = status;
    out->reason = reason;
}

static void write_record(const struct tags *tags, enum key_type type, struct arena *arena, struct key_record *out)
{
    const char *key;
    if (!copy_key(tags->p, arena, &key)) {
        fail(out, KEY_UNUSABLE, "key record is malformed");
        return;
    }
    out->strict = tags->has_t && flag_is_set(tags->t, "s");
    out->text = arena_format(arena, "v=DKIM1; k=%s;%s p=%s", type == KEY_RSA ? "rsa" : "ed25519", out->strict ? " t=s;" : "", key);
    out->key = key;
    out->testing = tags->has_t && flag_is_set(tags->t, "y");
    if (strlen(out->text) > KEY_RECORD_MAX)
        fail(out, KEY_UNUSABLE, "key is too long");
    else
        fail(out, KEY_FOUND, "");
}

static const char *unusable(const struct tags *tags, enum key_type type)
{
    struct slice k = tags->has_k ? tags->k : SLICE("rsa");
    if (tags->has_v && !slice_eq(tags->v, SLICE("DKIM1")))
        return "key has an unknown version";
    if (!slice_eq(k, type == KEY_RSA ? SLICE("rsa") : SLICE("ed25519")))
        return "key is of another type than the signature";
    if (tags->has_h && !list_holds(tags->h, "sha256"))
        return "key does not allow SHA-256";
    if (tags->has_s && !list_holds(tags->s, "email"))
        return "key is not for email";
    return NULL;
}

static void read_record(struct slice text, enum key_type type, struct arena *arena, struct key_record *out)
{
    struct tags tags = {.v = SLICE("")};
    *out = (struct key_record){.status = KEY_UNUSABLE, .reason = "key record is malformed"};
    if (!parse_tags(text, &tags))
        return;
    const char *why = unusable(&tags, type);
    if (why)
        fail(out, KEY_UNUSABLE, why);
    else if (tags.p.len == 0)
        fail(out, KEY_REVOKED, "key is revoked");
    else
        write_record(&tags, type, arena, out);
}

/* Several records at one name are undefined (§3.6.2.2): one that can be used beats those that cannot; two are one too many. */
static void choose_among(const struct dns_answer *txt, enum key_type type, struct arena *arena, struct key_record *out)
{
    size_t found = 0;
    for (size_t i = 0; i < txt->count; i++) {
        struct key_record record;
        read_record(txt->records[i].data, type, arena, &record);
        if (record.status == KEY_FOUND && found++ > 0)
            record = (struct key_record){.status = KEY_UNUSABLE, .reason = "several keys at one name"};
        if (i == 0 || record.status == KEY_FOUND || found > 1 || (found == 0 && record.status == KEY_REVOKED))
            *out = record;
        if (found > 1)
            return;
    }
}

void key_record_choose(const struct dns_answer *txt, enum key_type type, struct arena *arena, struct key_record *out)
{
    *out = (struct key_record){.status = KEY_ABSENT, .reason = "no key"};
    if (txt->status == DNS_FAILURE)
        fail(out, KEY_UNKNOWN, "key could not be looked up");
    else if (txt->status == DNS_OK && txt->count > 0)
        choose_among(txt, type, arena, out);
}
