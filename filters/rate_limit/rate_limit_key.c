/* rate_limit_key: see rate_limit_key.h. */
#include "filters/rate_limit/rate_limit_key.h"

#include "filters/mailbox_fold.h"

#include <inttypes.h>

static void add_address(const struct rate_limit *limit, const struct rate_part *part, const struct net_addr *address, struct buf *out)
{
    char text[NET_ADDR_TEXT];
    struct net_addr net = *address;
    unsigned bits = (unsigned)(net.family == AF_INET6 ? limit->net6 : limit->net4);
    if (part->net)
        net_addr_mask(&net, bits);
    buf_add_text(out, net_addr_format_ip(&net, text));
    if (part->net)
        buf_add_format(out, "/%u", bits);
}

/** The value of a part, not folded; nothing if there is none. */
static void add_value(const struct rate_limit *limit, const struct rate_part *part, const struct fact_value *value, struct buf *out)
{
    switch (part->type) {
    case FACT_ADDRESS:
        if (value->addr.family)
            add_address(limit, part, &value->addr, out);
        break;
    case FACT_NUMBER:
        buf_add_format(out, "%" PRId64, value->number);
        break;
    case FACT_LIST:
        for (size_t i = 0; i < value->count; i++)
            buf_add_format(out, "%s%.*s", i > 0 ? "," : "", SLICE_FMT(value->items[i]));
        break;
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_DOMAIN:
    case FACT_MAILBOX:
        buf_add(out, value->text);
    }
}

void rate_limit_prefix(const struct rate_limit *limit, struct buf *out)
{
    buf_add_format(out, "%s/%s/", limit->unit == RATE_SESSIONS ? "rs" : "rl", limit->name);
}

bool rate_limit_key(const struct rate_limit *limit, const struct fact_value *values, struct buf *out)
{
    struct buf raw = {0};
    bool whole = true;
    rate_limit_prefix(limit, out);
    for (size_t i = 0; i < limit->part_count && whole; i++) {
        char folded[MAILBOX_FOLD_MAX];
        buf_clear(&raw);
        if (values[i].present)
            add_value(limit, &limit->parts[i], &values[i], &raw);
        struct slice value = mailbox_fold(buf_slice(&raw), folded);
        whole = !slice_empty(value);
        buf_add_format(out, "%s%s=%zu:", i > 0 ? "," : "", limit->parts[i].name, value.len);
        buf_add(out, value);
    }
    buf_release(&raw);
    return whole;
}

void rate_limit_values(const struct rate_limit *limit, const struct facts *facts, struct fact_value values[RATE_PARTS_MAX])
{
    for (size_t i = 0; i < limit->part_count; i++)
        values[i] = *facts_get(facts, limit->parts[i].fact);
}

/** Takes "NAME=LENGTH:VALUE" off *rest. */
static bool take_part(const struct rate_part *part, struct slice *rest, struct slice *value)
{
    struct slice name = slice_of(part->name), number;
    uint64_t len;
    if (!slice_starts(*rest, name) || rest->len <= name.len || rest->ptr[name.len] != '=')
        return false;
    struct slice after = slice_skip(*rest, name.len + 1);
    if (!slice_split(&after, ':', &number) || !after.ptr || !slice_to_u64(number, &len) || len > after.len)
        return false;
    *value = slice_first(after, (size_t)len);
    *rest = slice_skip(after, (size_t)len);
    return true;
}

bool rate_limit_key_read(const struct rate_limit *limit, struct slice key, struct slice values[RATE_PARTS_MAX])
{
    struct buf prefix = {0};
    rate_limit_prefix(limit, &prefix);
    struct slice rest = slice_skip(key, prefix.len);
    bool good = slice_starts(key, buf_slice(&prefix));
    buf_release(&prefix);
    for (size_t i = 0; i < limit->part_count && good; i++) {
        good = i == 0 || slice_starts(rest, SLICE(","));
        rest = slice_skip(rest, i > 0);
        good = good && take_part(&limit->parts[i], &rest, &values[i]);
    }
    return good && rest.len == 0;
}
