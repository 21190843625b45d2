/* Who may ask, and that every place taken is given back. */
#include "base/dns/dns_load.h"
#include "tests/unit/unit.h"

enum { MOST = 4096 };

static struct dns_load *load;
static struct dns_share *held[MOST];
static unsigned held_count;

static void open_load(void)
{
    load = dns_load_new(MOST);
    held_count = 0;
}

/** Takes places until there is none for this asker; returns how many. */
static unsigned take_all(uint64_t asker)
{
    unsigned before = held_count;
    for (struct dns_share *share; (share = dns_load_take(load, asker)) != NULL;)
        held[held_count++] = share;
    return held_count - before;
}

static void give_all_back(void)
{
    while (held_count)
        dns_load_give_back(load, held[--held_count]);
    ck_assert_uint_eq(dns_load_total(load), 0);
    ck_assert_uint_eq(dns_load_askers(load), 0);
    dns_load_free(&load);
    ck_assert_ptr_null(load);
}

static uint64_t asker_of(const char *address)
{
    struct net_addr client;
    ck_assert(net_addr_parse_ip(slice_of(address), &client));
    return dns_load_asker(&client);
}

START_TEST(one_asker_gets_a_small_part_and_others_are_not_touched)
{
    open_load();
    ck_assert_uint_eq(take_all(1), 456); /* an eighth of the 3640 that are left then */
    ck_assert_int_eq(dns_load_state(load, 1), DNS_LOAD_SHARE);
    ck_assert_int_eq(dns_load_state(load, 2), DNS_LOAD_FREE);
    ck_assert_uint_gt(take_all(2), 300);
    give_all_back();
}
END_TEST

START_TEST(many_askers_leave_room_for_one_that_holds_nothing)
{
    open_load();
    for (uint64_t asker = 1; asker <= 40; asker++)
        take_all(asker);
    ck_assert_uint_gt(dns_load_total(load), MOST / 4 * 3);
    ck_assert_int_eq(dns_load_state(load, 1), DNS_LOAD_FULL);
    ck_assert_int_eq(dns_load_state(load, 1000), DNS_LOAD_FREE);
    ck_assert_uint_ge(take_all(1000), 1);
    ck_assert_uint_eq(dns_load_askers(load), 41);
    give_all_back();
}
END_TEST

START_TEST(what_may_begin_may_as_a_rule_be_completed)
{
    enum { BUDGET_OF_A_MESSAGE = 40 };
    open_load();
    while (dns_load_state(load, 1) == DNS_LOAD_FREE)
        held[held_count++] = dns_load_take(load, 1);
    for (int i = 0; i < BUDGET_OF_A_MESSAGE; i++) {
        held[held_count] = dns_load_take(load, 1);
        ck_assert_ptr_nonnull(held[held_count++]);
    }
    give_all_back();
}
END_TEST

START_TEST(nobody_in_particular_may_take_all_and_then_nobody_gets_any)
{
    open_load();
    ck_assert_uint_eq(take_all(0), MOST);
    ck_assert_int_eq(dns_load_state(load, 7), DNS_LOAD_FULL);
    ck_assert_ptr_null(dns_load_take(load, 7));
    ck_assert_uint_eq(dns_load_askers(load), 1);
    give_all_back();
}
END_TEST

START_TEST(a_place_given_back_can_be_taken_again)
{
    open_load();
    take_all(1);
    dns_load_give_back(load, held[--held_count]);
    ck_assert_uint_eq(take_all(1), 1);
    give_all_back();
}
END_TEST

START_TEST(an_asker_is_a_site)
{
    struct net_addr none = {0};
    ck_assert(asker_of("192.0.2.1") == asker_of("192.0.2.255"));
    ck_assert(asker_of("192.0.2.1") == asker_of("::ffff:192.0.2.7"));
    ck_assert(asker_of("192.0.2.1") != asker_of("192.0.3.1"));
    ck_assert(asker_of("2001:db8:1:2::3") == asker_of("2001:db8:1:ffff::4"));
    ck_assert(asker_of("2001:db8:1::") != asker_of("2001:db8:2::"));
    ck_assert(asker_of("0.0.0.0") != asker_of("::"));
    ck_assert(asker_of("0.0.0.0") != 0 && asker_of("::") != 0);
    ck_assert(dns_load_asker(&none) == 0);
}
END_TEST

UNIT_MAIN("base/dns_load", one_asker_gets_a_small_part_and_others_are_not_touched, many_askers_leave_room_for_one_that_holds_nothing,
          what_may_begin_may_as_a_rule_be_completed, nobody_in_particular_may_take_all_and_then_nobody_gets_any,
          a_place_given_back_can_be_taken_again, an_asker_is_a_site)
