#include "base/dns/dns_map.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct arena *arena;
static struct dns_map *map;

static void open_map(unsigned budget)
{
    arena = arena_new();
    map = dns_map_new(arena, budget);
}

START_TEST(a_miss_is_noted_once_for_all_views)
{
    open_map(10);
    struct dns_view first = {.map = map}, second = {.map = map};
    ck_assert_ptr_null(dns_view_find(&first, SLICE("Example.COM"), DNS_TYPE_TXT));
    ck_assert_ptr_null(dns_view_find(&first, SLICE("example.com."), DNS_TYPE_TXT));
    ck_assert_ptr_null(dns_view_find(&second, SLICE("example.com"), DNS_TYPE_TXT));
    ck_assert_ptr_null(dns_view_find(&second, SLICE("example.com"), DNS_TYPE_MX));
    ck_assert_uint_eq(first.missed, 2);
    ck_assert_uint_eq(second.missed, 2);
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    const struct dns_map_entry *e = dns_map_entries(map);
    ck_slice_eq(e->name, "example.com");
    ck_assert_int_eq(e->type, DNS_TYPE_TXT);
    ck_assert_int_eq(e->next->type, DNS_TYPE_MX);
    ck_assert_ptr_null(e->next->next);
    arena_free(&arena);
}
END_TEST

START_TEST(answers_are_copied_and_the_first_one_stays)
{
    open_map(10);
    char text[] = "v=spf1 -all";
    struct dns_record record = {.data = slice_of(text), .preference = 7};
    struct dns_answer answer = {.status = DNS_OK, .count = 1, .records = &record, .ttl = 60, .secure = true};
    struct dns_answer other = {.status = DNS_NXDOMAIN};
    dns_map_put(map, SLICE("a.test."), DNS_TYPE_TXT, &answer);
    dns_map_put(map, SLICE("A.test"), DNS_TYPE_TXT, &other);
    memset(text, 'x', sizeof text - 1);
    record.data.len = 0;
    struct dns_view view = {.map = map};
    const struct dns_answer *found = dns_view_find(&view, SLICE("a.TEST"), DNS_TYPE_TXT);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->status, DNS_OK);
    ck_slice_eq(found->records[0].data, "v=spf1 -all");
    ck_assert_uint_eq(found->records[0].preference, 7);
    ck_assert(found->secure);
    ck_assert_uint_eq(view.missed, 0);
    ck_assert_uint_eq(dns_map_wanted(map), 0);
    arena_free(&arena);
}
END_TEST

START_TEST(beyond_the_budget_every_new_name_fails_at_once)
{
    open_map(2);
    struct dns_view view = {.map = map};
    dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A);
    dns_view_find(&view, SLICE("b.test"), DNS_TYPE_A);
    const struct dns_answer *over = dns_view_find(&view, SLICE("c.test"), DNS_TYPE_A);
    ck_assert_ptr_nonnull(over);
    ck_assert_int_eq(over->status, DNS_FAILURE);
    ck_assert_uint_eq(dns_map_refused(map), 1);
    ck_assert_ptr_null(dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A)); /* wanted already: no new name */
    ck_assert_uint_eq(dns_map_wanted(map), 2);
    arena_free(&arena);
}
END_TEST

START_TEST(each_further_query_of_a_name_leaves_less_for_others)
{
    open_map(4);
    struct dns_view view = {.map = map};
    dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A);
    struct dns_map_entry *a = dns_map_entries(map);
    ck_assert_uint_eq(a->queries, 1);
    ck_assert(dns_map_spend(map, a));
    ck_assert(dns_map_spend(map, a));
    ck_assert_uint_eq(a->queries, 3);
    ck_assert_uint_eq(dns_map_wanted(map), 1);
    ck_assert_uint_eq(dns_map_spent(map), 3);
    ck_assert_ptr_null(dns_view_find(&view, SLICE("b.test"), DNS_TYPE_A));
    ck_assert_ptr_nonnull(dns_view_find(&view, SLICE("c.test"), DNS_TYPE_A));
    ck_assert(!dns_map_spend(map, a));
    ck_assert_uint_eq(dns_map_spent(map), 4);
    ck_assert_uint_eq(dns_map_refused(map), 2);
    arena_free(&arena);
}
END_TEST

START_TEST(what_a_name_leads_to_leaves_the_reserve_of_who_wanted_it)
{
    open_map(5);
    struct dns_view modest = {.map = map, .reserve = 3}, last = {.map = map};
    dns_view_find(&modest, SLICE("a.test"), DNS_TYPE_A);
    struct dns_map_entry *a = dns_map_entries(map);
    ck_assert(dns_map_spend(map, a));
    ck_assert(!dns_map_spend(map, a));
    ck_assert_ptr_null(dns_view_find(&last, SLICE("b.test"), DNS_TYPE_A));
    ck_assert(dns_map_spend(map, a->next));
    ck_assert(dns_map_spend(map, a->next));
    ck_assert(!dns_map_spend(map, a->next));
    ck_assert_uint_eq(dns_map_spent(map), 5);
    arena_free(&arena);
}
END_TEST

