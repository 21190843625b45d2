/* Proves filters/dkim/signature_field.c. */
#include "filters/dkim/signature_field.h"
#include "tests/unit/unit.h"

enum { NOW = 1750000000 };

#define SIGNATURE "v=1; a=rsa-sha256; d=example.com; s=one; h=from:to; bh=QUJD; b=RUZH"
#define MALFORMED "signature is malformed"

static struct arena *arena;
static struct signature_field read;

static bool read_text(const char *text)
{
    return signature_field_read(slice_of(text), NOW, arena, &read);
}

START_TEST(what_it_says_is_read)
{
    arena = arena_new();
    ck_assert(read_text(" " SIGNATURE "; c=relaxed/simple; l=17; i=joe=2B@sub.Example.com; t=1; x=1750000001; q=dns/txt; z=a:b; new=tag"));
    ck_assert_str_eq(read.reason, "");
    ck_assert_int_eq(read.result, DKIM_IS_NONE);
    ck_slice_eq(read.d, "example.com");
    ck_slice_eq(read.domain, "example.com");
    ck_slice_eq(read.key_name, "one._domainkey.example.com");
    ck_slice_eq(read.b, "RUZH");
    ck_slice_eq(read.bh, "QUJD");
    ck_slice_eq(read.h, "from:to");
    ck_assert(read.header_relaxed && !read.body_relaxed && read.has_length && read.in_subdomain);
    ck_assert_uint_eq(read.length, 17);
    ck_assert(read_text("b = RU\r\n ZH ;v=1;a=Ed25519-SHA256;d=Example.COM;s=one;h=From;bh=QUJD;i=@example.com;"));
    ck_assert_int_eq(read.algorithm, KEY_ED25519);
    ck_slice_eq(read.b, "RUZH");
    ck_slice_eq(read.b_extent, " RU\r\n ZH ");
    ck_slice_eq(read.domain, "example.com");
    ck_assert(!read.in_subdomain && !read.has_length && !read.header_relaxed);
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_list_of_tags_is_none)
{
    arena = arena_new();
    ck_assert(!read_text(""));
    ck_assert(!read_text("garbage"));
    ck_assert(!read_text(SIGNATURE "; v=1"));
    ck_assert(!read_text(SIGNATURE ";;"));
    ck_assert(!read_text("v=1; =x"));
    arena_free(&arena);
}
END_TEST

struct example {
    const char *text;
    enum dkim_result result;
    const char *reason;
};

static void expect_all(const struct example *cases, size_t count)
{
    arena = arena_new();
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(read_text(cases[i].text), "%s", cases[i].text);
        ck_assert_msg(read.result == cases[i].result, "%s: %s", cases[i].text, read.reason);
        ck_assert_str_eq(read.reason, cases[i].reason);
    }
    arena_free(&arena);
}

START_TEST(each_required_tag_must_be_there)
{
    static const struct example cases[] = {
        {"a=rsa-sha256; d=example.com; s=one; h=from:to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=2; a=rsa-sha256; d=example.com; s=one; h=from:to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; d=example.com; s=one; h=from:to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; s=one; h=from:to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; h=from:to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; s=one; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; s=one; h=to; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED}, /* §5.4: From must be signed */
        {"v=1; a=rsa-sha256; d=example.com; s=one; h=from; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; s=one; h=from; bh=QUJD", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; s=one; h=from; bh=QUJD; b=", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha256; d=example.com; s=one; h=from; bh=QUJD; b=RU:H", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha512; d=example.com; s=one; h=from; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, MALFORMED},
    };
    expect_all(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

START_TEST(each_optional_tag_must_be_what_it_should)
{
    static const char *const bad[] = {"c=nowsp",
                                      "c=",
                                      "c=relaxed/",
                                      "l=",
                                      "l=-1",
                                      "l=1 2",
                                      "l=99999999999999999999999",
                                      "t=x",
                                      "t=",
                                      "x=1.5",
                                      "q=other",
                                      "q=",
                                      "i=example.com",
                                      "i=@example.net",
                                      "i=@evilexample.com",
                                      "i=@",
                                      "i=a=2@example.com",
                                      "n=\xc3\xbc"};
    arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert(read_text(arena_format(arena, SIGNATURE "; %s", bad[i])));
        ck_assert_msg(read.result == DKIM_IS_PERMERROR && strcmp(read.reason, MALFORMED) == 0, "%s: %s", bad[i], read.reason);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(what_may_be_wrong_otherwise_is_told_apart)
{
    static const struct example cases[] = {
        {SIGNATURE "; x=1749999700", DKIM_IS_FAIL, "signature has expired"}, /* 300 seconds of grace */
        {SIGNATURE "; x=1749999701", DKIM_IS_NONE, ""},
        {SIGNATURE "; x=0", DKIM_IS_FAIL, "signature has expired"},
        {SIGNATURE "; t=1750000301", DKIM_IS_FAIL, "signature is from the future"},
        {SIGNATURE "; t=1750000300", DKIM_IS_NONE, ""},
        {SIGNATURE "; t=1750000020; x=1750000020", DKIM_IS_PERMERROR, MALFORMED},
        {"v=1; a=rsa-sha1; d=example.com; s=one; h=from; bh=QUJD; b=RUZH", DKIM_IS_POLICY, "rsa-sha1 is not accepted"},
        {"v=1; a=rsa-sha256; d=com; s=one; h=from; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, "d= is no domain name"},
        {"v=1; a=rsa-sha256; d=example.com; s=a..b; h=from; bh=QUJD; b=RUZH", DKIM_IS_PERMERROR, "s= is no selector"},
    };
    expect_all(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

/* RFC 8616 §5 */
START_TEST(domains_may_be_internationalised)
{
    arena = arena_new();
    ck_assert(read_text("v=1; a=rsa-sha256; d=b\xc3\xbc"
                        "cher.example; s=one; h=from; bh=QUJD; b=RUZH; i=@xn--bcher-kva.example"));
    ck_assert_str_eq(read.reason, "");
    ck_slice_eq(read.domain, "xn--bcher-kva.example");
    ck_assert(!read.in_subdomain);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dkim/signature_field", what_it_says_is_read, what_is_no_list_of_tags_is_none, each_required_tag_must_be_there,
          each_optional_tag_must_be_what_it_should, what_may_be_wrong_otherwise_is_told_apart, domains_may_be_internationalised)
