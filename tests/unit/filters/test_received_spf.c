#include "filters/auth_results.h"
#include "filters/received_spf.h"
#include "tests/unit/unit.h"

static const char *formatted(struct arena *arena, const struct received_spf *r)
{
    struct buf out = {0};
    received_spf_format(r, &out);
    const char *text = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

START_TEST(all_there_is_to_say_is_said)
{
    struct arena *arena = arena_new();
    struct received_spf r = {.result = "pass",
                             .domain = SLICE("example.com"),
                             .client_ip = SLICE("192.0.2.1"),
                             .envelope_from = SLICE("joe@example.com"),
                             .helo = SLICE("mail.example.com"),
                             .identity = "mailfrom",
                             .mechanism = SLICE("mx"),
                             .receiver = SLICE("mx.example.org")};
    ck_assert_str_eq(formatted(arena, &r), "pass (192.0.2.1 is allowed to send for example.com)\r\n"
                                           "\tclient-ip=192.0.2.1; envelope-from=\"joe@example.com\";\r\n"
                                           "\thelo=mail.example.com; identity=mailfrom; mechanism=mx;\r\n"
                                           "\treceiver=mx.example.org;");
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_not_known_is_left_out)
{
    struct arena *arena = arena_new();
    struct received_spf r = {.result = "none", .client_ip = SLICE("2001:db8::1"), .identity = "helo"};
    ck_assert_str_eq(formatted(arena, &r), "none client-ip=\"2001:db8::1\"; identity=helo;");
    ck_assert_str_eq(formatted(arena, &(struct received_spf){.result = "neutral"}), "neutral");
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_dot_atom_is_quoted)
{
    struct arena *arena = arena_new();
    static const char *const cases[][2] = {
        {"a.b", "x helo=a.b;"},
        {".a", "x helo=\".a\";"},
        {"a.", "x helo=\"a.\";"},
        {"a..b", "x helo=\"a..b\";"},
        {"a b", "x helo=\"a b\";"},
        {"a;b=c", "x helo=\"a;b=c\";"},
        {"a\"b", "x helo=\"a\\\"b\";"},
        {"a\\", "x helo=\"a\\\\\";"},
        {"[192.0.2.1]", "x helo=\"[192.0.2.1]\";"},
        {"(x)", "x helo=\"(x)\";"},
        {"caf\xc3\xa9", "x helo=\"caf??\";"},
        {"!#$%&'*+-/=?^_`{|}~", "x helo=!#$%&'*+-/=?^_`{|}~;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_str_eq(formatted(arena, &(struct received_spf){.result = "x", .helo = slice_of(cases[i][0])}), cases[i][1]);
    arena_free(&arena);
}
END_TEST

START_TEST(a_comment_cannot_be_left)
{
    struct arena *arena = arena_new();
    struct received_spf r = {.result = "fail", .client_ip = SLICE("::1"), .domain = SLICE("a) pass (b\\\r\nX-Evil: 1")};
    ck_assert_str_eq(formatted(arena, &r), "fail (::1 is not allowed to send for a? pass ?b???X-Evil: 1)\r\n\tclient-ip=\"::1\";");
    arena_free(&arena);
}
END_TEST

START_TEST(a_field_is_added)
{
    struct arena *arena = arena_new();
    struct auth_results results;
    auth_results_init(&results, arena);
    received_spf_add(&results, &(struct received_spf){.result = "neutral", .helo = SLICE("a.example")});
    ck_assert_str_eq(results.first_field->name, "Received-SPF");
    ck_slice_eq(results.first_field->value, "neutral helo=a.example;");
    arena_free(&arena);
}
END_TEST

START_TEST(any_byte_makes_a_field_that_may_be_added)
{
    struct arena *arena = arena_new();
    struct auth_results results;
    auth_results_init(&results, arena);
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[3000];
        memset(text, (char)byte, sizeof text);
        struct slice hostile = slice_make(text, sizeof text);
        struct received_spf r = {.result = "temperror",
                                 .domain = hostile,
                                 .client_ip = hostile,
                                 .envelope_from = hostile,
                                 .helo = hostile,
                                 .identity = "mailfrom",
                                 .mechanism = hostile,
                                 .problem = hostile,
                                 .receiver = hostile};
        ck_assert_msg(auth_results_add_field(&results, "Received-SPF", slice_of(formatted(arena, &r))), "byte %u", byte);
    }
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/received_spf", all_there_is_to_say_is_said, what_is_not_known_is_left_out, what_is_no_dot_atom_is_quoted,
          a_comment_cannot_be_left, a_field_is_added, any_byte_makes_a_field_that_may_be_added)
