/* dmarc_record: see dmarc_record.h. */
#include "filters/dmarc/dmarc_record.h"

enum { RECORD_MAX = 8192 };

enum tag { TAG_P, TAG_SP, TAG_NP, TAG_ADKIM, TAG_ASPF, TAG_PSD, TAG_T, TAG_RUA, TAGS };

static const char *const tag_names[TAGS] = {"p", "sp", "np", "adkim", "aspf", "psd", "t", "rua"};

struct parser {
    struct dmarc_record *record;
    bool seen[TAGS];
    bool bad_policy; /* p, sp or np is no policy, or is there twice */
    bool reports;    /* rua= holds a URI */
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

/* scheme ":" something (RFC 3986 §3), and for mailto: an address. Commas cannot be in it. */
static bool is_uri(struct slice text)
{
    ptrdiff_t colon = slice_index(text, ':');
    struct slice rest = slice_skip(text, (size_t)(colon + 1));
    if (colon < 1 || rest.len == 0 || !ascii_is_alpha(text.ptr[0]))
        return false;
    for (ptrdiff_t i = 1; i < colon; i++)
        if (!ascii_is_alnum(text.ptr[i]) && text.ptr[i] != '+' && text.ptr[i] != '-' && text.ptr[i] != '.')
            return false;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] <= ' ' || rest.ptr[i] > '~')
            return false;
    ptrdiff_t at = slice_index(rest, '@');
    return !slice_eq_nocase(slice_first(text, (size_t)colon), SLICE("mailto")) || (at > 0 && (size_t)at < rest.len - 1);
}

static bool holds_uri(struct slice list)
{
    struct slice uri;
    while (slice_split(&list, ',', &uri))
        if (is_uri(slice_trim(uri)))
            return true;
    return false;
}

/* Of a tag that is there twice the first counts; of a policy neither does. */
static void set_tag(struct parser *p, enum tag tag, struct slice value)
{
    struct dmarc_record *record = p->record;
    bool again = p->seen[tag];
    p->seen[tag] = true;
    if (tag <= TAG_NP) {
        enum dmarc_policy *const policies[] = {&record->p, &record->sp, &record->np};
        p->bad_policy = !read_policy(value, policies[tag]) || again || p->bad_policy;
    } else if (again)
        return;
    else if (tag == TAG_ADKIM)
        record->strict_dkim = slice_eq_nocase(value, SLICE("s"));
    else if (tag == TAG_ASPF)
        record->strict_spf = slice_eq_nocase(value, SLICE("s"));
    else if (tag == TAG_T)
        record->test = slice_eq_nocase(value, SLICE("y"));
    else if (tag == TAG_RUA)
        p->reports = holds_uri(value);
    else if (slice_eq_nocase(value, SLICE("y")))
        record->psd = DMARC_PSD_YES;
    else if (slice_eq_nocase(value, SLICE("n")))
        record->psd = DMARC_PSD_NO;
}

static void read_part(struct parser *p, struct slice part)
{
    ptrdiff_t equals = slice_index(part, '=');
    if (equals <= 0)
        return;
    struct slice name = slice_trim(slice_first(part, (size_t)equals));
    for (int i = 0; i < TAGS; i++)
        if (slice_eq_nocase(name, slice_of(tag_names[i])))
            set_tag(p, (enum tag)i, slice_trim(slice_skip(part, (size_t)equals + 1)));
}

/* The defaults of §4.7, and §4.10.1 on records whose policy cannot be read. */
static bool settle(struct parser *p)
{
    struct dmarc_record *record = p->record;
    bool usable = p->seen[TAG_P] && !p->bad_policy;
    if (!usable)
        record->p = record->sp = record->np = DMARC_POLICY_IS_NONE;
    else if (!p->seen[TAG_SP])
        record->sp = record->p;
    if (usable && !p->seen[TAG_NP])
        record->np = record->sp;
    return usable || p->reports;
}

bool dmarc_record_parse(struct slice text, struct dmarc_record *record)
{
    struct parser p = {.record = record};
    struct slice part;
    *record = (struct dmarc_record){0};
    if (text.len > RECORD_MAX || !cut_version(&text))
        return false;
    while (slice_split(&text, ';', &part))
        read_part(&p, part);
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
