#include "base/clock.h"
#include "proxy/process/generation.h"
#include "tests/unit/unit.h"

#include <unistd.h>

enum { EXITED_1 = 1 << 8, KILLED_BY_9 = 9 }; /* as waitpid tells it */

static struct worker_slot slots[2];
static struct stats_page *stats; /* of the last one */

/** Two workers that have not said anything yet. */
static struct generation starting(void)
{
    slots[0] = (struct worker_slot){.pid = 100};
    slots[1] = (struct worker_slot){.pid = 200};
    static const struct stats_def defs[] = {{"counter", STATS_COUNTER}};
    static const struct stats_file none;
    const char *error;
    static struct crowd *crowd;
    crowd_free(&crowd);
    crowd = crowd_new(2, 10);
    struct generation g = {.workers = slots, .worker_count = 2, .crowd = crowd, .patience_us = clock_monotonic_us() + 60 * 1000000LL};
    ck_assert_int_eq(pipe(g.ready), 0);
    stats_page_free(&stats);
    g.stats = stats = stats_page_new(&none, defs, 1, 2, &error);
    return g;
}

START_TEST(it_is_ready_when_every_worker_has_said_so)
{
    struct generation g = starting();
    ck_assert_int_eq(write(g.ready[1], "", 1), 1);
    close(g.ready[1]);
    ck_assert(!generation_is_ready(&g));
    ck_assert_str_eq(g.failure, "");
    close(g.ready[0]);
    g = starting();
    ck_assert_int_eq(write(g.ready[1], "ab", 2), 2);
    close(g.ready[1]);
    ck_assert(generation_is_ready(&g));
    g.ready[1] = -1;
    generation_serve(&g);
    ck_assert_int_eq(g.ready[0], -1);
    ck_assert_int_eq(g.state, GENERATION_SERVING);
}
END_TEST

START_TEST(it_has_failed_when_its_time_is_over)
{
    struct generation g = starting();
    g.patience_us = clock_monotonic_us() - 1;
    ck_assert_int_eq(write(g.ready[1], "", 1), 1);
    close(g.ready[1]);
    ck_assert(!generation_is_ready(&g));
    ck_assert_str_eq(g.failure, "1 of 2 workers did not listen within 60 s");
    close(g.ready[0]);
}
END_TEST

START_TEST(it_has_failed_when_a_worker_ends_although_all_said_that_they_listen)
{
    struct generation g = starting();
    ck_assert_int_eq(write(g.ready[1], "ab", 2), 2);
    close(g.ready[1]);
    generation_note_death(&g, 300, EXITED_1);
    ck_assert_str_eq(g.failure, "");
    generation_note_death(&g, 200, KILLED_BY_9);
    ck_assert_str_eq(g.failure, "worker 200 ended with signal 9 before all listened");
    ck_assert(!generation_is_ready(&g));
    ck_assert_uint_eq(generation_alive(&g), 1);
    close(g.ready[0]);
}
END_TEST

START_TEST(a_worker_of_a_serving_one_that_died_young_waits_before_it_starts_again)
{
    struct generation g = starting();
    close(g.ready[1]);
    g.ready[1] = -1;
    generation_serve(&g);
    slots[0].started_us = clock_monotonic_us();
    generation_note_death(&g, 100, EXITED_1);
    ck_assert_str_eq(g.failure, "");
    ck_assert_int_eq(slots[0].pid, 0);
    ck_assert_int_gt(slots[0].restart_us, slots[0].started_us);
}
END_TEST

UNIT_MAIN("proxy/generation", it_is_ready_when_every_worker_has_said_so, it_has_failed_when_its_time_is_over,
          it_has_failed_when_a_worker_ends_although_all_said_that_they_listen,
          a_worker_of_a_serving_one_that_died_young_waits_before_it_starts_again)
