/* Proves filters/state/state_local.c and state.c, on a real LMDB store. */
#include "tests/unit/filters/state/state_fixture.h"

static struct state *state;

static void open_store(void)
{
    state_make_directory();
    state = state_open_local();
}

static void close_store(void)
{
    state_free(&state);
    state_remove_directory();
}

static struct state_op one(enum state_op_kind kind, const char *key, int64_t cost)
{
    struct state_op op = state_op_of(kind, key, cost);
    ck_assert_int_eq(state_do(state, &op, 1), STATE_DONE);
    return op;
}

START_TEST(a_batch_counts_all_its_limits)
{
    open_store();
    struct state_op ops[] = {state_op_of(STATE_COUNT, "a", 3), state_op_of(STATE_COUNT, "b", 11), state_op_of(STATE_COUNT, "a", 8),
                             state_op_of(STATE_LOOK, "a", 1)};
    ck_assert_int_eq(state_do(state, ops, 4), STATE_DONE);
    ck_assert(!ops[0].over && ops[0].used == 3);
    ck_assert(!ops[1].over && ops[1].used == 10);
    ck_assert(ops[2].over && ops[2].used == 3 && ops[2].retry_us > 0);
    ck_assert(!ops[3].over && ops[3].used == 3);
    close_store();
}
END_TEST

START_TEST(what_is_counted_outlives_the_process_that_counted)
{
    open_store();
    one(STATE_COUNT, "a", 4);
    state_free(&state);
    state = state_open_local();
    ck_assert_int_eq(one(STATE_LOOK, "a", 1).used, 4);
    close_store();
}
END_TEST

START_TEST(a_bucket_can_be_set_and_forgotten)
{
    open_store();
    ck_assert_int_eq(one(STATE_SET, "a", 10).used, 10);
    ck_assert(one(STATE_LOOK, "a", 1).over);
    one(STATE_SET, "a", 5);
    ck_assert_int_eq(one(STATE_COUNT, "a", 1).used, 6);
    one(STATE_FORGET, "a", 0);
    ck_assert_int_eq(one(STATE_LOOK, "a", 1).used, 0);
    one(STATE_SET, "a", 5);
    one(STATE_SET, "a", 0);
    ck_assert_int_eq(one(STATE_LOOK, "a", 1).used, 0);
    close_store();
}
END_TEST

START_TEST(leases_take_places_and_give_them_back)
{
    open_store();
    struct state_lease leases[2] = {{.key = SLICE("s"), .ticket = 1}, {.key = SLICE("s"), .ticket = 2}};
    for (int i = 0; i < 2; i++) {
        ck_assert(!one(STATE_ENTER, "s", i + 1).over);
        state_hold(state, &leases[i]);
    }
    ck_assert(one(STATE_ENTER, "s", 3).over);
    state_tick(state, 1);
    ck_assert_int_eq(one(STATE_PLACES, "s", 0).used, 2);
    state_release(state, &leases[0]);
    state_release(state, &leases[0]);
    ck_assert_int_eq(one(STATE_PLACES, "s", 0).used, 1);
    ck_assert(!one(STATE_ENTER, "s", 4).over);
    state_release(state, &leases[1]);
    close_store();
}
END_TEST

START_TEST(the_places_of_a_process_that_dies_are_another_holders)
{
    open_store();
    uint64_t ours = state_holder();
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(state_holder() == ours);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(state_holder(), ours);
    close_store();
}
END_TEST

START_TEST(damaged_entries_count_as_none)
{
    const char *error = NULL;
    state_make_directory();
    struct kv *kv = kv_open(state_dir, 1 << 20, &error);
    ck_assert_ptr_nonnull(kv);
    state = state_local_new(kv);
    one(STATE_SET, "a", 10);
    one(STATE_ENTER, "b", 1);
    ck_assert_int_eq(one(STATE_PLACES, "a", 0).used, 0);
    ck_assert_int_eq(one(STATE_LOOK, "b", 1).used, 0);
    close_store();
}
END_TEST

static void collect(void *ctx, const struct state_entry *e)
{
    char *text = ctx;
    sprintf(text + strlen(text), "%.*s=%d/%d ", SLICE_FMT(e->key), e->ahead_us > 0, (int)e->places);
}

START_TEST(entries_below_a_prefix_are_listed)
{
    char text[200] = "";
    open_store();
    one(STATE_COUNT, "rl/a/1", 1);
    one(STATE_COUNT, "rl/b/1", 1);
    one(STATE_ENTER, "rl/a/2", 1);
    ck_assert(state_each(state, SLICE("rl/a/"), collect, text));
    ck_assert_str_eq(text, "rl/a/1=1/0 rl/a/2=0/1 ");
    close_store();
}
END_TEST

UNIT_MAIN("filters/state/state_local", a_batch_counts_all_its_limits, what_is_counted_outlives_the_process_that_counted,
          a_bucket_can_be_set_and_forgotten, leases_take_places_and_give_them_back, the_places_of_a_process_that_dies_are_another_holders,
          damaged_entries_count_as_none, entries_below_a_prefix_are_listed)
