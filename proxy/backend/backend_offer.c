/* backend_offer: see backend_offer.h. */
#include "proxy/backend/backend_offer.h"

struct attribute {
    const char *name;
    bool *flag;
};

static void attributes_parse(struct slice attributes, const struct attribute *known, size_t count)
{
    struct slice word;
    while (slice_split(&attributes, ' ', &word))
        for (size_t i = 0; i < count; i++)
            if (slice_eq_nocase(word, slice_of(known[i].name)))
                *known[i].flag = true;
}

static void xclient_parse(struct slice attributes, struct backend_offer *offer)
{
    const struct attribute known[] = {
        {"NAME", &offer->xclient_name},         {"ADDR", &offer->xclient_addr},         {"PORT", &offer->xclient_port},
        {"HELO", &offer->xclient_helo},         {"PROTO", &offer->xclient_proto},       {"LOGIN", &offer->xclient_login},
        {"DESTADDR", &offer->xclient_destaddr}, {"DESTPORT", &offer->xclient_destport},
    };
    attributes_parse(attributes, known, sizeof known / sizeof known[0]);
    offer->xclient = offer->xclient_addr;
}

static void xforward_parse(struct slice attributes, struct backend_offer *offer)
{
    const struct attribute known[] = {
        {"NAME", &offer->xforward_name}, {"ADDR", &offer->xforward_addr},   {"PORT", &offer->xforward_port},
        {"HELO", &offer->xforward_helo}, {"PROTO", &offer->xforward_proto}, {"SOURCE", &offer->xforward_source},
    };
    attributes_parse(attributes, known, sizeof known / sizeof known[0]);
    offer->xforward = offer->xforward_addr;
}

/* Parameters that we hand on as they are: bounded, and nothing but what such parameters consist of. */
static bool keep_text(struct slice parameters, char out[OFFER_TEXT])
{
    struct slice text = slice_trim(parameters);
    if (text.len >= OFFER_TEXT)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_alnum(text.ptr[i]) && !(text.ptr[i] != '\0' && strchr(" -:.+", text.ptr[i])))
            return false;
    if (text.len)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static void limits_parse(struct slice parameters, struct backend_offer *offer)
{
    struct slice word, mark = SLICE("RCPTMAX=");
    uint64_t most;
    while (slice_split(&parameters, ' ', &word))
        if (slice_starts_nocase(word, mark) && slice_to_u64(slice_skip(word, mark.len), &most) && most <= INT64_MAX)
            offer->rcpt_max = (int64_t)most;
}

