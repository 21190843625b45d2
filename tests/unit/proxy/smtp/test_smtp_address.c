#include "proxy/smtp/smtp_address.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct mail_path path;
static struct slice rest;

static const char *parse(struct slice text)
{
    arena_free(&arena);
    arena = arena_new();
    return smtp_path_parse(text, 0, arena, &path, &rest);
}

static void done(void)
{
    arena_free(&arena);
}

static void check_path(const char *text, const char *local, const char *domain)
{
    const char *wrong = parse(slice_of(text));
    ck_assert_msg(!wrong, "%s: %s", text, wrong ? wrong : "");
    ck_slice_eq(path.local, local);
    ck_slice_eq(path.domain, domain);
    ck_slice_eq(slice_first(path.text, path.local.len), local);
    ck_slice_eq(slice_skip(path.text, path.local.len + 1), domain);
    ck_assert_int_eq(path.text.ptr[path.local.len], '@');
    ck_slice_eq(rest, "");
}

static void check_refused(struct slice text)
{
    const char *wrong = parse(text);
    ck_assert_msg(wrong != NULL, "\"%.*s\" was accepted", SLICE_FMT(text));
    ck_assert_uint_gt(strlen(wrong), 0);
    ck_assert_uint_eq(path.text.len + path.local.len + path.domain.len, 0);
}

/* n times c, between before and after. */
static struct slice repeated(const char *before, char c, size_t n, const char *after)
{
    static char text[2048];
    size_t at = strlen(before);
    ck_assert_uint_lt(at + n + strlen(after), sizeof text);
    memcpy(text, before, at);
    memset(text + at, c, n);
    memcpy(text + at + n, after, strlen(after) + 1);
    return slice_of(text);
}

START_TEST(mailboxes_keep_the_local_part_and_lower_the_domain)
{
    check_path("<Smith@Example.COM>", "Smith", "example.com");
    check_path("<a.b+c@d>", "a.b+c", "d");
    check_path("<!#$%&'*+-/=?^_`{|}~@x.example>", "!#$%&'*+-/=?^_`{|}~", "x.example");
    check_path("<a@_spf.x-y.example>", "a", "_spf.x-y.example");
    check_path("<a@1.example>", "a", "1.example");
    done();
}
END_TEST

START_TEST(quoted_local_parts_may_hold_what_is_special_elsewhere)
{
    check_path("<\"a b\"@x.example>", "\"a b\"", "x.example");
    check_path("<\"a>@<b\"@x.example>", "\"a>@<b\"", "x.example");
    check_path("<\"\\\"\\\\\"@x.example>", "\"\\\"\\\\\"", "x.example");
    check_path("<\"\"@x.example>", "\"\"", "x.example");
    check_refused(SLICE("<\"a@x.example>"));
    check_refused(SLICE("<\"a\"b@x.example>"));
    check_refused(SLICE("<\"a\\"));
    check_refused(SLICE("<\"a\tb\"@x.example>"));
    check_refused(SLICE("<\"a\\\tb\"@x.example>"));
    check_refused(SLICE("<\"a\r\nb\"@x.example>"));
    check_refused(SLICE("<\"a\0b\"@x.example>"));
    done();
}
END_TEST

START_TEST(source_routes_are_checked_and_dropped)
{
    check_path("<@one.example,@two.example:joe@three.example>", "joe", "three.example");
    check_path("<@one.example:\"j\"@three.example>", "\"j\"", "three.example");
    check_refused(SLICE("<@one.example>"));
    check_refused(SLICE("<@one.example:>"));
    check_refused(SLICE("<@:joe@three.example>"));
    check_refused(SLICE("<@one.example,joe@three.example>"));
    check_refused(SLICE("<@one.example,@:joe@three.example>"));
    check_refused(SLICE("<@one.example,,@two.example:joe@three.example>"));
    done();
}
END_TEST

START_TEST(address_literals_of_each_kind)
{
    check_path("<a@[192.0.2.1]>", "a", "[192.0.2.1]");
    check_path("<a@[IPv6:2001:DB8::1]>", "a", "[ipv6:2001:db8::1]");
    check_path("<a@[x400:some.thing]>", "a", "[x400:some.thing]");
    check_refused(SLICE("<a@[]>"));
    check_refused(SLICE("<a@[192.0.2]>"));
    check_refused(SLICE("<a@[192.0.2.256]>"));
    check_refused(SLICE("<a@[IPv6:192.0.2.1]>"));
    check_refused(SLICE("<a@[IPv6:2001:db8::g]>"));
    check_refused(SLICE("<a@[IPv6:fe80::1%eth0]>"));
    check_refused(SLICE("<a@[2001:db8::1]x>"));
    check_refused(SLICE("<a@[tag-:x]>"));
    check_refused(SLICE("<a@[tag:]>"));
    check_refused(SLICE("<a@[tag:x y]>"));
    check_refused(SLICE("<a@[192.0.2.1>"));
    done();
}
END_TEST

