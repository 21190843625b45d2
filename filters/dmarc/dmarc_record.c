/* dmarc_record: see dmarc_record.h. */
#include "filters/dmarc/dmarc_record.h"

enum { RECORD_MAX = 8192 };

struct parser {
    struct dmarc_record *record;
    bool has_p, has_sp, bad_policy;
    bool has_adkim, has_aspf;
    bool reports; /* rua= holds a URI */
};

/* "v" *WSP "=" *WSP "DMARC1", then the end or a semicolon; the value has case. */
static bool cut_version(struct slice *text)
{
    struct slice rest = *text, first;
    if (!slice_split(&rest, ';', &first))
        return false;
    ptrdiff_t equals = slice_index(first, '=');
    if (equals < 0 || !slice_eq_nocase(slice_trim(slice_first(first, (size_t)equals)), SLICE("v")) ||
        !slice_eq(slice_trim(slice_skip(first, (size_t)equals + 1)), SLICE("DMARC1")))
        return false;
    *text = rest.ptr ? rest : SLICE("");
    return true;
}

size_t dmarc_record_select(const struct dns_answer *txt, struct slice *text)
{
    size_t found = 0;
    *text = SLICE("");
    for (size_t i = 0; i < txt->count; i++) {
        struct slice record = txt->records[i].data;
        if (cut_version(&record) && found++ == 0)
            *text = txt->records[i].data;
    }
    return found;
}

static bool read_policy(struct slice value, enum dmarc_policy *policy)
{
    for (int i = DMARC_POLICY_IS_NONE; i <= DMARC_POLICY_IS_REJECT; i++)
        if (slice_eq_nocase(value, slice_of(dmarc_policy_word((enum dmarc_policy)i)))) {
            *policy = (enum dmarc_policy)i;
            return true;
        }
    return false;
}

static void set_policy(struct parser *p, bool *has, enum dmarc_policy *policy, struct slice value)
{
    if (*has || !read_policy(value, policy))
        p->bad_policy = true;
    *has = true;
}

/* A mode that is neither r nor s is ignored: the default holds (RFC 7489 §6.3). */
static void set_mode(bool *has, bool *strict, struct slice value)
{
    if (!*has)
        *strict = slice_eq_nocase(value, SLICE("s"));
    *has = true;
}

static bool holds_uri(struct slice list)
{
    struct slice uri;
    while (slice_split(&list, ',', &uri)) {
        uri = slice_trim(uri);
        if (slice_starts_nocase(uri, SLICE("mailto:")) && slice_index(uri, '@') > (ptrdiff_t)sizeof "mailto:" - 1)
            return true;
    }
    return false;
}

static void set_tag(struct parser *p, struct slice name, struct slice value)
{
    if (slice_eq_nocase(name, SLICE("p")))
        set_policy(p, &p->has_p, &p->record->p, value);
    else if (slice_eq_nocase(name, SLICE("sp")))
        set_policy(p, &p->has_sp, &p->record->sp, value);
    else if (slice_eq_nocase(name, SLICE("adkim")))
        set_mode(&p->has_adkim, &p->record->strict_dkim, value);
    else if (slice_eq_nocase(name, SLICE("aspf")))
        set_mode(&p->has_aspf, &p->record->strict_spf, value);
    else if (slice_eq_nocase(name, SLICE("rua")))
        p->reports = p->reports || holds_uri(value);
}

/* RFC 7489 §6.6.3 step 6. */
static bool settle(struct parser *p)
{
    if (p->has_p && !p->bad_policy) {
        if (!p->has_sp)
            p->record->sp = p->record->p;
        return true;
    }
    p->record->p = p->record->sp = DMARC_POLICY_IS_NONE;
    return p->reports;
}

bool dmarc_record_parse(struct slice text, struct dmarc_record *record)
{
    struct parser p = {.record = record};
    struct slice part;
    *record = (struct dmarc_record){0};
    if (text.len > RECORD_MAX || !cut_version(&text))
        return false;
    while (slice_split(&text, ';', &part)) {
        ptrdiff_t equals = slice_index(part, '=');
        if (equals > 0)
            set_tag(&p, slice_trim(slice_first(part, (size_t)equals)), slice_trim(slice_skip(part, (size_t)equals + 1)));
    }
    return settle(&p);
}

const char *dmarc_record_format(const struct dmarc_record *record, struct arena *arena)
{
    return arena_format(arena, "v=DMARC1; p=%s; sp=%s; adkim=%s; aspf=%s", dmarc_policy_word(record->p), dmarc_policy_word(record->sp),
                        record->strict_dkim ? "s" : "r", record->strict_spf ? "s" : "r");
}

const char *dmarc_policy_word(enum dmarc_policy policy)
{
    static const char *const words[] = {"none", "quarantine", "reject"};
    return words[policy];
}
