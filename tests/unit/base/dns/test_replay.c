/* Replays over a resolver that knows a static zone only: n0.test is the alias of nothing, each nI.test has a text "n(I+1).test". */
#include "base/dns/replay.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

static struct event_base *base;
static struct dns *dns;
static struct arena *arena;
static struct dns_map *map;
static char zone_path[] = "/tmp/mailweir-replay-XXXXXX";

static void open_all(void)
{
    const char *error = NULL;
    int fd = mkstemp(zone_path);
    ck_assert_int_ge(fd, 0);
    FILE *f = fdopen(fd, "w");
    for (int i = 0; i < 100; i++)
        fprintf(f, "n%d.test TXT n%d.test\n", i, i + 1);
    for (int i = 0; i < 3; i++)
        fprintf(f, "a%d.test CNAME a%d.test\n", i, i + 1);
    fputs("a3.test TXT end.test\n", f);
    fclose(f);
    base = event_base_new();
    struct dns_options options = {.zone_file = zone_path, .timeout_ms = 2000};
    dns = dns_new(base, &options, &error);
    unlink(zone_path);
    ck_assert_msg(dns != NULL, "%s", error);
    arena = arena_new();
    map = dns_map_new(arena, 1000);
}

static void close_all(void)
{
    arena_free(&arena);
    dns_free(&dns);
    event_base_free(base);
}

