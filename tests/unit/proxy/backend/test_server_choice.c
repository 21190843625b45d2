#include "proxy/backend/server_choice.h"

#include "tests/unit/unit.h"

static struct server_candidate server(int64_t rank, uint64_t weight, size_t sessions)
{
    return (struct server_candidate){.usable = true, .rank = rank, .weight = weight, .sessions = sessions};
}

START_TEST(the_one_with_fewest_sessions_is_chosen)
{
    struct server_candidate c[] = {server(0, 1, 3), server(0, 1, 1), server(0, 1, 2)};
    ck_assert_int_eq(server_choose(c, 3), 1);
}
END_TEST

START_TEST(sessions_are_shared_by_weight)
{
    struct server_candidate c[] = {server(0, 1, 0), server(0, 3, 0)};
    for (int i = 0; i < 400; i++)
        c[server_choose(c, 2)].sessions++;
    ck_assert_uint_eq(c[0].sessions, 100);
    ck_assert_uint_eq(c[1].sessions, 300);
}
END_TEST

START_TEST(servers_that_are_alike_take_turns)
{
    struct server_candidate c[] = {server(0, 1, 0), server(0, 1, 0), server(0, 1, 0)};
    for (uint64_t i = 1; i <= 6; i++) {
        int chosen = server_choose(c, 3);
        ck_assert_int_eq(chosen, (int)((i - 1) % 3));
        c[chosen].chosen = i;
    }
}
END_TEST

START_TEST(a_backup_waits_until_all_better_ones_are_unusable)
{
    struct server_candidate c[] = {server(1, 100, 0), server(0, 1, 50), server(0, 1, 50)};
    ck_assert_int_eq(server_choose(c, 3), 1);
    c[1].usable = false;
    ck_assert_int_eq(server_choose(c, 3), 2);
    c[2].full = true;
    ck_assert_int_eq(server_choose(c, 3), SERVER_CHOICE_FULL);
    c[2].usable = false;
    ck_assert_int_eq(server_choose(c, 3), 0);
}
END_TEST

START_TEST(a_full_server_is_passed_over)
{
    struct server_candidate c[] = {server(0, 9, 0), server(0, 1, 7)};
    c[0].full = true;
    ck_assert_int_eq(server_choose(c, 2), 1);
    c[1].full = true;
    ck_assert_int_eq(server_choose(c, 2), SERVER_CHOICE_FULL);
}
END_TEST

START_TEST(without_a_usable_server_there_is_none)
{
    struct server_candidate c[] = {{.rank = 0, .weight = 1}};
    ck_assert_int_eq(server_choose(c, 1), SERVER_CHOICE_NONE);
    ck_assert_int_eq(server_choose(c, 0), SERVER_CHOICE_NONE);
}
END_TEST

START_TEST(a_server_that_came_back_grows_from_a_tenth_to_its_weight)
{
    ck_assert_uint_eq(server_grown_weight(2, 0, 10000), 200);
    ck_assert_uint_eq(server_grown_weight(2, 5000, 10000), 1100);
    ck_assert_uint_eq(server_grown_weight(2, 10000, 10000), 2000);
    ck_assert_uint_eq(server_grown_weight(2, -5, 10000), 200);
    ck_assert_uint_eq(server_grown_weight(2, 0, 0), 2000);
}
END_TEST

UNIT_MAIN("proxy/server_choice", the_one_with_fewest_sessions_is_chosen, sessions_are_shared_by_weight, servers_that_are_alike_take_turns,
          a_backup_waits_until_all_better_ones_are_unusable, a_full_server_is_passed_over, without_a_usable_server_there_is_none,
          a_server_that_came_back_grows_from_a_tenth_to_its_weight)
