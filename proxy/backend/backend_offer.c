/* backend_offer: reads what a server offers in its reply to EHLO (RFC 5321 §4.1.1.1). Pure; see backend.h. */
#include "proxy/backend/backend.h"

static void xclient_parse(struct slice attributes, struct backend_offer *offer)
{
    const struct {
        const char *name;
        bool *flag;
    } known[] = {
        {"NAME", &offer->xclient_name},         {"ADDR", &offer->xclient_addr},         {"PORT", &offer->xclient_port},
        {"HELO", &offer->xclient_helo},         {"PROTO", &offer->xclient_proto},       {"LOGIN", &offer->xclient_login},
        {"DESTADDR", &offer->xclient_destaddr}, {"DESTPORT", &offer->xclient_destport},
    };
    struct slice word;
    while (slice_split(&attributes, ' ', &word))
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (slice_eq_nocase(word, slice_of(known[i].name)))
                *known[i].flag = true;
    offer->xclient = offer->xclient_addr;
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

static void keyword_parse(struct slice keyword, struct slice parameters, struct backend_offer *offer)
{
    uint64_t size;
    flag_parse(keyword, offer);
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

struct smtp_offer backend_offer_parameters(const struct backend_offer *offer)
{
    return (struct smtp_offer){
        .esmtp = offer->esmtp,
        .size = offer->size,
        .eightbit = offer->eightbit,
        .smtputf8 = offer->smtputf8,
        .dsn = offer->dsn,
        .requiretls = offer->requiretls,
        .deliverby = offer->deliverby,
        .mt_priority = offer->mt_priority,
        .future_release = offer->future_release,
        .size_max = offer->size_max,
    };
}