START_TEST(another_map_is_charged_with_what_it_spends_or_may_still_spend)
{
    static const struct dns_answer nodata = {.status = DNS_NODATA};
    open_map(10);
    struct dns_map *session = dns_map_new(arena, 6);
    struct dns_view view = {.map = map, .reserve = 4}, other = {.map = session};
    dns_map_charge(map, session);
    ck_assert_ptr_null(dns_view_find(&other, SLICE("p.test"), DNS_TYPE_PTR));
    ck_assert_ptr_nonnull(dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A)); /* it may come to 6 */
    dns_map_put(session, SLICE("p.test"), DNS_TYPE_PTR, &nodata);
    ck_assert_ptr_null(dns_view_find(&view, SLICE("b.test"), DNS_TYPE_A)); /* it has come to 1 */
    for (int i = 0; i < 4; i++)
        ck_assert(dns_map_spend(map, dns_map_entries(map)));
    ck_assert(!dns_map_spend(map, dns_map_entries(map)));
    ck_assert_uint_eq(dns_map_spent(map), 5);
    ck_assert_uint_eq(dns_map_spent(session), 1);
    arena_free(&arena);
}
END_TEST

START_TEST(illegal_names_and_type_spf_need_no_query)
{
    open_map(2);
    struct dns_view view = {.map = map};
    ck_assert_int_eq(dns_view_find(&view, SLICE("a..test"), DNS_TYPE_A)->status, DNS_NXDOMAIN);
    ck_assert_int_eq(dns_view_find(&view, SLICE(""), DNS_TYPE_A)->status, DNS_NXDOMAIN);
    ck_assert_int_eq(dns_view_find(&view, SLICE("a.test"), DNS_TYPE_SPF)->status, DNS_NODATA);
    ck_assert_uint_eq(view.missed, 0);
    ck_assert_ptr_null(dns_map_entries(map));
    arena_free(&arena);
}
END_TEST

START_TEST(thousands_of_names_are_found_again_in_order)
{
    open_map(0);
    struct dns_answer answer = {.status = DNS_NODATA};
    for (uint32_t i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.test", i);
        answer.ttl = i;
        dns_map_put(map, slice_of(name), i % 2 ? DNS_TYPE_A : DNS_TYPE_MX, &answer);
    }
    struct dns_view view = {.map = map};
    uint32_t i = 0;
    for (const struct dns_map_entry *e = dns_map_entries(map); e; e = e->next, i++) {
        ck_assert_ptr_eq(dns_view_find(&view, e->name, e->type), e->answer);
        ck_assert_uint_eq(e->answer->ttl, i);
    }
    ck_assert_uint_eq(i, 5000);
    arena_free(&arena);
}
END_TEST

static void note_name(void *ctx, struct dns_map_entry *entry)
{
    *(struct slice *)ctx = entry->name;
}

START_TEST(a_closed_map_knows_no_misses)
{
    open_map(5);
    struct slice told = SLICE("");
    struct dns_view view = {.map = map};
    dns_map_watch(map, (struct dns_map_watch){.missed = note_name, .ctx = &told});
    dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A);
    ck_slice_eq(told, "a.test");
    struct dns_map_watch before = dns_map_watch(map, (struct dns_map_watch){.closed = true});
    ck_assert_ptr_eq(before.ctx, &told);
    ck_assert_int_eq(dns_view_find(&view, SLICE("a.test"), DNS_TYPE_A)->status, DNS_FAILURE);
    ck_assert_int_eq(dns_view_find(&view, SLICE("b.test"), DNS_TYPE_A)->status, DNS_FAILURE);
    ck_assert_uint_eq(dns_map_wanted(map), 1);
    ck_assert_ptr_eq(dns_map_arena(map), arena);
    arena_free(&arena);
}
END_TEST

START_TEST(a_reserve_is_left_for_those_who_come_later)
{
    open_map(3);
    struct dns_view greedy = {.map = map, .reserve = 2}, last = {.map = map};
    ck_assert_ptr_null(dns_view_find(&greedy, SLICE("one.test"), DNS_TYPE_A));
    ck_assert_int_eq(dns_view_find(&greedy, SLICE("two.test"), DNS_TYPE_A)->status, DNS_FAILURE);
    ck_assert_ptr_null(dns_view_find(&last, SLICE("three.test"), DNS_TYPE_A));
    ck_assert_ptr_null(dns_view_find(&last, SLICE("four.test"), DNS_TYPE_A));
    ck_assert_int_eq(dns_view_find(&last, SLICE("five.test"), DNS_TYPE_A)->status, DNS_FAILURE);
    arena_free(&arena);
}
END_TEST

START_TEST(a_lookup_refused_by_our_own_load_marks_the_map)
{
    struct dns_answer broken = {.status = DNS_FAILURE, .why = "SERVFAIL"}, refused = {.status = DNS_FAILURE, .refused = true};
    open_map(3);
    dns_map_put(map, SLICE("one.test"), DNS_TYPE_A, &broken);
    ck_assert(!dns_map_starved(map));
    dns_map_put(map, SLICE("one.test"), DNS_TYPE_A, &refused); /* the first answer stays */
    ck_assert(!dns_map_starved(map));
    dns_map_put(map, SLICE("two.test"), DNS_TYPE_A, &refused);
    ck_assert(dns_map_starved(map));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("base/dns_map", a_lookup_refused_by_our_own_load_marks_the_map, a_reserve_is_left_for_those_who_come_later,
          a_miss_is_noted_once_for_all_views, answers_are_copied_and_the_first_one_stays, beyond_the_budget_every_new_name_fails_at_once,
          each_further_query_of_a_name_leaves_less_for_others, what_a_name_leads_to_leaves_the_reserve_of_who_wanted_it,
          another_map_is_charged_with_what_it_spends_or_may_still_spend, illegal_names_and_type_spf_need_no_query,
          thousands_of_names_are_found_again_in_order, a_closed_map_knows_no_misses)
