#include "filters/domain_name.h"
#include "tests/unit/unit.h"

static void expect(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    struct slice out;
    ck_assert_msg(domain_name_normalise(slice_of(text), arena, &out) == (*expected != '\0'), "%s", text);
    ck_slice_eq(out, expected);
    arena_free(&arena);
}

START_TEST(names_are_brought_into_one_form)
{
    expect("Example.COM", "example.com");
    expect("example.com.", "example.com");
    expect("_dmarc.example.com", "_dmarc.example.com");
    expect("B\xc3\xbc"
           "cher.example",
           "xn--bcher-kva.example");
    expect("xn--bcher-kva.example", "xn--bcher-kva.example");
    expect("x.com", "x.com");
}
END_TEST

START_TEST(what_is_no_name_is_refused)
{
    expect("", "");
    expect(".", "");
    expect("com", "");
    expect("example..com", "");
    expect(".example.com", "");
    expect("example.com..", "");
    expect("exa mple.com", "");
    expect("example.com(x)", "");
    expect("[192.0.2.1]", "");
    expect("192.0.2.1", "");
    expect("a\r\nb.example", "");
    expect("\xff\xfe.example", "");
    expect("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "");
}
END_TEST

START_TEST(a_nul_ends_no_name)
{
    struct arena *arena = arena_new();
    struct slice out;
    ck_assert(!domain_name_normalise(slice_make("example.com\0.evil.org", 21), arena, &out));
    ck_assert(!domain_name_normalise(slice_make("b\xc3\xbc.com\0.evil.org", 17), arena, &out));
    arena_free(&arena);
}
END_TEST

START_TEST(within_means_at_a_label)
{
    ck_assert(domain_name_is_within(SLICE("a.example.com"), SLICE("example.com")));
    ck_assert(domain_name_is_within(SLICE("example.com"), SLICE("example.com")));
    ck_assert(!domain_name_is_within(SLICE("badexample.com"), SLICE("example.com")));
    ck_assert(!domain_name_is_within(SLICE("com"), SLICE("example.com")));
}
END_TEST

UNIT_MAIN("filters/domain_name", names_are_brought_into_one_form, what_is_no_name_is_refused, a_nul_ends_no_name, within_means_at_a_label)
