#include "base/config/conf_print.h"
#include "tests/unit/base/option_fixture.h"

static const char necessary[] = "items: ['*:26']\n";

/** The outer table's struct loaded from text, dumped and printed; only_other: what differs from the defaults. */
static char *dump(const char *text, bool only_other)
{
    struct conf_fixture f;
    struct outer o, defaults;
    char *printed;
    size_t size;
    fixture_begin(&f);
    fixture_load(&f, text, &o);
    ck_assert_str_eq(fixture_print(&f), "");
    options_load(outer_rows, sizeof defaults, NULL, &defaults, f.arena, &f.errors);
    FILE *out = open_memstream(&printed, &size);
    conf_print_yaml(options_dump(outer_rows, &o, only_other ? &defaults : NULL, f.arena), 0, out);
    fclose(out);
    fixture_end(&f);
    return printed;
}

static void assert_dumped(const char *text, bool only_other, const char *expected)
{
    char *printed = dump(text, only_other), *again = dump(printed, only_other);
    ck_assert_str_eq(printed, expected);
    ck_assert_str_eq(again, expected);
    free(printed);
    free(again);
}

START_TEST(everything_is_what_the_defaults_say_but_for_what_was_set)
{
    assert_dumped(necessary, false,
                  "flag: true\nnumber: 3\ntext: \"a \\\"b\\\"\"\ntexts: [x, y]\nitems:\n  - address: 0.0.0.0:26\n    word: two\nnamed: {}\n"
                  "inner:\n  idle: 5m\n  path: /var/tmp\nfree_form:\n  a: [b]\nrate: 10/1m\n");
}
END_TEST

START_TEST(only_what_differs_is_shown_if_asked)
{
    assert_dumped(necessary, true, "items:\n  - address: 0.0.0.0:26\n");
    assert_dumped("items: [{address: '[2001:db8::1]:25', word: one}]\nflag: true\nnumber: 0\nsize: 65536\ntexts: []\n"
                  "inner: {idle: 90s, path: /var/tmp}\nrate: 10/60s\nnamed: {b: {address: 192.0.2.1:25, word: two}, a: 192.0.2.2:25}\n",
                  true,
                  "number: 0\nsize: 64KiB\ntexts: []\nitems:\n  - address: \"[2001:db8::1]:25\"\n    word: one\n"
                  "named:\n  b:\n    address: 192.0.2.1:25\n  a:\n    address: 192.0.2.2:25\ninner:\n  idle: 90s\n");
}
END_TEST

START_TEST(what_was_unset_stays_unset)
{
    assert_dumped("items: ['*:26']\ntext: ~\nfree_form: {}\n", true, "text: null\nitems:\n  - address: 0.0.0.0:26\nfree_form: {}\n");
    assert_dumped("items: ['*:26']\ntext: 'null'\n", true, "text: \"null\"\nitems:\n  - address: 0.0.0.0:26\n");
}
END_TEST

START_TEST(networks_are_written_with_their_bits)
{
    struct holder {
        struct option_network network;
    };
    static const struct option rows[] = {{.key = "network", .type = OPTION_NETWORK, OPTION_AT(holder, network)}, {.key = NULL}};
    struct conf_fixture f;
    struct holder h;
    fixture_begin(&f);
    options_load(rows, sizeof h, fixture_read(&f, "network: 192.0.2.0/24"), &h, f.arena, &f.errors);
    ck_slice_eq(options_dump(rows, &h, NULL, f.arena)->children->text, "192.0.2.0/24");
    options_load(rows, sizeof h, NULL, &h, f.arena, &f.errors);
    ck_assert_ptr_null(options_dump(rows, &h, NULL, f.arena)->children);
    fixture_end(&f);
}
END_TEST

UNIT_MAIN("base/option_dump", everything_is_what_the_defaults_say_but_for_what_was_set, only_what_differs_is_shown_if_asked,
          what_was_unset_stays_unset, networks_are_written_with_their_bits)
