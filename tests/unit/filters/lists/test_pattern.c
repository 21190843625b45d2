/* Proves filters/lists/pattern.c. */
#include "filters/lists/pattern.h"

#include "tests/unit/unit.h"

static struct arena *arena;

static struct pattern parse(const char *text)
{
    struct pattern p;
    const char *error = pattern_parse(slice_of(text), arena, &p);
    ck_assert_msg(!error, "%s: %s", text, error);
    return p;
}

static bool text_matches(const char *pattern, const char *value)
{
    struct pattern p = parse(pattern);
    return pattern_matches_text(&p, slice_of(value));
}

static bool mailbox_matches(const char *pattern, const char *value)
{
    struct pattern p = parse(pattern);
    return pattern_matches_mailbox(&p, slice_of(value));
}

static bool address_matches(const char *pattern, const char *value)
{
    struct pattern p = parse(pattern);
    struct net_addr a;
    ck_assert(net_addr_parse_ip(slice_of(value), &a));
    return pattern_matches_address(&p, &a);
}

START_TEST(a_domain_is_itself_a_star_below_a_dot_both)
{
    arena = arena_new();
    ck_assert(text_matches("Example.com.", "example.COM"));
    ck_assert(!text_matches("example.com", "a.example.com"));
    ck_assert(text_matches("*.example.com", "a.example.com") && text_matches("*.example.com", "b.a.example.com"));
    ck_assert(!text_matches("*.example.com", "example.com"));
    ck_assert(text_matches(".example.com", "example.com") && text_matches(".example.com", "a.example.com"));
    ck_assert(!text_matches(".example.com", "badexample.com") && !text_matches("*.example.com", "badexample.com"));
    ck_assert(!text_matches("*.example.com", ".example.com"));
    arena_free(&arena);
}
END_TEST

START_TEST(a_mailbox_matches_in_every_spelling_and_by_its_domain)
{
    arena = arena_new();
    ck_assert(mailbox_matches("joe@example.com", "JOE@example.com") && mailbox_matches("joe@example.com", "\"j\\oe\"@example.com"));
    ck_assert(mailbox_matches("\"Joe\"@example.com", "joe@example.com"));
    ck_assert(!mailbox_matches("joe@example.com", "joey@example.com") && !mailbox_matches("joe@example.com", "joe@a.example.com"));
    ck_assert(mailbox_matches("@example.com", "joe@example.com") && mailbox_matches("example.com", "joe@example.com"));
    ck_assert(mailbox_matches("*@example.com", "joe@example.com"));
    ck_assert(mailbox_matches("*.example.com", "joe@a.example.com") && !mailbox_matches("*.example.com", "joe@example.com"));
    ck_assert(mailbox_matches(".example.com", "joe@example.com") && mailbox_matches("@.example.com", "joe@a.example.com"));
    ck_assert(!mailbox_matches("example.com", "example.com@other.example"));
    ck_assert(!mailbox_matches("example.com", "\"x@example.com\"@other.example"));
    arena_free(&arena);
}
END_TEST

START_TEST(a_star_elsewhere_is_any_run_of_bytes)
{
    arena = arena_new();
    ck_assert(text_matches("mail*.example.com", "MAIL12.example.com") && text_matches("mail*.example.com", "mail.example.com"));
    ck_assert(text_matches("mail*.example.com", "mail.b.example.com") && !text_matches("mail*.example.com", "amail.example.com"));
    ck_assert(text_matches("*-dyn-*.isp.example.net", "a-dyn-b-dyn-1.isp.example.net"));
    ck_assert(!text_matches("*-dyn-*.isp.example.net", "a-dyn.isp.example.net"));
    ck_assert(text_matches("*.mx*.example.com", "a.mx1.example.com") && !text_matches("*.mx*.example.com", "mx1.example.com"));
    ck_assert(!text_matches("mail*.example.com", "mail1.example.com.evil.example") && !text_matches("mail*.example.com", ""));
    ck_assert(mailbox_matches("*@mail*.example.com", "joe@mail7.example.com") &&
              !mailbox_matches("mail*.example.com", "mail1@example.com"));
    arena_free(&arena);
}
END_TEST