static void turn(void)
{
    for (int i = 0; i < 200; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

/* An evaluator that follows the chain from n(from) over a number of links. */
struct walk {
    int from, links;
    int runs, done, failures;
    bool starting;
    struct arena **clear; /* cleared by done, or NULL */
    struct dns_map *at;
};

static void ignore_answer(void *ctx, const struct dns_answer *answer)
{
}

static void walk_chain(void *ctx, struct dns_view *view)
{
    struct walk *w = ctx;
    char first[32];
    snprintf(first, sizeof first, "n%d.test", w->from);
    struct slice name = slice_of(first);
    w->runs++;
    w->failures = 0;
    for (int i = 0; i < w->links; i++) {
        const struct dns_answer *a = dns_view_find(view, name, DNS_TYPE_TXT);
        if (!a)
            return;
        if (a->status != DNS_OK) {
            w->failures++;
            return;
        }
        name = a->records[0].data;
    }
}

static void walk_done(void *ctx)
{
    struct walk *w = ctx;
    ck_assert(!w->starting);
    w->done++;
    if (w->clear)
        arena_clear(*w->clear);
}

static struct replay *start(struct walk *w)
{
    w->starting = true;
    struct replay *r = replay_start(arena, dns, map, walk_chain, walk_done, w);
    w->starting = false;
    return r;
}

START_TEST(each_miss_is_one_more_round)
{
    open_all();
    struct walk w = {.links = 5};
    struct replay *r = start(&w);
    ck_assert_int_eq(w.runs, 1);
    ck_assert(!replay_finished(r));
    turn();
    ck_assert(replay_finished(r));
    ck_assert_int_eq(w.runs, 6);
    ck_assert_int_eq(w.done, 1);
    ck_assert_int_eq(w.failures, 0);
    ck_assert_uint_eq(dns_map_wanted(map), 5);
    close_all();
}
END_TEST

START_TEST(done_comes_later_even_if_nothing_was_missed)
{
    open_all();
    struct walk w = {.links = 0};
    struct replay *r = start(&w);
    ck_assert_int_eq(w.runs, 1);
    ck_assert_int_eq(w.done, 0);
    ck_assert(!replay_finished(r));
    turn();
    ck_assert_int_eq(w.done, 1);
    ck_assert_int_eq(w.runs, 1);
    close_all();
}
END_TEST

START_TEST(replays_share_names_and_each_ends_on_its_own)
{
    open_all();
    struct walk brief = {.links = 1}, lengthy = {.links = 10}, inside = {.from = 3, .links = 2};
    start(&brief);
    start(&lengthy);
    start(&inside);
    turn();
    ck_assert_int_eq(brief.done + lengthy.done + inside.done, 3);
    ck_assert_int_eq(brief.runs, 2);
    ck_assert_int_le(lengthy.runs, 11);
    ck_assert_uint_eq(dns_map_wanted(map), 10);
    close_all();
}
END_TEST

/** Asks for two names at once, one of them twice. */
static void ask_wide(void *ctx, struct dns_view *view)
{
    ++*(int *)ctx;
    dns_view_find(view, SLICE("n1.test"), DNS_TYPE_TXT);
    dns_view_find(view, SLICE("n1.test"), DNS_TYPE_TXT);
    dns_view_find(view, SLICE("n50.test"), DNS_TYPE_TXT);
}

static void ignore_done(void *ctx)
{
}

START_TEST(all_names_of_a_run_are_waited_for)
{
    open_all();
    int runs = 0;
    struct replay *r = replay_start(arena, dns, map, ask_wide, ignore_done, &runs);
    turn();
    ck_assert(replay_finished(r));
    ck_assert_int_eq(runs, 2);
    close_all();
}
END_TEST

START_TEST(too_many_rounds_end_in_failure)
{
    open_all();
    struct walk w = {.links = 90};
    struct replay *r = start(&w);
    turn();
    ck_assert(replay_finished(r));
    ck_assert_int_eq(w.done, 1);
    ck_assert_int_eq(w.failures, 1);
    ck_assert_int_le(w.runs, 65);
    close_all();
}
END_TEST

START_TEST(a_cancelled_replay_is_silent_and_the_others_go_on)
{
    open_all();
    struct walk gone = {.links = 5}, stays = {.links = 5}, idle = {.links = 0};
    struct replay *a = start(&gone), *c = start(&idle);
    start(&stays);
    replay_cancel(a);
    replay_cancel(c);
    turn();
    replay_cancel(a);
    ck_assert_int_eq(gone.done + idle.done, 0);
    ck_assert_int_eq(gone.runs, 1);
    ck_assert_int_eq(stays.done, 1);
    close_all();
}
END_TEST

START_TEST(clearing_the_arena_cancels_everything)
{
    open_all();
    struct walk a = {.links = 5}, b = {.links = 0};
    start(&a);
    start(&b);
    arena_clear(arena);
    turn();
    ck_assert_int_eq(a.done + b.done, 0);
    ck_assert_int_eq(a.runs, 1);
    close_all();
}
END_TEST

START_TEST(done_may_clear_the_arena)
{
    open_all();
    struct walk first = {.links = 2, .clear = &arena}, second = {.links = 2}, third = {.links = 4};
    start(&first);
    start(&second);
    start(&third);
    turn();
    ck_assert_int_eq(first.done, 1);
    ck_assert_int_eq(second.done + third.done, 0);
    close_all();
}
END_TEST

START_TEST(a_replay_may_live_shorter_than_its_map)
{
    open_all();
    struct arena *brief = arena_new();
    struct walk gone = {.links = 3}, stays = {.links = 3};
    gone.starting = true;
    replay_start(brief, dns, map, walk_chain, walk_done, &gone);
    start(&stays);
    arena_free(&brief);
    turn();
    ck_assert_int_eq(gone.done, 0);
    ck_assert_int_eq(stays.done, 1);
    close_all();
}
END_TEST

START_TEST(the_budget_ends_a_chain)
{
    open_all();
    map = dns_map_new(arena, 3);
    struct walk w = {.links = 10};
    start(&w);
    turn();
    ck_assert_int_eq(w.done, 1);
    ck_assert_int_eq(w.failures, 1);
    ck_assert_uint_eq(dns_map_refused(map), 1);
    close_all();
}
END_TEST

static void look_up_alias(void *ctx, struct dns_view *view)
{
    const struct dns_answer *a = dns_view_find(view, SLICE("a0.test"), DNS_TYPE_TXT);
    *(enum dns_status *)ctx = a ? a->status : DNS_FAILURE;
}

static void nothing_more(void *ctx)
{
}

static enum dns_status look_up_within(unsigned budget)
{
    enum dns_status status = DNS_NODATA;
    map = dns_map_new(arena, budget);
    replay_start(arena, dns, map, look_up_alias, nothing_more, &status);
    turn();
    return status;
}

START_TEST(the_links_of_a_chain_come_out_of_the_budget)
{
    open_all();
    ck_assert_int_eq(look_up_within(3), DNS_FAILURE);
    ck_assert_uint_eq(dns_map_refused(map), 1);
    ck_assert_int_eq(look_up_within(4), DNS_OK);
    ck_assert_uint_eq(dns_map_spent(map), 4);
    ck_assert_uint_eq(dns_map_entries(map)->queries, 4);
    close_all();
}
END_TEST

START_TEST(what_is_asked_counts_against_the_asker_of_the_map)
{
    enum { ENOUGH_FOR_ONE = 5000 };
    struct dns_query *others[ENOUGH_FOR_ONE];
    const char *error = NULL, *silent[] = {"127.0.0.1@9"};
    struct dns_options options = {.forward = silent, .forward_count = 1, .timeout_ms = 20000};
    base = event_base_new();
    dns = dns_new(base, &options, &error);
    ck_assert_ptr_nonnull(dns);
    arena = arena_new();
    struct dns_map *busy = dns_map_new(arena, 10), *calm = dns_map_new(arena, 10);
    dns_map_set_asker(busy, 1);
    dns_map_set_asker(calm, 2);
    for (int i = 0; i < ENOUGH_FOR_ONE; i++)
        others[i] = dns_ask_for(dns, 1, SLICE("far.test"), DNS_TYPE_A, ignore_answer, NULL);
    struct walk starved = {.links = 1}, waits = {.links = 1};
    replay_start(arena, dns, busy, walk_chain, walk_done, &starved);
    replay_start(arena, dns, calm, walk_chain, walk_done, &waits);
    ck_assert_uint_eq(dns_load_askers(dns_load(dns)), 2);
    for (int i = 0; i < ENOUGH_FOR_ONE; i++)
        dns_cancel(others[i]);
    turn();
    ck_assert(dns_map_starved(busy));
    ck_assert(!dns_map_starved(calm));
    close_all();
}
END_TEST

UNIT_MAIN("base/replay", what_is_asked_counts_against_the_asker_of_the_map, each_miss_is_one_more_round,
          done_comes_later_even_if_nothing_was_missed, replays_share_names_and_each_ends_on_its_own, all_names_of_a_run_are_waited_for,
          too_many_rounds_end_in_failure, a_cancelled_replay_is_silent_and_the_others_go_on, clearing_the_arena_cancels_everything,
          done_may_clear_the_arena, the_links_of_a_chain_come_out_of_the_budget, a_replay_may_live_shorter_than_its_map,
          the_budget_ends_a_chain)
