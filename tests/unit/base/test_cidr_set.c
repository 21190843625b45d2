/* Proves base/cidr_set.c. */
#include "base/cidr_set.h"

#include "tests/unit/unit.h"

#include <stdio.h>

static struct net_addr ip(const char *text)
{
    struct net_addr a;
    ck_assert_msg(net_addr_parse_ip(slice_of(text), &a), "%s", text);
    return a;
}

static bool holds(const struct cidr_set *set, const char *text)
{
    struct net_addr a = ip(text);
    return cidr_set_holds(set, &a);
}

START_TEST(networks_hold_their_first_and_last_address_and_no_more)
{
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    ck_assert(cidr_set_add(set, SLICE("192.0.2.77/25")));
    ck_assert(cidr_set_add(set, SLICE("2001:db8:0:1::/64")));
    cidr_set_seal(set);
    ck_assert(holds(set, "192.0.2.0") && holds(set, "192.0.2.127"));
    ck_assert(!holds(set, "192.0.1.255") && !holds(set, "192.0.2.128"));
    ck_assert(holds(set, "2001:db8:0:1::") && holds(set, "2001:db8:0:1:ffff:ffff:ffff:ffff"));
    ck_assert(!holds(set, "2001:db8:0:2::") && !holds(set, "2001:db8::ffff:ffff:ffff:ffff"));
    arena_free(&arena);
}
END_TEST

START_TEST(families_are_never_mixed)
{
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    ck_assert(cidr_set_add(set, SLICE("::/0")));
    cidr_set_seal(set);
    ck_assert(!holds(set, "192.0.2.1"));
    ck_assert(holds(set, "2001:db8::1"));
    struct net_addr none = {0};
    ck_assert(!cidr_set_holds(set, &none));
    arena_free(&arena);
}
END_TEST

START_TEST(mapped_networks_are_ipv4)
{
    struct net_addr a;
    unsigned bits;
    ck_assert(cidr_parse(SLICE("::ffff:192.0.2.77/120"), &a, &bits));
    ck_assert_int_eq(a.family, AF_INET);
    ck_assert_uint_eq(bits, 24);
    ck_assert_uint_eq(a.bytes[3], 0);
    ck_assert(!cidr_parse(SLICE("::ffff:192.0.2.77/64"), &a, &bits));
}
END_TEST

START_TEST(what_is_no_network_is_refused)
{
    static const char *const bad[] = {"",
                                      "192.0.2",
                                      "192.0.2.0/",
                                      "192.0.2.0/33",
                                      "192.0.2.0/-1",
                                      "192.0.2.0/1x",
                                      "192.0.2.256",
                                      "2001:db8::/129",
                                      "192.0.2.0/24/8",
                                      "example.com",
                                      " 192.0.2.1",
                                      "1.2.3.4/0024"};
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!cidr_set_add(set, slice_of(bad[i])), "%s", bad[i]);
    cidr_set_seal(set);
    ck_assert(!holds(set, "192.0.2.1"));
    arena_free(&arena);
}
END_TEST

START_TEST(the_whole_space_and_its_last_address)
{
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    ck_assert(cidr_set_add(set, SLICE("255.255.255.255")));
    ck_assert(cidr_set_add(set, SLICE("0.0.0.0/0")));
    ck_assert(cidr_set_add(set, SLICE("0.0.0.0")));
    cidr_set_seal(set);
    ck_assert(holds(set, "255.255.255.255") && holds(set, "0.0.0.0") && holds(set, "10.1.2.3"));
    arena_free(&arena);
}
END_TEST

/** One random network of few distinct bits, so that many overlap and touch. */
static void random_network(unsigned *seed, struct net_addr *a, unsigned *bits)
{
    bool six = rand_r(seed) % 2;
    *a = (struct net_addr){.family = six ? AF_INET6 : AF_INET};
    for (size_t i = 0; i < (six ? 16u : 4u); i++)
        a->bytes[i] = (uint8_t)(rand_r(seed) % 4 ? 0 : rand_r(seed) % 2 ? 255 : rand_r(seed) % 256);
    *bits = (unsigned)rand_r(seed) % (net_addr_bits(a) + 1);
}

static bool naive_holds(const struct net_addr *nets, const unsigned *bits, size_t count, struct net_addr addr)
{
    for (size_t i = 0; i < count; i++) {
        struct net_addr x = addr, y = nets[i];
        net_addr_mask(&x, bits[i]);
        net_addr_mask(&y, bits[i]);
        if (x.family == y.family && memcmp(x.bytes, y.bytes, 16) == 0)
            return true;
    }
    return false;
}

START_TEST(random_sets_answer_like_a_plain_search)
{
    enum { NETS = 24 };
    unsigned seed = 20260807;
    for (int round = 0; round < 400; round++) {
        struct arena *arena = arena_new();
        struct cidr_set *set = cidr_set_new(arena);
        struct net_addr nets[NETS];
        unsigned bits[NETS];
        size_t count = 1 + (size_t)rand_r(&seed) % NETS;
        for (size_t i = 0; i < count; i++) {
            char text[NET_ADDR_TEXT];
            random_network(&seed, &nets[i], &bits[i]);
            bits[i] = bits[i] < 6 ? bits[i] + 6 : bits[i];
            struct net_addr unmapped;
            ck_assert(net_addr_parse_ip(slice_of(net_addr_format_ip(&nets[i], text)), &unmapped));
            if (unmapped.family != nets[i].family) { /* ::ffff:0:0/96 */
                nets[i] = unmapped;
                bits[i] = 32;
            }
            ck_assert(cidr_set_add(set, slice_of(arena_format(arena, "%s/%u", net_addr_format_ip(&nets[i], text), bits[i]))));
        }
        cidr_set_seal(set);
        for (int probe = 0; probe < 100; probe++) {
            struct net_addr addr;
            unsigned ignored;
            random_network(&seed, &addr, &ignored);
            ck_assert_int_eq(cidr_set_holds(set, &addr), naive_holds(nets, bits, count, addr));
        }
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_million_networks_are_held)
{
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    for (unsigned i = 0; i < 1000000; i++) {
        char text[32];
        int n = snprintf(text, sizeof text, "%u.%u.%u.%u/31", 1 + i / 65536, i / 256 % 256, i % 256, i % 64 * 4);
        ck_assert(cidr_set_add(set, slice_make(text, (size_t)n)));
    }
    cidr_set_seal(set);
    ck_assert(holds(set, "1.0.1.5") && !holds(set, "1.0.1.6") && !holds(set, "1.0.1.3"));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("base/cidr_set", networks_hold_their_first_and_last_address_and_no_more, families_are_never_mixed, mapped_networks_are_ipv4,
          what_is_no_network_is_refused, the_whole_space_and_its_last_address, random_sets_answer_like_a_plain_search,
          a_million_networks_are_held)
