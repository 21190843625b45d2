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

static void keyword_parse(struct slice keyword, struct slice parameters, struct backend_offer *offer)
{
    uint64_t size;
    if (slice_eq_nocase(keyword, SLICE("PIPELINING")))
        offer->pipelining = true;
    else if (slice_eq_nocase(keyword, SLICE("8BITMIME")))
        offer->eightbit = true;
    else if (slice_eq_nocase(keyword, SLICE("ENHANCEDSTATUSCODES")))
        offer->enhanced = true;
    else if (slice_eq_nocase(keyword, SLICE("STARTTLS")))
        offer->starttls = true;
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
