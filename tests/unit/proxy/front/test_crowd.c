#include "proxy/front/crowd.h"
#include "tests/unit/unit.h"

#include <sys/wait.h>
#include <unistd.h>

static struct net_addr address(const char *text)
{
    struct net_addr a;
    ck_assert(net_addr_parse_ip(slice_of(text), &a));
    return a;
}

static struct crowd_key key(const char *text, enum crowd_kind kind, unsigned bits)
{
    struct net_addr a = address(text);
    return crowd_key_make(0, kind, &a, bits);
}

static bool same(struct crowd_key a, struct crowd_key b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

START_TEST(keys_tell_listeners_kinds_networks_and_families_apart)
{
    struct net_addr a = address("192.0.2.1");
    struct crowd_key here = crowd_key_make(0, CROWD_ADDRESS, &a, 32), there = crowd_key_make(1, CROWD_ADDRESS, &a, 32);
    ck_assert(!same(here, there));
    ck_assert(same(key("192.0.2.1", CROWD_NETWORK, 24), key("192.0.2.254", CROWD_NETWORK, 24)));
    ck_assert(!same(key("192.0.2.1", CROWD_NETWORK, 24), key("192.0.3.1", CROWD_NETWORK, 24)));
    ck_assert(!same(key("192.0.2.1", CROWD_NETWORK, 32), key("192.0.2.1", CROWD_ADDRESS, 32)));
    ck_assert(!same(key("0.0.0.0", CROWD_ADDRESS, 32), key("::", CROWD_ADDRESS, 128)));
    ck_assert(same(key("192.0.2.1", CROWD_ALL, 0), key("2001:db8::1", CROWD_ALL, 0)));
    ck_assert(same(key("2001:db8::1", CROWD_NETWORK, 64), key("2001:db8::ffff:1", CROWD_NETWORK, 64)));
}
END_TEST

START_TEST(sessions_of_all_workers_count_together)
{
    struct crowd *crowd = crowd_new(3, 100);
    struct crowd_key k = key("192.0.2.1", CROWD_ADDRESS, 32), other = key("192.0.2.2", CROWD_ADDRESS, 32);
    for (size_t worker = 0; worker < 3; worker++) {
        pid_t child = fork();
        if (child == 0)
            _exit(crowd_enter(crowd, worker, &k, 0) && crowd_enter(crowd, worker, &k, 0) ? 0 : 1);
    }
    int status;
    while (wait(&status) > 0)
        ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(crowd_look(crowd, &k).sessions, 6);
    ck_assert_uint_eq(crowd_look(crowd, &other).sessions, 0);
    crowd_leave(crowd, 1, &k);
    ck_assert_uint_eq(crowd_look(crowd, &k).sessions, 5);
    crowd_clear(crowd, 0);
    ck_assert_uint_eq(crowd_look(crowd, &k).sessions, 3);
    crowd_free(&crowd);
}
END_TEST

START_TEST(the_latest_stamp_of_all_workers_counts_and_outlives_a_worker)
{
    struct crowd *crowd = crowd_new(2, 100);
    struct crowd_key k = key("192.0.2.1", CROWD_NETWORK, 24);
    ck_assert(crowd_enter(crowd, 0, &k, 5000));
    ck_assert(crowd_enter(crowd, 1, &k, 9000));
    ck_assert(crowd_enter(crowd, 0, &k, 7000));
    ck_assert_int_eq(crowd_look(crowd, &k).stamp_us, 9000);
    ck_assert(crowd_enter(crowd, 1, &k, 0));
    ck_assert_int_eq(crowd_look(crowd, &k).stamp_us, 9000);
    crowd_clear(crowd, 1);
    ck_assert_int_eq(crowd_look(crowd, &k).stamp_us, 9000);
    crowd_free(&crowd);
}
END_TEST

START_TEST(leaving_what_nobody_entered_changes_nothing)
{
    struct crowd *crowd = crowd_new(1, 100);
    struct crowd_key k = key("192.0.2.1", CROWD_ADDRESS, 32);
    crowd_leave(crowd, 0, &k);
    ck_assert_uint_eq(crowd_look(crowd, &k).sessions, 0);
    ck_assert(crowd_enter(crowd, 0, &k, 0));
    crowd_leave(crowd, 0, &k);
    crowd_leave(crowd, 0, &k);
    ck_assert_uint_eq(crowd_look(crowd, &k).sessions, 0);
    crowd_free(&crowd);
}
END_TEST

/** The n-th network of an attacker who has many. */
static struct crowd_key spread(uint32_t n)
{
    struct net_addr a = address("2001:db8::1");
    memcpy(a.bytes + 4, &n, sizeof n);
    return crowd_key_make(0, CROWD_NETWORK, &a, 64);
}

START_TEST(a_spread_of_networks_takes_no_memory_and_forgets_no_open_session)
{
    struct crowd *crowd = crowd_new(1, 100);
    struct crowd_key honest = key("192.0.2.1", CROWD_ADDRESS, 32);
    size_t size = crowd_table_size(crowd);
    ck_assert(crowd_enter(crowd, 0, &honest, 0));
    for (uint32_t n = 0; n < 300000; n++) {
        struct crowd_key k = spread(n);
        if (crowd_enter(crowd, 0, &k, 1000 + n))
            crowd_leave(crowd, 0, &k);
        else
            ck_abort_msg("network %u found no place", n);
    }
    ck_assert_uint_eq(crowd_look(crowd, &honest).sessions, 1);
    ck_assert_uint_eq(crowd_table_size(crowd), size);
    struct crowd_key last = spread(299999), first = spread(0);
    ck_assert_int_eq(crowd_look(crowd, &last).stamp_us, 300999);
    ck_assert_int_eq(crowd_look(crowd, &first).stamp_us, 0);
    crowd_free(&crowd);
}
END_TEST

START_TEST(as_many_sessions_as_a_worker_takes_are_all_counted)
{
    enum { SESSIONS = 4000 };
    struct crowd *crowd = crowd_new(1, SESSIONS);
    unsigned lost = 0;
    for (uint32_t n = 0; n < SESSIONS; n++) {
        struct crowd_key network = spread(n), one = spread(n);
        one.word[1] = n + 1;
        lost += !crowd_enter(crowd, 0, &network, 0);
        lost += !crowd_enter(crowd, 0, &one, 0);
    }
    ck_assert_uint_le(lost, SESSIONS / 100); /* by a keyed hash: about one in 2,000 */
    crowd_free(&crowd);
}
END_TEST

START_TEST(more_sessions_than_there_are_places_are_not_counted_and_nothing_breaks)
{
    struct crowd *crowd = crowd_new(1, 1);
    size_t places = crowd_table_size(crowd) / 40, counted = 0;
    for (uint32_t n = 0; n < 4 * places; n++) {
        struct crowd_key k = spread(n);
        counted += crowd_enter(crowd, 0, &k, 0);
    }
    ck_assert_uint_le(counted, places);
    ck_assert_uint_gt(counted, places / 2);
    crowd_free(&crowd);
}
END_TEST

UNIT_MAIN("proxy/front/crowd", keys_tell_listeners_kinds_networks_and_families_apart, sessions_of_all_workers_count_together,
          the_latest_stamp_of_all_workers_counts_and_outlives_a_worker, leaving_what_nobody_entered_changes_nothing,
          a_spread_of_networks_takes_no_memory_and_forgets_no_open_session, as_many_sessions_as_a_worker_takes_are_all_counted,
          more_sessions_than_there_are_places_are_not_counted_and_nothing_breaks)
