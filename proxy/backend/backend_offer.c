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

void backend_offer_meet(struct backend_offer *offer, const struct backend_offer *other)
{
    offer->esmtp = offer->esmtp && other->esmtp;
    offer->pipelining = offer->pipelining && other->pipelining;
    offer->size = offer->size && other->size;
    offer->eightbit = offer->eightbit && other->eightbit;
    offer->enhanced = offer->enhanced && other->enhanced;
    offer->starttls = offer->starttls && other->starttls;
    offer->size_max = smaller_limit(offer->size_max, other->size_max);
}
