/* Proves filters/arc/arc_claims.c. */
#include "filters/arc/arc_claims.h"
#include "tests/unit/unit.h"

static struct slice from = {"example.com", 11};

/* want: "spf dkim dmarc", with "-" for none. */
static void expect_slice(struct slice value, const char *want)
{
    struct arena *arena = arena_new();
    struct arc_claims c;
    arc_claims_read(value, from, arena, &c);
    const char *got = arena_format(arena, "%s %s %s", c.spf ? c.spf : "-", c.dkim ? c.dkim : "-", c.dmarc ? c.dmarc : "-");
    ck_assert_msg(strcmp(got, want) == 0, "%.*s: %s, expected %s", SLICE_FMT(value), got, want);
    arena_free(&arena);
}

static void expect(const char *value, const char *want)
{
    expect_slice(slice_of(value), want);
}

START_TEST(the_fields_of_well_known_sealers_are_read)
{
    expect(
        " i=1; mx.google.com;\r\n       dkim=pass header.i=@example.com header.s=s1 header.b=AbC1;\r\n       spf=pass (google.com: domain "
        "of a@example.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@example.com;\r\n       dmarc=pass (p=REJECT "
        "sp=REJECT dis=NONE) header.from=example.com",
        "pass pass pass");
    expect(
        " i=2; mx.microsoft.com 1; spf=fail (sender ip is 192.0.2.9)\r\n smtp.rcpttodomain=b.example smtp.mailfrom=example.com; dmarc=fail "
        "(p=reject sp=none pct=100)\r\n action=oreject header.from=example.com; dkim=none (message not signed); arc=pass (0 oda=0 ltdi=1)",
        "fail none fail");
    expect(" i=1;list.example; none", "- - -");
}
END_TEST

START_TEST(blanks_comments_case_and_versions_make_no_difference)
{
    expect("i = 1 ;(x)list.example/1; SPF / 1 (by us) = (really) Pass smtp.mailfrom=x ; dmarc/1=PASS header.from=\"Example.COM\"",
           "pass - pass");
    expect("i=1; a; dmarc=pass header.from=joe@example.com", "- - pass");
    expect("i=1; a; dmarc=pass header.from= \"example.com\"", "- - pass");
}
END_TEST

START_TEST(dmarc_is_claimed_for_the_author_only)
{
    expect("i=1; a; dmarc=pass header.from=other.example", "- - -");
    expect("i=1; a; dmarc=pass header.from=example.com@other.example", "- - -");
    expect("i=1; a; dmarc=pass", "- - -");
    expect("i=1; a; dmarc=pass (header.from=example.com)", "- - -");
    expect("i=1; a; dmarc=pass reason=\"header.from=example.com\"", "- - -");
    expect("i=1; a; spf=pass header.from=example.com; dmarc=pass", "pass - -");
    from = SLICE("");
    expect("i=1; a; dmarc=pass header.from=example.com", "- - -");
    expect("i=1; a; dmarc=pass header.from=", "- - -");
    from = SLICE("example.com");
}
END_TEST

START_TEST(several_claims_must_agree)
{
    expect("i=1; a; dmarc=pass header.from=example.com; dmarc=fail header.from=example.com", "- - -");
    expect("i=1; a; dmarc=pass header.from=example.com; dmarc=fail header.from=b.example", "- - pass");
    expect("i=1; a; spf=fail smtp.mailfrom=x; spf=pass smtp.mailfrom=y", "- - -");
    expect("i=1; a; spf=fail smtp.mailfrom=x; spf=pass smtp.helo=y", "fail - -");
    expect("i=1; a; dkim=fail header.d=x; dkim=pass header.d=y; dkim=none", "- pass -");
    expect("i=1; a; dkim=fail header.d=x; dkim=none", "- fail -");
}
END_TEST

START_TEST(nothing_else_is_a_claim)
{
    expect("", "- - -");
    expect("i=1; spf=pass", "- - -"); /* what stands first is the authserv-id */
    expect("i=1; a; spf=good; dkim=1; dmarc=bestguesspass header.from=example.com", "- - -");
    expect("i=1; a; xspf=pass; spf-x=pass; spf/=; =pass; dkim = ; x-dmarc=pass header.from=example.com", "- - -");
    expect("i=1; a; (spf=pass); \"dkim=pass\"; iprev=pass dkim=pass", "- - -");
    expect("i=1; a; spf=pass; dkim=pass (open", "- - -");
    expect("i=1; a; spf=pass smtp.helo=\"x; dmarc=pass header.from=example.com\"", "- - -");
    expect("i=1; a; spf=pass smtp.mailfrom=\"open", "- - -");
    expect("i=1; a; spf=passssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss", "- - -");
    expect_slice(slice_make("i=1; a; spf=pass; dkim=pass\0", 28), "- - -");
}
END_TEST

UNIT_MAIN("filters/arc/arc_claims", the_fields_of_well_known_sealers_are_read, blanks_comments_case_and_versions_make_no_difference,
          dmarc_is_claimed_for_the_author_only, several_claims_must_agree, nothing_else_is_a_claim)
