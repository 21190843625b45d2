#include "proxy/front/admission.h"
#include "tests/unit/unit.h"

enum { SECOND_US = 1000000 };

static struct crowd_seat seats[2];
static struct listener_limits limits;

static void open_door(void)
{
    seats[0] = (struct crowd_seat){crowd_new(2, 100), 0};
    seats[1] = (struct crowd_seat){seats[0].crowd, 1};
    limits = (struct listener_limits){.network4 = 24, .network6 = 64};
}

static void close_door(void)
{
    crowd_free(&seats[0].crowd);
}

static struct admission_guest guest(const char *text)
{
    struct admission_guest g = {.limits = &limits};
    ck_assert(net_addr_parse_ip(slice_of(text), &g.client));
    return g;
}

static enum admission come(size_t worker, const char *text, int64_t now_us)
{
    struct admission_guest g = guest(text);
    return admission_ask(&seats[worker], &g, now_us);
}

START_TEST(without_limits_everybody_is_let_in)
{
    open_door();
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_GRANTED);
    close_door();
}
END_TEST

START_TEST(each_limit_names_itself_and_is_told_over_all_workers)
{
    open_door();
    limits.per_address = 1;
    limits.per_network = 2;
    limits.sessions = 3;
    ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(1, "192.0.2.1", 1), ADMISSION_PER_ADDRESS);
    ck_assert_int_eq(come(1, "192.0.2.2", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(0, "192.0.2.3", 1), ADMISSION_PER_NETWORK);
    ck_assert_int_eq(come(0, "192.0.3.1", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(0, "192.0.4.1", 1), ADMISSION_SESSIONS);
    close_door();
}
END_TEST

START_TEST(who_leaves_makes_room_and_who_was_refused_took_none)
{
    open_door();
    limits.per_address = 1;
    struct admission_guest first = guest("2001:db8::1"), second = guest("2001:db8::1");
    ck_assert_int_eq(admission_ask(&seats[0], &first, 1), ADMISSION_GRANTED);
    ck_assert_int_eq(admission_ask(&seats[1], &second, 1), ADMISSION_PER_ADDRESS);
    admission_end(&seats[1], &second);
    ck_assert_int_eq(admission_ask(&seats[1], &second, 1), ADMISSION_PER_ADDRESS);
    admission_end(&seats[0], &first);
    admission_end(&seats[0], &first);
    ck_assert_int_eq(admission_ask(&seats[1], &second, 1), ADMISSION_GRANTED);
    close_door();
}
END_TEST

START_TEST(a_rate_is_told_over_all_workers_and_insisting_does_not_prolong_it)
{
    open_door();
    ck_assert(gcra_limit_make(2, 2000, 2, &limits.network_rate_gcra));
    int64_t now = 10 * SECOND_US;
    ck_assert_int_eq(come(0, "192.0.2.1", now), ADMISSION_GRANTED);
    ck_assert_int_eq(come(1, "192.0.2.2", now), ADMISSION_GRANTED);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(come(i % 2 == 0, "192.0.2.3", now), ADMISSION_NETWORK_RATE);
    ck_assert_int_eq(come(1, "192.0.3.1", now), ADMISSION_GRANTED);
    ck_assert_int_eq(come(1, "192.0.2.3", now + 2 * SECOND_US), ADMISSION_GRANTED);
    close_door();
}
END_TEST

START_TEST(who_is_refused_by_one_limit_uses_up_no_other)
{
    open_door();
    limits.per_address = 1;
    ck_assert(gcra_limit_make(2, 3600000, 2, &limits.rate_gcra));
    ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_GRANTED);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_PER_ADDRESS);
    ck_assert_int_eq(come(0, "192.0.2.2", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(0, "192.0.2.3", 1), ADMISSION_RATE);
    close_door();
}
END_TEST

START_TEST(exempt_clients_are_neither_refused_nor_counted)
{
    open_door();
    struct arena *arena = arena_new();
    struct cidr_set *set = cidr_set_new(arena);
    ck_assert(cidr_set_add(set, SLICE("192.0.2.0/25")));
    cidr_set_seal(set);
    limits.exempted = set;
    limits.sessions = 1;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(0, "192.0.2.200", 1), ADMISSION_GRANTED);
    ck_assert_int_eq(come(0, "192.0.2.200", 1), ADMISSION_SESSIONS);
    ck_assert_int_eq(come(0, "192.0.2.1", 1), ADMISSION_GRANTED);
    arena_free(&arena);
    close_door();
}
END_TEST

UNIT_MAIN("proxy/front/admission", without_limits_everybody_is_let_in, each_limit_names_itself_and_is_told_over_all_workers,
          who_leaves_makes_room_and_who_was_refused_took_none, a_rate_is_told_over_all_workers_and_insisting_does_not_prolong_it,
          who_is_refused_by_one_limit_uses_up_no_other, exempt_clients_are_neither_refused_nor_counted)
