/* iprev_eval: see iprev_eval.h. */
#include "filters/iprev/iprev_eval.h"

#include "filters/domain_name.h"

static struct slice reverse_v4(const uint8_t *b, struct arena *arena)
{
    return slice_of(arena_format(arena, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]));
}

static struct slice reverse_v6(const uint8_t *b, struct arena *arena)
{
    static const char hex[] = "0123456789abcdef";
    char nibbles[64];
    for (size_t i = 0; i < 16; i++) {
        nibbles[4 * i] = hex[b[15 - i] & 15];
        nibbles[4 * i + 2] = hex[b[15 - i] >> 4];
        nibbles[4 * i + 1] = nibbles[4 * i + 3] = '.';
    }
    return slice_of(arena_format(arena, "%.*sip6.arpa", (int)sizeof nibbles, nibbles));
}

struct slice iprev_reverse_name(const struct net_addr *addr, struct arena *arena)
{
    if (addr->family == AF_INET)
        return reverse_v4(addr->bytes, arena);
    return addr->family == AF_INET6 ? reverse_v6(addr->bytes, arena) : SLICE("");
}

static bool holds_address(const struct dns_answer *answer, const struct net_addr *addr)
{
    struct slice bytes = slice_make((const char *)addr->bytes, net_addr_bits(addr) / 8);
    for (size_t i = 0; i < answer->count; i++)
        if (slice_eq(answer->records[i].data, bytes))
            return true;
    return false;
}

static void check_names(const struct net_addr *client, const struct dns_answer *ptr, struct dns_view *view, struct arena *arena,
                        struct iprev_verdict *out)
{
    enum dns_type type = client->family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
    bool unsure = false;
    for (size_t i = 0; i < ptr->count && i < IPREV_NAMES_MAX; i++) {
        struct slice name;
        if (!domain_name_normalise(ptr->records[i].data, arena, &name))
            continue;
        if (out->name.len == 0)
            out->name = name;
        const struct dns_answer *forward = dns_view_find(view, name, type); /* all at once: the first run asks for each */
        if (!forward || forward->status == DNS_FAILURE) {
            unsure = true;
        } else if (out->result != IPREV_IS_PASS && holds_address(forward, client)) {
            out->result = IPREV_IS_PASS;
            out->name = name;
        }
    }
    if (unsure && out->result != IPREV_IS_PASS)
        out->result = IPREV_IS_TEMPERROR;
}

void iprev_evaluate(const struct net_addr *client, struct dns_view *view, struct arena *arena, struct iprev_verdict *out)
{
    *out = (struct iprev_verdict){.result = IPREV_IS_NONE, .name = SLICE("")};
    struct slice reverse = iprev_reverse_name(client, arena);
    if (reverse.len == 0)
        return;
    const struct dns_answer *ptr = dns_view_find(view, reverse, DNS_TYPE_PTR);
    if (!ptr || ptr->status == DNS_FAILURE) {
        out->result = IPREV_IS_TEMPERROR;
    } else if (ptr->count) {
        out->result = IPREV_IS_FAIL;
        check_names(client, ptr, view, arena, out);
    }
}

const char *iprev_result_word(enum iprev_result result)
{
    static const char *const words[] = {"none", "pass", "fail", "temperror"};
    return words[result];
}

const char *iprev_method_result(enum iprev_result result)
{
    return result == IPREV_IS_NONE ? "permerror" : iprev_result_word(result);
}
