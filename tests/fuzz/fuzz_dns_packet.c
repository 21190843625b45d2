/* Any bytes as a DNS reply: no crash, no read outside, and what comes out keeps its promises. First byte: the type asked for. */
#include "base/dns/dns_packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(struct slice name)
{
    if (name.len > 1024)
        abort();
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= 0x20 || name.ptr[i] >= 0x7f || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'))
            abort();
}

static void check(const struct dns_packet_reading *reading, enum dns_type type)
{
    const struct dns_answer *a = &reading->answer;
    if ((a->status == DNS_OK) != (a->count > 0) || (a->status == DNS_FAILURE) != (a->why != NULL) || a->ttl > DNS_PACKET_TTL_MAX)
        abort();
    size_t sum = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (type == DNS_TYPE_MX || type == DNS_TYPE_PTR || type == DNS_TYPE_CNAME)
            check_name(a->records[i].data);
        for (size_t k = 0; k < a->records[i].data.len; k++)
            sum += (unsigned char)a->records[i].data.ptr[k];
    }
    if (sum == SIZE_MAX)
        abort();
    check_name(reading->alias);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = {DNS_TYPE_A, DNS_TYPE_CNAME, DNS_TYPE_PTR, DNS_TYPE_MX, DNS_TYPE_TXT, DNS_TYPE_AAAA, DNS_TYPE_SPF};
    if (size == 0)
        return 0;
    enum dns_type type = types[data[0] % (sizeof types / sizeof types[0])];
    struct arena *arena = arena_new();
    struct dns_packet_reading reading;
    dns_packet_read(data + 1, size - 1, type, arena, &reading);
    check(&reading, type);
    arena_free(&arena);
    return 0;
}
