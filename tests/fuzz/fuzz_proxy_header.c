/* fuzz_proxy_header: whatever a load balancer sends, the header ends inside it, the verdict does not change with what follows, and what
 * we would write of it reads the same. */
#include "proxy/smtp/proxy_header.h"
#include "tests/fuzz/fuzz.h"

static bool same(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void check_again(const struct proxy_header *h)
{
    struct proxy_header again;
    struct buf out = {0};
    proxy_header_format(&out, &h->source, &h->destination);
    FUZZ_CHECK(proxy_header_parse(buf_slice(&out), &again) == PROXY_HEADER_OK && again.length == out.len);
    if (h->source.family == h->destination.family)
        FUZZ_CHECK(same(&h->source, &again.source) && same(&h->destination, &again.destination));
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct proxy_header h, part;
    if (proxy_header_parse(input, &h) != PROXY_HEADER_OK)
        return 0;
    FUZZ_CHECK(h.length > 0 && h.length <= size && h.length <= PROXY_HEADER_MAX);
    FUZZ_CHECK(proxy_header_parse(slice_first(input, h.length), &part) == PROXY_HEADER_OK && part.length == h.length);
    FUZZ_CHECK(proxy_header_parse(slice_first(input, h.length - 1), &part) == PROXY_HEADER_MORE);
    check_again(&h);
    return 0;
}