static void flag_parse(struct slice keyword, struct backend_offer *offer)
{
    const struct {
        const char *name;
        bool *flag;
    } known[] = {
        {"PIPELINING", &offer->pipelining}, {"8BITMIME", &offer->eightbit}, {"ENHANCEDSTATUSCODES", &offer->enhanced},
        {"STARTTLS", &offer->starttls},     {"SMTPUTF8", &offer->smtputf8}, {"DSN", &offer->dsn},
        {"REQUIRETLS", &offer->requiretls},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (slice_eq_nocase(keyword, slice_of(known[i].name)))
            *known[i].flag = true;
}

static void mechanism_add(enum sasl_mechanism mechanism, struct backend_offer *offer)
{
    if (mechanism != SASL_COUNT && !memchr(offer->auth, (int)mechanism, offer->auth_count))
        offer->auth[offer->auth_count++] = (unsigned char)mechanism;
}

/* RFC 4954 §3; many servers say it twice, the second time as "AUTH=LOGIN PLAIN" for clients of the last century. */
static void auth_parse(struct slice keyword, struct slice mechanisms, struct backend_offer *offer)
{
    struct slice word, old = SLICE("AUTH=");
    if (slice_starts_nocase(keyword, old))
        mechanism_add(sasl_find(slice_skip(keyword, old.len)), offer);
    else if (!slice_eq_nocase(keyword, SLICE("AUTH")))
        return;
    while (slice_split(&mechanisms, ' ', &word))
        mechanism_add(sasl_find(word), offer);
}

static void keyword_parse(struct slice keyword, struct slice parameters, struct backend_offer *offer)
{
    uint64_t size;
    flag_parse(keyword, offer);
    auth_parse(keyword, parameters, offer);
    if (slice_eq_nocase(keyword, SLICE("LIMITS")))
        limits_parse(parameters, offer);
    else if (slice_eq_nocase(keyword, SLICE("DELIVERBY")))
        offer->deliverby = keep_text(parameters, offer->deliverby_text);
    else if (slice_eq_nocase(keyword, SLICE("MT-PRIORITY")))
        offer->mt_priority = keep_text(parameters, offer->mt_priority_text);
    else if (slice_eq_nocase(keyword, SLICE("FUTURERELEASE")))
        offer->future_release = keep_text(parameters, offer->future_release_text);
    else if (slice_eq_nocase(keyword, SLICE("XCLIENT")))
        xclient_parse(parameters, offer);
    else if (slice_eq_nocase(keyword, SLICE("XFORWARD")))
        xforward_parse(parameters, offer);
    else if (slice_eq_nocase(keyword, SLICE("SIZE"))) {
        offer->size = true;
        if (slice_to_u64(slice_trim(parameters), &size) && size <= INT64_MAX)
            offer->size_max = (int64_t)size;
    }
}

void backend_offer_parse(const struct smtp_reply *reply, struct backend_offer *offer)
{
    *offer = (struct backend_offer){.esmtp = true};
    for (size_t i = 1; i < reply->count; i++) {
        struct slice rest = reply->lines[i], keyword = {0};
        slice_split(&rest, ' ', &keyword);
        keyword_parse(keyword, rest, offer);
    }
}

static int64_t smaller_limit(int64_t a, int64_t b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

/* Whose parameters differ is offered by nobody: which of them would hold is not known before the server is. */
static void meet_text(bool *offered, const char *text, bool others, const char *others_text)
{
    *offered = *offered && others && strcmp(text, others_text) == 0;
}

static void meet_auth(struct backend_offer *offer, const struct backend_offer *other)
{
    size_t kept = 0;
    for (size_t i = 0; i < offer->auth_count; i++)
        if (memchr(other->auth, offer->auth[i], other->auth_count))
            offer->auth[kept++] = offer->auth[i];
    offer->auth_count = kept;
}

void backend_offer_meet(struct backend_offer *offer, const struct backend_offer *other)
{
    offer->esmtp = offer->esmtp && other->esmtp;
    offer->pipelining = offer->pipelining && other->pipelining;
    offer->size = offer->size && other->size;
    offer->eightbit = offer->eightbit && other->eightbit;
    offer->enhanced = offer->enhanced && other->enhanced;
    offer->starttls = offer->starttls && other->starttls;
    offer->smtputf8 = offer->smtputf8 && other->smtputf8;
    offer->dsn = offer->dsn && other->dsn;
    offer->requiretls = offer->requiretls && other->requiretls;
    meet_auth(offer, other);
    offer->size_max = smaller_limit(offer->size_max, other->size_max);
    offer->rcpt_max = smaller_limit(offer->rcpt_max, other->rcpt_max);
    meet_text(&offer->deliverby, offer->deliverby_text, other->deliverby, other->deliverby_text);
    meet_text(&offer->mt_priority, offer->mt_priority_text, other->mt_priority, other->mt_priority_text);
    meet_text(&offer->future_release, offer->future_release_text, other->future_release, other->future_release_text);
}

struct smtp_offer backend_offer_parameters(const struct backend_offer *offer)
{
    return (struct smtp_offer){
        .esmtp = offer->esmtp,
        .size = offer->size,
        .eightbit = offer->eightbit,
        .smtputf8 = offer->smtputf8,
        .dsn = offer->dsn,
        .auth = offer->auth_count > 0,
        .requiretls = offer->requiretls,
        .deliverby = offer->deliverby,
        .mt_priority = offer->mt_priority,
        .future_release = offer->future_release,
        .size_max = offer->size_max,
    };
}
