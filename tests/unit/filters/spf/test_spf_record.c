#include "filters/spf/spf_record.h"
#include "tests/unit/unit.h"

static const char *parse(struct arena *arena, const char *text, struct spf_record *record)
{
    return spf_record_parse(slice_of(text), arena, record);
}

START_TEST(every_term_is_read)
{
    struct arena *arena = arena_new();
    struct spf_record record;
    ck_assert_ptr_null(parse(
        arena, "v=spf1 ip4:192.0.2.0/24 -A:mail.example.com/28//64 ~mx ?Include:%{d2}.example.org exists:%{ir}.x.example all", &record));
    const struct spf_term *term = record.terms;
    ck_assert_int_eq(term->mechanism, SPF_IP4);
    ck_assert_int_eq(term->qualifier, '+');
    ck_assert_uint_eq(term->prefix4, 24);
    ck_slice_eq(term->text, "ip4:192.0.2.0/24");
    term = term->next;
    ck_assert_int_eq(term->mechanism, SPF_A);
    ck_slice_eq(term->text, "-A:mail.example.com/28//64");
    ck_assert_int_eq(term->qualifier, '-');
    ck_slice_eq(term->domain, "mail.example.com");
    ck_assert_uint_eq(term->prefix4, 28);
    ck_assert_uint_eq(term->prefix6, 64);
    term = term->next;
    ck_assert_int_eq(term->mechanism, SPF_MX);
    ck_slice_eq(term->domain, "");
    ck_assert_uint_eq(term->prefix4, 32);
    term = term->next->next->next;
    ck_assert_int_eq(term->mechanism, SPF_ALL);
    ck_assert_ptr_null(term->next);
    arena_free(&arena);
}
END_TEST

START_TEST(malformed_records_are_refused_as_a_whole)
{
    const char *const bad[] = {
        "v=spf1 -all foo:bar",
        "v=spf1 ip4:192.0.2.1/33",
        "v=spf1 ip4:192.0.2.1/024",
        "v=spf1 ip4:192.0.2",
        "v=spf1 ip4:2001:db8::1",
        "v=spf1 ip6:192.0.2.1",
        "v=spf1 ip6:::ffff:192.0.2.1/129",
        "v=spf1 a:/24",
        "v=spf1 a:example.com/33",
        "v=spf1 a//129",
        "v=spf1 a:",
        "v=spf1 a:nolabel",
        "v=spf1 a:example.123",
        "v=spf1 a:example.-com",
        "v=spf1 include",
        "v=spf1 exists:",
        "v=spf1 all.",
        "v=spf1 all:foo.example",
        "v=spf1 -all/8",
        "v=spf1 include:%{c}.example.com",
        "v=spf1 exp=%{r}.example.com",
        "v=spf1 exists:%{d0}.example.com",
        "v=spf1 exists:%{x}.example.com",
        "v=spf1 exists:%{d}}.example.com{",
        "v=spf1 exists:%(d).example.com",
        "v=spf1 exists:%{d",
        "v=spf1 exists:foo%",
        "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 exp=a.example exp=b.example",
        "v=spf1 exp=",
        "v=spf1 -redirect=a.example",
        "v=spf1 redirect:a.example",
        "v=spf1\tall",
        "v=spf1 a\xc3\xa4=b",
        "v=spf10 all",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena *arena = arena_new();
        struct spf_record record;
        ck_assert_msg(parse(arena, bad[i], &record) != NULL, "%s", bad[i]);
        arena_free(&arena);
    }
}
END_TEST

/* Found by fuzz_spf: a NUL was taken for a qualifier. */
START_TEST(a_nul_is_no_qualifier)
{
    struct arena *arena = arena_new();
    struct spf_record record;
    ck_assert_ptr_nonnull(spf_record_parse(SLICE("v=spf1 \0all"), arena, &record));
    arena_free(&arena);
}
END_TEST

START_TEST(unknown_modifiers_are_ignored)
{
    struct arena *arena = arena_new();
    struct spf_record record;
    ck_assert_ptr_null(parse(arena, "v=spf1 foo=bar/%{d} exp=explain.%{d} a=b x.y-z_1= redirect=_spf.%{o} ", &record));
    ck_assert_ptr_null(record.terms);
    ck_assert(record.has_redirect);
    ck_slice_eq(record.redirect, "_spf.%{o}");
    ck_assert(record.has_exp);
    ck_slice_eq(record.exp, "explain.%{d}");
    ck_assert_ptr_null(parse(arena, "v=spf1 a=%{c}%{r}%{t}", &record));
    arena_free(&arena);
}
END_TEST

START_TEST(a_record_over_8192_bytes_is_not_looked_at)
{
    struct arena *arena = arena_new();
    struct spf_record record;
    char *text = arena_alloc(arena, SPF_RECORD_MAX + 2);
    memset(text, ' ', SPF_RECORD_MAX + 1);
    memcpy(text, "v=spf1", 6);
    ck_assert_str_eq(parse(arena, text, &record), "record is too long");
    arena_free(&arena);
}
END_TEST

START_TEST(the_version_decides_which_txt_record_it_is)
{
    struct dns_record records[] = {{SLICE("v=spf10"), 0}, {SLICE("google-site=1"), 0}, {SLICE("V=SPF1 -all"), 0}, {SLICE("v=spf1"), 0}};
    struct dns_answer answer = {.status = DNS_OK, .count = 3, .records = records};
    struct slice text;
    ck_assert_uint_eq(spf_record_select(&answer, &text), 1);
    ck_slice_eq(text, "V=SPF1 -all");
    answer.count = 4;
    ck_assert_uint_eq(spf_record_select(&answer, &text), 2);
}
END_TEST

UNIT_MAIN("filters/spf/spf_record", every_term_is_read, malformed_records_are_refused_as_a_whole, a_nul_is_no_qualifier,
          unknown_modifiers_are_ignored, a_record_over_8192_bytes_is_not_looked_at, the_version_decides_which_txt_record_it_is)
