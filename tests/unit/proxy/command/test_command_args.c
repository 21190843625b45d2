#include "proxy/command/command_args.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static const char *config, **logs;
static bool json;

static const struct command_option options[] = {
    {.name = "--config", .value = &config}, {.name = "--log", .list = &logs}, {.name = "--json", .flag = &json}, {.name = NULL}};

static const char *read_words(int argc, const char *const *words)
{
    char **argv = arena_alloc(arena, (size_t)argc * sizeof *argv);
    config = NULL;
    logs = NULL;
    json = false;
    for (int i = 0; i < argc; i++)
        argv[i] = arena_string(arena, slice_of(words[i]));
    return command_args_read(argc, argv, options, arena);
}

#define READ(...) read_words((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)), (const char *const[]){__VA_ARGS__})

START_TEST(values_flags_and_lists_are_read)
{
    arena = arena_new();
    ck_assert_ptr_null(READ("x", "--log", "a", "-", "--json", "-c", "f.yaml", "--log=b"));
    ck_assert_str_eq(config, "f.yaml");
    ck_assert(json);
    ck_assert_str_eq(logs[0], "a");
    ck_assert_str_eq(logs[1], "-");
    ck_assert_str_eq(logs[2], "b");
    ck_assert_ptr_null(logs[3]);
    ck_assert_ptr_null(READ("x"));
    ck_assert_ptr_null(logs);
    arena_free(&arena);
}
END_TEST

START_TEST(mistakes_are_told)
{
    arena = arena_new();
    ck_assert_str_eq(READ("x", "--logs", "a"), "there is no option --logs; did you mean --log?");
    ck_assert_str_eq(READ("x", "--zzzzzz"), "there is no option --zzzzzz");
    ck_assert_str_eq(READ("x", "word"), "\"word\" belongs to no option");
    ck_assert_str_eq(READ("x", "-c"), "--config needs a value");
    ck_assert_str_eq(READ("x", "-c", "--json"), "--config needs a value");
    ck_assert_str_eq(READ("x", "-c", "a", "-c", "b"), "--config is given twice");
    ck_assert_str_eq(READ("x", "--log"), "--log needs a value");
    ck_assert_str_eq(READ("x", "--json=yes"), "--json takes no value");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/command/command_args", values_flags_and_lists_are_read, mistakes_are_told)
