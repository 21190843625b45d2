#include "filters/dmarc/dmarc_record.h"
#include "tests/unit/unit.h"

static void expect(const char *text, const char *written)
{
    struct arena *arena = arena_new();
    struct dmarc_record record;
    ck_assert_msg(dmarc_record_parse(slice_of(text), &record), "%s", text);
    ck_assert_str_eq(dmarc_record_format(&record, arena), written);
    arena_free(&arena);
}

static void refuse(const char *text)
{
    struct dmarc_record record;
    ck_assert_msg(!dmarc_record_parse(slice_of(text), &record), "%s", text);
}

START_TEST(records_are_written_anew)
{
    expect("v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=reject; adkim=r; aspf=r");
    expect("v=DMARC1;p=none;sp=quarantine;adkim=s;aspf=s", "v=DMARC1; p=none; sp=quarantine; adkim=s; aspf=s");
    expect(" V = DMARC1 ; P = Reject ; pct=5; fo=1:d:s; ri=1; rf=afrf; np=reject; psd=y; t=y; x",
           "v=DMARC1; p=reject; sp=reject; adkim=r; aspf=r");
    expect("v=DMARC1; p=reject; adkim=banana; aspf=", "v=DMARC1; p=reject; sp=reject; adkim=r; aspf=r");
    expect("v=DMARC1; adkim=s; p=reject", "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=r");
}
END_TEST

START_TEST(a_report_address_over_255_bytes_does_not_void_the_record)
{
    char text[2000] = "v=DMARC1; p=reject; rua=mailto:";
    size_t n = strlen(text);
    memset(text + n, 'a', 1000);
    strcpy(text + n + 1000, "@example.com");
    expect(text, "v=DMARC1; p=reject; sp=reject; adkim=r; aspf=r");
}
END_TEST

START_TEST(a_record_without_policy_counts_only_if_it_wants_reports)
{
    expect("v=DMARC1; rua=mailto:d@example.com", "v=DMARC1; p=none; sp=none; adkim=r; aspf=r");
    expect("v=DMARC1; p=rej; rua=mailto:d@example.com", "v=DMARC1; p=none; sp=none; adkim=r; aspf=r");
    expect("v=DMARC1; p=reject; sp=bad; rua=x:y, mailto:d@example.com", "v=DMARC1; p=none; sp=none; adkim=r; aspf=r");
    refuse("v=DMARC1");
    refuse("v=DMARC1; p=rej");
    refuse("v=DMARC1; p=reject; p=none");
    refuse("v=DMARC1; p=reject; sp=bad; rua=mailto:");
}
END_TEST

START_TEST(other_versions_are_no_records)
{
    refuse("v=DMARC2; p=reject");
    refuse("v=dmarc1; p=reject");
    refuse("v=DMARC1 p=reject");
    refuse("p=reject; v=DMARC1");
    refuse("");
}
END_TEST

START_TEST(only_records_are_counted)
{
    struct dns_record records[] = {{SLICE("v=spf1 -all"), 0}, {SLICE("v=DMARC1; p=none"), 0}, {SLICE("v=DMARC1; p=reject"), 0}};
    struct dns_answer answer = {.status = DNS_OK, .count = 2, .records = records};
    struct slice text;
    ck_assert_uint_eq(dmarc_record_select(&answer, &text), 1);
    ck_slice_eq(text, "v=DMARC1; p=none");
    answer.count = 3;
    ck_assert_uint_eq(dmarc_record_select(&answer, &text), 2);
}
END_TEST

static struct dmarc_record parse(const char *text)
{
    struct dmarc_record record;
    ck_assert_msg(dmarc_record_parse(slice_of(text), &record), "%s", text);
    return record;
}

START_TEST(policies_stand_in_for_each_other)
{
    struct dmarc_record record = parse("v=DMARC1; p=reject");
    ck_assert_int_eq(record.sp, DMARC_POLICY_IS_REJECT);
    ck_assert_int_eq(record.np, DMARC_POLICY_IS_REJECT);
    record = parse("v=DMARC1; p=none; sp=quarantine");
    ck_assert_int_eq(record.np, DMARC_POLICY_IS_QUARANTINE);
    record = parse("v=DMARC1; p=none; np=reject");
    ck_assert_int_eq(record.sp, DMARC_POLICY_IS_NONE);
    ck_assert_int_eq(record.np, DMARC_POLICY_IS_REJECT);
    record = parse("v=DMARC1; p=reject; sp=reject; np=bad; rua=mailto:d@example.com");
    ck_assert_int_eq(record.p, DMARC_POLICY_IS_NONE);
    ck_assert_int_eq(record.sp, DMARC_POLICY_IS_NONE);
    ck_assert_int_eq(record.np, DMARC_POLICY_IS_NONE);
}
END_TEST

START_TEST(psd_and_t_have_defaults)
{
    ck_assert_int_eq(parse("v=DMARC1; p=none").psd, DMARC_PSD_UNKNOWN);
    ck_assert_int_eq(parse("v=DMARC1; p=none; psd=Y").psd, DMARC_PSD_YES);
    ck_assert_int_eq(parse("v=DMARC1; p=none; psd=n").psd, DMARC_PSD_NO);
    ck_assert_int_eq(parse("v=DMARC1; p=none; psd=u").psd, DMARC_PSD_UNKNOWN);
    ck_assert_int_eq(parse("v=DMARC1; p=none; psd=yes").psd, DMARC_PSD_UNKNOWN);
    ck_assert_int_eq(parse("v=DMARC1; p=none; psd=n; psd=y").psd, DMARC_PSD_NO);
    ck_assert(parse("v=DMARC1; p=none; t=y").test);
    ck_assert(!parse("v=DMARC1; p=none; t=n").test);
    ck_assert(!parse("v=DMARC1; p=none; t=").test);
    ck_assert(!parse("v=DMARC1; p=none; t=n; t=y").test);
}
END_TEST

/* A walk needs psd= also where no policy can be taken. */
START_TEST(psd_is_read_from_a_record_without_policy)
{
    struct dmarc_record record;
    ck_assert(!dmarc_record_parse(SLICE("v=DMARC1; psd=y"), &record));
    ck_assert_int_eq(record.psd, DMARC_PSD_YES);
}
END_TEST

UNIT_MAIN("filters/dmarc/dmarc_record", records_are_written_anew, a_report_address_over_255_bytes_does_not_void_the_record,
          a_record_without_policy_counts_only_if_it_wants_reports, other_versions_are_no_records, only_records_are_counted,
          policies_stand_in_for_each_other, psd_and_t_have_defaults, psd_is_read_from_a_record_without_policy)
