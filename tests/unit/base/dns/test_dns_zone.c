#include "base/dns/dns_zone.h"
#include "tests/unit/unit.h"

static struct buf record;

static void expect_record(const char *line, const char *expected)
{
    const char *why = NULL;
    ck_assert_int_eq(dns_zone_read_line(slice_of(line), &record, &why), DNS_ZONE_RECORD);
    ck_slice_eq(buf_slice(&record), expected);
}

static void expect_bad(struct slice line, const char *expected)
{
    const char *why = NULL;
    ck_assert_int_eq(dns_zone_read_line(line, &record, &why), DNS_ZONE_BAD);
    ck_assert_str_eq(why, expected);
}

START_TEST(ttl_and_class_are_optional)
{
    expect_record("example.test. A 192.0.2.1\n", "example.test. 3600 IN A 192.0.2.1");
    expect_record("example.test 60 MX 10 mx.example.test.\r\n", "example.test. 60 IN MX 10 mx.example.test.");
    expect_record("example.test\t60\tin\taaaa\t2001:db8::1", "example.test. 60 IN aaaa 2001:db8::1");
}
END_TEST

START_TEST(comments_end_a_line_but_not_inside_quotes)
{
    const char *why;
    expect_record("a.test TXT \"v=DKIM1; k=rsa\" ; key", "a.test. 3600 IN TXT \"v=DKIM1; k=rsa\"");
    expect_record("a.test TXT \"say \\\"x;y\\\"\"", "a.test. 3600 IN TXT \"say \\\"x;y\\\"\"");
    ck_assert_int_eq(dns_zone_read_line(SLICE("; nothing"), &record, &why), DNS_ZONE_BLANK);
    ck_assert_int_eq(dns_zone_read_line(SLICE(" \t\r\n"), &record, &why), DNS_ZONE_BLANK);
}
END_TEST

START_TEST(each_mistake_is_named)
{
    expect_bad(SLICE("  A 192.0.2.1"), "the line does not begin with a name");
    expect_bad(SLICE("$ORIGIN test."), "directives are not known here");
    expect_bad(SLICE("a..test A 192.0.2.1"), "the name is no legal DNS name");
    expect_bad(SLICE("a.test BOGUS 1"), "the record type is unknown");
    expect_bad(SLICE("a.test A"), "the record has no data");
    expect_bad(SLICE("a.test TXT \"open"), "a quoted text does not end");
    expect_bad(SLICE("a.test TXT \x01"), "the line holds a control character");
    expect_bad(SLICE("a.test 4294967296 A 192.0.2.1"), "the time to live is too long");
}
END_TEST

UNIT_MAIN("base/dns_zone", ttl_and_class_are_optional, comments_end_a_line_but_not_inside_quotes, each_mistake_is_named)