START_TEST(what_is_no_mailbox_is_refused)
{
    static const char *const bad[] = {
        "",        "a@b",     "<a@b",      "<a>",     "<@b>",         "<a@>",     "<a@@b>",       "<a@b@c>",  "< a@b>",
        "<a@b >",  "<a @b>",  "<a@ b>",    "<.a@b>",  "<a.@b>",       "<a..b@c>", "<a@b.>",       "<a@.b>",   "<a@b..c>",
        "<a@-b>",  "<a@b->",  "<a@b_-.c>", "<a@b,c>", "<a(x)@b>",     "<a@b(x)>", "<a@b/c>",      "<a@b:25>", "<<a@b>>",
        "<a,b@c>", "<a;b@c>", "<a\\b@c>",  "<>",      "<postmaster>", "<a@b\\>",  "<a@exa!mple>", "<a@b%c>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(slice_of(bad[i]));
    done();
}
END_TEST

START_TEST(control_bytes_and_nul_in_addresses_are_refused)
{
    check_refused(SLICE("<a\0b@x.example>"));
    check_refused(SLICE("<a@x\0.example>"));
    check_refused(SLICE("<a@x.example\0>"));
    check_refused(SLICE("<a@x.exa\rmple>"));
    check_refused(SLICE("<a\x7f@x.example>"));
    check_refused(SLICE("<a@[tag:\x01]>"));
    check_refused(SLICE("<\0"));
    done();
}
END_TEST

START_TEST(an_internationalized_address_is_refused_by_name)
{
    static const char *const texts[] = {"<j\xc3\xb6rg@x.example>", "<a@m\xc3\xbcller.example>", "<\"\xc3\xb6\"@x.example>",
                                        "<a@[tag:\xff]>"};
    for (size_t i = 0; i < 4; i++) {
        const char *wrong = parse(slice_of(texts[i]));
        ck_assert_ptr_nonnull(wrong);
        ck_assert_ptr_nonnull(strstr(wrong, "SMTPUTF8"));
    }
    done();
}
END_TEST

START_TEST(lengths_are_bounded_at_the_byte)
{
    ck_assert_ptr_null(parse(repeated("<", 'a', 64, "@x.example>")));
    check_refused(repeated("<", 'a', 65, "@x.example>"));
    ck_assert_ptr_null(parse(repeated("<\"", 'a', 62, "\"@x.example>")));
    check_refused(repeated("<\"", 'a', 63, "\"@x.example>"));
    ck_assert_ptr_null(parse(repeated("<a@", 'b', 63, ".example>")));
    check_refused(repeated("<a@", 'b', 64, ".example>"));
    char domain[300] = "";
    while (strlen(domain) < 248)
        strcat(domain, "b.");
    struct arena *own = arena_new();
    ck_assert_ptr_null(parse(slice_of(arena_format(own, "<a@%scccc>", domain)))); /* 256 with brackets */
    check_refused(slice_of(arena_format(own, "<a@%sccccc>", domain)));
    check_refused(slice_of(arena_format(own, "<@r:a@%scccc>", domain)));
    arena_free(&own);
    done();
}
END_TEST

START_TEST(domains_have_at_most_255_bytes)
{
    char domain[300] = "";
    while (strlen(domain) < 254)
        strcat(domain, "b.");
    ck_assert(smtp_domain_valid(slice_of(strcat(domain, "c"))));
    ck_assert(!smtp_domain_valid(slice_of(strcat(domain, "c"))));
    ck_assert(!smtp_domain_valid(SLICE("")));
    ck_assert(!smtp_domain_valid(SLICE("example.com.")));
    ck_assert(!smtp_domain_valid(SLICE("exam\0ple.com")));
    ck_assert(!smtp_domain_valid(SLICE("(x).example")));
    ck_assert(smtp_domain_valid(SLICE("localhost")));
}
END_TEST

START_TEST(null_path_and_postmaster_only_where_allowed)
{
    arena = arena_new();
    ck_assert_ptr_null(smtp_path_parse(SLICE("<> SIZE=1"), SMTP_PATH_NULL, arena, &path, &rest));
    ck_assert(path.null);
    ck_slice_eq(path.text, "");
    ck_slice_eq(rest, " SIZE=1");
    ck_assert_ptr_null(smtp_path_parse(SLICE("<PostMaster>"), SMTP_PATH_POSTMASTER, arena, &path, &rest));
    ck_assert(!path.null);
    ck_slice_eq(path.local, "PostMaster");
    ck_slice_eq(path.domain, "");
    ck_slice_eq(path.text, "PostMaster");
    ck_assert_ptr_nonnull(smtp_path_parse(SLICE("<webmaster>"), SMTP_PATH_POSTMASTER, arena, &path, &rest));
    ck_assert_ptr_nonnull(smtp_path_parse(SLICE("<>"), SMTP_PATH_POSTMASTER, arena, &path, &rest));
    ck_assert(!path.null);
    done();
}
END_TEST

START_TEST(helo_names_strict_and_lenient)
{
    ck_assert(smtp_helo_valid(SLICE("mx.example.com"), true));
    ck_assert(smtp_helo_valid(SLICE("[192.0.2.1]"), true));
    ck_assert(smtp_helo_valid(SLICE("[IPv6:::1]"), true));
    static const char *const odd[] = {"192.0.2.1]", "(mx)", "mx.example.com.", "-x", "[300.1.1.1]", "a@b", "mx..example"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert(!smtp_helo_valid(slice_of(odd[i]), true));
        ck_assert(smtp_helo_valid(slice_of(odd[i]), false));
    }
    static const struct slice never[] = {{"", 0}, {"a b", 3}, {"a\0b", 3}, {"a\tb", 3}, {"a\x7f", 2}, {"\xc3\xa4", 2}, {"a\r\nX: y", 7}};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        ck_assert(!smtp_helo_valid(never[i], false));
    ck_assert(smtp_helo_valid(repeated("", '#', 255, ""), false));
    ck_assert(!smtp_helo_valid(repeated("", '#', 256, ""), false));
}
END_TEST

START_TEST(utf8_passes_if_it_may_and_its_domain_is_compared_as_a_labels)
{
    arena = arena_new();
    ck_assert_ptr_null(smtp_path_parse(SLICE("<j\xc3\xb6rg@b\xc3\xbc"
                                             "cher.example> X"),
                                       SMTP_PATH_UTF8, arena, &path, &rest));
    ck_slice_eq(path.local, "j\xc3\xb6rg");
    ck_slice_eq(path.domain, "xn--bcher-kva.example");
    ck_slice_eq(path.text, "j\xc3\xb6rg@b\xc3\xbc"
                           "cher.example");
    ck_assert(path.utf8);
    ck_assert_ptr_null(smtp_path_parse(SLICE("<\"j\xc3\xb6 g\"@EXAMPLE.com>"), SMTP_PATH_UTF8, arena, &path, &rest));
    ck_slice_eq(path.domain, "example.com");
    ck_assert_ptr_null(smtp_path_parse(SLICE("<joe@example.com>"), SMTP_PATH_UTF8, arena, &path, &rest));
    ck_assert(!path.utf8);
    ck_assert_ptr_nonnull(smtp_path_parse(SLICE("<j\xc3\xb6rg@example.com>"), 0, arena, &path, &rest));
    static const char *const bad[] = {
        "<\xc3@example.com>",         "<\xc3\x28@example.com>",
        "<\xc0\xaf@example.com>", /* too short, wrong, longer than need be */
        "<\xed\xa0\x80@example.com>", "<\xf4\x90\x80\x80@example.com>",
        "<a\xc2\x85@example.com>", /* a surrogate, beyond Unicode, a control */
        "<a@\xe2\x80\xae.example>",   "<a@\xc3\xbc>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(smtp_path_parse(slice_of(bad[i]), SMTP_PATH_UTF8, arena, &path, &rest) != NULL, "case %zu", i);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/smtp_address", utf8_passes_if_it_may_and_its_domain_is_compared_as_a_labels,
          mailboxes_keep_the_local_part_and_lower_the_domain, quoted_local_parts_may_hold_what_is_special_elsewhere,
          source_routes_are_checked_and_dropped, address_literals_of_each_kind, what_is_no_mailbox_is_refused,
          control_bytes_and_nul_in_addresses_are_refused, an_internationalized_address_is_refused_by_name, lengths_are_bounded_at_the_byte,
          domains_have_at_most_255_bytes, null_path_and_postmaster_only_where_allowed, helo_names_strict_and_lenient)