START_TEST(the_null_path_is_only_itself)
{
    arena = arena_new();
    ck_assert(mailbox_matches("<>", ""));
    ck_assert(!mailbox_matches("<>", "a@b") && !mailbox_matches("example.com", "") && !mailbox_matches("a@b", ""));
    arena_free(&arena);
}
END_TEST

START_TEST(networks_match_their_own_family)
{
    arena = arena_new();
    ck_assert(address_matches("192.0.2.0/24", "192.0.2.9") && !address_matches("192.0.2.0/24", "192.0.3.9"));
    ck_assert(address_matches("192.0.2.9", "192.0.2.9") && !address_matches("192.0.2.9", "192.0.2.8"));
    ck_assert(address_matches("2001:db8::/32", "2001:db8:1::1") && !address_matches("2001:db8::/32", "2001:db9::1"));
    ck_assert(!address_matches("0.0.0.0/0", "::1") && !address_matches("::/0", "192.0.2.1"));
    arena_free(&arena);
}
END_TEST

START_TEST(kinds_are_told_apart)
{
    arena = arena_new();
    ck_assert_int_eq(parse("192.0.2.0/24").kind, PATTERN_NETWORK);
    ck_assert_int_eq(parse("2001:db8::1").kind, PATTERN_NETWORK);
    ck_assert_int_eq(parse("dead.beef").kind, PATTERN_DOMAIN);
    ck_assert_int_eq(parse("localhost").kind, PATTERN_DOMAIN);
    ck_assert_int_eq(parse("_x.example-1.com").kind, PATTERN_DOMAIN);
    ck_assert_int_eq(parse("[192.0.2.1]").kind, PATTERN_DOMAIN);
    ck_assert_int_eq(parse("joe@[IPv6:2001:db8::1]").kind, PATTERN_MAILBOX);
    ck_assert_int_eq(parse("@example.com").kind, PATTERN_DOMAIN);
    ck_assert_int_eq(parse("<>").kind, PATTERN_MAILBOX);
    ck_assert_int_eq(parse("two words").kind, PATTERN_TEXT);
    ck_assert_int_eq(parse("two @ words").kind, PATTERN_TEXT);
    ck_assert_int_eq(parse("*** SPAM ***").kind, PATTERN_TEXT);
    arena_free(&arena);
}
END_TEST

START_TEST(what_was_meant_as_something_is_not_taken_for_text)
{
    static const char *const bad[] = {"",
                                      "192.0.2.0/33",
                                      "192.0.2",
                                      "1.2.3.4.5",
                                      "2001:db8::/129",
                                      "10/8",
                                      "*example.com",
                                      "a.*.com",
                                      "*.",
                                      "*.*.com",
                                      "joe@",
                                      "joe@*.example.com",
                                      "j*@example.com",
                                      "joe@b\xc3\xbc.example",
                                      "joe@mail*.example.com",
                                      "example.*",
                                      "a*.com",
                                      "a*..example.com",
                                      "mail?.example.com*",
                                      "*.example.*",
                                      "joe@a..b",
                                      "a\tb",
                                      "a\x7f",
                                      "@"};
    struct pattern p;
    arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(pattern_parse(slice_of(bad[i]), arena, &p) != NULL, "%s", bad[i]);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/lists/pattern", a_domain_is_itself_a_star_below_a_dot_both, a_star_elsewhere_is_any_run_of_bytes,
          a_mailbox_matches_in_every_spelling_and_by_its_domain, the_null_path_is_only_itself, networks_match_their_own_family,
          kinds_are_told_apart, what_was_meant_as_something_is_not_taken_for_text)
