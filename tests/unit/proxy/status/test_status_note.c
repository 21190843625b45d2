#include "proxy/status/status_note.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct buf text;

static struct status_note round_trip(const struct status_note *note)
{
    struct status_note out;
    buf_clear(&text);
    status_note_write(note, &text);
    status_note_read(buf_slice(&text), arena, &out);
    return out;
}

START_TEST(what_is_written_is_read_again)
{
    static const struct status_worker workers[] = {
        {.pid = 4711, .started_ms = 1000, .state = STATUS_WORKER_SERVING, .restarts = 2, .sessions_open = 3, .sessions = 99},
        {.state = STATUS_WORKER_DRAINING},
    };
    arena = arena_new();
    struct status_note note = {"1.2", "/etc/x y.yaml", 123456, 654321, "a reason, with = and \"", workers, 2};
    struct status_note out = round_trip(&note);
    ck_assert_str_eq(out.version, "1.2");
    ck_assert_str_eq(out.file, "/etc/x y.yaml");
    ck_assert_int_eq(out.loaded_ms, 123456);
    ck_assert_int_eq(out.refused_ms, 654321);
    ck_assert_str_eq(out.refused_why, note.refused_why);
    ck_assert_uint_eq(out.worker_count, 2);
    ck_assert_int_eq(out.workers[0].pid, 4711);
    ck_assert_int_eq(out.workers[0].started_ms, 1000);
    ck_assert_int_eq(out.workers[0].state, STATUS_WORKER_SERVING);
    ck_assert_uint_eq(out.workers[0].restarts, 2);
    ck_assert_uint_eq(out.workers[0].sessions_open, 3);
    ck_assert_uint_eq(out.workers[0].sessions, 99);
    ck_assert_int_eq(out.workers[1].pid, 0);
    ck_assert_int_eq(out.workers[1].state, STATUS_WORKER_DRAINING);
    buf_release(&text);
    arena_free(&arena);
}
END_TEST

START_TEST(a_text_cannot_become_a_line_or_a_value_of_its_own)
{
    arena = arena_new();
    struct status_note note = {.version = "1\nworker\x1f"
                                          "1",
                               .file = "a\x1f"
                                       "b",
                               .loaded_ms = 5};
    struct status_note out = round_trip(&note);
    ck_assert_str_eq(out.version, "1?worker?1");
    ck_assert_str_eq(out.file, "a?b");
    ck_assert_uint_eq(out.worker_count, 0);
    ck_assert_int_eq(out.refused_ms, 0);
    buf_release(&text);
    arena_free(&arena);
}
END_TEST

START_TEST(a_damaged_note_says_what_can_be_read_of_it)
{
    static const char *const damaged[] = {"",
                                          "\n\n",
                                          "worker",
                                          "worker\x1f",
                                          "worker\x1fx\x1f-1\x1f"
                                          "9\x1f\x1f\x1f\x1f\x1f\x1f",
                                          "loaded\nversion\nfile",
                                          "refused\x1f"
                                          "99999999999999999999999",
                                          "\x1f\x1f\x1f"};
    arena = arena_new();
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct status_note out;
        status_note_read(slice_of(damaged[i]), arena, &out);
        ck_assert_str_eq(out.version, "");
        ck_assert_int_eq(out.loaded_ms, 0);
        for (size_t w = 0; w < out.worker_count; w++)
            ck_assert_ptr_nonnull(status_worker_state_name(out.workers[w].state));
    }
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/status/status_note", what_is_written_is_read_again, a_text_cannot_become_a_line_or_a_value_of_its_own,
          a_damaged_note_says_what_can_be_read_of_it)
