#include "base/buf.h"
#include "base/dns/dns_packet.h"
#include "tests/unit/unit.h"

/* A reply is put together in one buffer: header and question for "q.test" at offset 12, then records. */
static struct buf packet;
static struct arena *arena;
static struct dns_packet_reading reading;

#define BYTES(literal) slice_make(literal, sizeof(literal) - 1)
#define QUESTION_NAME  BYTES("\xc0\x0c")

static void add_u16(unsigned v)
{
    buf_add_byte(&packet, (char)(v >> 8));
    buf_add_byte(&packet, (char)v);
}

static void begin_reply(unsigned rcode, unsigned type, unsigned answers, unsigned authority)
{
    arena_free(&arena);
    arena = arena_new();
    buf_clear(&packet);
    add_u16(1);
    add_u16(0x8180 | rcode);
    add_u16(1);
    add_u16(answers);
    add_u16(authority);
    add_u16(0);
    buf_add(&packet, BYTES("\1q\4test\0"));
    add_u16(type);
    add_u16(1);
}

static void add_record(struct slice owner, unsigned type, unsigned ttl, struct slice data)
{
    buf_add(&packet, owner);
    add_u16(type);
    add_u16(1);
    add_u16(ttl >> 16);
    add_u16(ttl & 0xffff);
    add_u16((unsigned)data.len);
    buf_add(&packet, data);
}

static void read_reply(enum dns_type type)
{
    char *copy = malloc(packet.len); /* exactly as long: a sanitizer sees every byte read too far */
    memcpy(copy, packet.ptr, packet.len);
    dns_packet_read((const uint8_t *)copy, packet.len, type, arena, &reading);
    for (size_t i = 0; i < reading.answer.count; i++) {
        struct dns_record *r = (struct dns_record *)(uintptr_t)&reading.answer.records[i];
        r->data = arena_copy(arena, r->data);
    }
    free(copy);
}

static void expect_failure(const char *why)
{
    ck_assert_int_eq(reading.answer.status, DNS_FAILURE);
    ck_assert_str_eq(reading.answer.why, why);
    ck_assert_uint_eq(reading.answer.count, 0);
}

START_TEST(addresses_are_read_and_the_least_ttl_counts)
{
    begin_reply(0, DNS_TYPE_A, 2, 0);
    add_record(QUESTION_NAME, DNS_TYPE_A, 300, BYTES("\xc0\0\2\1"));
    add_record(BYTES("\1Q\4TEST\0"), DNS_TYPE_A, 60, BYTES("\xc0\0\2\2"));
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_OK);
    ck_assert_uint_eq(reading.answer.count, 2);
    ck_assert_uint_eq(reading.answer.ttl, 60);
    ck_assert_int_eq(reading.answer.records[1].data.ptr[3], 2);
}
END_TEST

START_TEST(text_strings_are_joined_without_separator)
{
    begin_reply(0, DNS_TYPE_TXT, 3, 0);
    add_record(QUESTION_NAME, DNS_TYPE_TXT, 60, BYTES("\6v=spf1\5 -all"));
    add_record(QUESTION_NAME, DNS_TYPE_TXT, 60, BYTES("\3one"));
    add_record(QUESTION_NAME, DNS_TYPE_TXT, 60, BYTES("\0"));
    read_reply(DNS_TYPE_TXT);
    ck_assert_uint_eq(reading.answer.count, 3);
    ck_slice_eq(reading.answer.records[0].data, "v=spf1 -all");
    ck_slice_eq(reading.answer.records[1].data, "one");
    ck_slice_eq(reading.answer.records[2].data, "");
}
END_TEST

START_TEST(names_are_lower_case_and_escaped)
{
    begin_reply(0, DNS_TYPE_MX, 2, 0);
    add_record(QUESTION_NAME, DNS_TYPE_MX, 60, BYTES("\0\x0a\4M.\x07\\\xc0\x0c"));
    add_record(QUESTION_NAME, DNS_TYPE_MX, 60, BYTES("\0\0\0"));
    read_reply(DNS_TYPE_MX);
    ck_assert_uint_eq(reading.answer.count, 2);
    ck_assert_uint_eq(reading.answer.records[0].preference, 10);
    ck_slice_eq(reading.answer.records[0].data, "m\\046\\007\\092.q.test");
    ck_slice_eq(reading.answer.records[1].data, ""); /* RFC 7505: null MX */
}
END_TEST

START_TEST(a_service_has_priority_weight_port_and_host)
{
    begin_reply(0, DNS_TYPE_SRV, 2, 0);
    add_record(QUESTION_NAME, DNS_TYPE_SRV, 60, BYTES("\0\x0a\0\5\x09\xdd\2MX\xc0\x0c"));
    add_record(QUESTION_NAME, DNS_TYPE_SRV, 60, BYTES("\0\0\0\0\0\0\0"));
    read_reply(DNS_TYPE_SRV);
    ck_assert_uint_eq(reading.answer.count, 2);
    ck_assert_uint_eq(reading.answer.records[0].preference, 10);
    ck_assert(slice_eq(slice_first(reading.answer.records[0].data, DNS_SRV_HEAD), slice_make("\0\5\x09\xdd", 4)));
    ck_slice_eq(slice_skip(reading.answer.records[0].data, DNS_SRV_HEAD), "mx.q.test");
    ck_slice_eq(slice_skip(reading.answer.records[1].data, DNS_SRV_HEAD), ""); /* RFC 2782: no such service */
}
END_TEST

START_TEST(aliases_are_followed_in_any_order)
{
    begin_reply(0, DNS_TYPE_A, 3, 0);
    add_record(BYTES("\1c\0"), DNS_TYPE_A, 500, BYTES("\xc0\0\2\1"));
    add_record(BYTES("\1b\0"), DNS_TYPE_CNAME, 30, BYTES("\1c\0"));
    add_record(QUESTION_NAME, DNS_TYPE_CNAME, 400, BYTES("\1b\0"));
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_OK);
    ck_assert_uint_eq(reading.answer.ttl, 30);
    ck_assert_uint_eq(reading.alias.len, 0);
}
END_TEST

START_TEST(a_circle_of_aliases_ends)
{
    begin_reply(0, DNS_TYPE_A, 2, 0);
    add_record(QUESTION_NAME, DNS_TYPE_CNAME, 60, BYTES("\1b\0"));
    add_record(BYTES("\1b\0"), DNS_TYPE_CNAME, 60, QUESTION_NAME);
    read_reply(DNS_TYPE_A);
    expect_failure("CNAME loop");
}
END_TEST

#define SOA_DATA BYTES("\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\x2d")

START_TEST(negative_answers_differ_and_take_the_soa_ttl)
{
    begin_reply(0, DNS_TYPE_A, 0, 1);
    add_record(BYTES("\0"), 6, 900, SOA_DATA);
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_NODATA);
    ck_assert_uint_eq(reading.answer.ttl, 45);
    begin_reply(3, DNS_TYPE_A, 0, 1);
    add_record(BYTES("\0"), 6, 20, SOA_DATA);
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_NXDOMAIN);
    ck_assert_uint_eq(reading.answer.ttl, 20);
}
END_TEST

START_TEST(an_alias_that_leads_out_of_the_packet_is_handed_back)
{
    begin_reply(0, DNS_TYPE_A, 1, 0);
    add_record(QUESTION_NAME, DNS_TYPE_CNAME, 60, BYTES("\4else\xc0\x0c"));
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_NODATA);
    ck_slice_eq(reading.alias, "else.q.test");
    begin_reply(0, DNS_TYPE_A, 1, 1);
    add_record(QUESTION_NAME, DNS_TYPE_CNAME, 60, BYTES("\4else\xc0\x0c"));
    add_record(BYTES("\0"), 6, 20, SOA_DATA);
    read_reply(DNS_TYPE_A);
    ck_assert_uint_eq(reading.alias.len, 0); /* the server says that nothing is there */
}
END_TEST

START_TEST(an_absurd_ttl_is_clipped)
{
    begin_reply(0, DNS_TYPE_A, 1, 0);
    add_record(QUESTION_NAME, DNS_TYPE_A, 0x7fffffff, BYTES("\xc0\0\2\1"));
    read_reply(DNS_TYPE_A);
    ck_assert_uint_eq(reading.answer.ttl, DNS_PACKET_TTL_MAX);
    begin_reply(0, DNS_TYPE_A, 1, 0);
    add_record(QUESTION_NAME, DNS_TYPE_A, 0x80000000, BYTES("\xc0\0\2\1"));
    read_reply(DNS_TYPE_A);
    ck_assert_uint_eq(reading.answer.ttl, 0);
}
END_TEST

START_TEST(records_of_other_names_types_and_classes_do_not_count)
{
    begin_reply(0, DNS_TYPE_A, 2, 0);
    add_record(BYTES("\1x\0"), DNS_TYPE_A, 60, BYTES("\xc0\0\2\1"));
    add_record(QUESTION_NAME, DNS_TYPE_TXT, 60, BYTES("\1x"));
    read_reply(DNS_TYPE_A);
    ck_assert_int_eq(reading.answer.status, DNS_NODATA);
}
END_TEST

START_TEST(response_codes_are_failures_with_their_names)
{
    begin_reply(2, DNS_TYPE_A, 0, 0);
    read_reply(DNS_TYPE_A);
    expect_failure("SERVFAIL");
    begin_reply(5, DNS_TYPE_A, 0, 0);
    read_reply(DNS_TYPE_A);
    expect_failure("REFUSED");
    begin_reply(15, DNS_TYPE_A, 0, 0);
    read_reply(DNS_TYPE_A);
    expect_failure("unknown response code");
}
END_TEST

START_TEST(a_truncated_reply_is_no_answer)
{
    begin_reply(0, DNS_TYPE_A, 0, 0);
    packet.ptr[2] |= 2;
    read_reply(DNS_TYPE_A);
    expect_failure("truncated answer");
}
END_TEST

START_TEST(wrong_lengths_of_data_are_malformed)
{
    static const struct {
        enum dns_type type;
        struct slice data;
    } bad[] = {
        {DNS_TYPE_A, {"\1\2\3", 3}}, {DNS_TYPE_AAAA, {"\1\2\3\4", 4}}, {DNS_TYPE_TXT, {"\5abc", 4}},        {DNS_TYPE_TXT, {"\1a\2b", 4}},
        {DNS_TYPE_TXT, {"", 0}},     {DNS_TYPE_MX, {"\0\1", 2}},       {DNS_TYPE_SRV, {"\0\0\0\0\0\0", 6}}, {DNS_TYPE_PTR, {"", 0}},
        {DNS_TYPE_PTR, {"\x40", 1}}, {DNS_TYPE_PTR, {"\xff\xff", 2}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin_reply(0, bad[i].type, 1, 0);
        add_record(QUESTION_NAME, bad[i].type, 60, bad[i].data);
        read_reply(bad[i].type);
        expect_failure("malformed answer");
    }
}
END_TEST

START_TEST(compression_that_leads_nowhere_ends)
{
    begin_reply(0, DNS_TYPE_PTR, 1, 0);
    size_t at = packet.len + 12;
    char loop[] = {1, 'a', (char)(0xc0 | at >> 8), (char)at}; /* a label, then back to it */
    add_record(QUESTION_NAME, DNS_TYPE_PTR, 60, slice_make(loop, sizeof loop));
    read_reply(DNS_TYPE_PTR);
    expect_failure("malformed answer");
    begin_reply(0, DNS_TYPE_PTR, 1, 0);
    add_record(BYTES("\xc0\x18"), DNS_TYPE_PTR, 60, BYTES("\0")); /* an owner that points at itself equals nothing */
    read_reply(DNS_TYPE_PTR);
    ck_assert_int_eq(reading.answer.status, DNS_NODATA);
}
END_TEST

START_TEST(every_shorter_packet_is_refused)
{
    begin_reply(0, DNS_TYPE_MX, 1, 0);
    add_record(QUESTION_NAME, DNS_TYPE_MX, 60, BYTES("\0\x0a\2mx\xc0\x0c"));
    size_t whole = packet.len;
    for (packet.len = 1; packet.len < whole; packet.len++) {
        read_reply(DNS_TYPE_MX);
        expect_failure("malformed answer");
    }
    read_reply(DNS_TYPE_MX);
    ck_assert_int_eq(reading.answer.status, DNS_OK);
}
END_TEST

START_TEST(a_reply_to_another_question_is_refused)
{
    begin_reply(0, DNS_TYPE_A, 0, 0);
    read_reply(DNS_TYPE_AAAA);
    expect_failure("malformed answer");
}
END_TEST

START_TEST(too_many_records_or_names_are_refused)
{
    begin_reply(0, DNS_TYPE_A, DNS_PACKET_RECORDS + 1, 0);
    for (unsigned i = 0; i <= DNS_PACKET_RECORDS; i++)
        add_record(QUESTION_NAME, DNS_TYPE_A, 60, BYTES("\xc0\0\2\1"));
    read_reply(DNS_TYPE_A);
    expect_failure("answer too large");

    char name[256];
    memset(name, 1, sizeof name); /* 127 labels of one control byte: 634 bytes as text */
    name[254] = 0;
    begin_reply(0, DNS_TYPE_PTR, 300, 0);
    for (unsigned i = 0; i < 300; i++)
        add_record(QUESTION_NAME, DNS_TYPE_PTR, 60, slice_make(name, 255));
    read_reply(DNS_TYPE_PTR);
    expect_failure("answer too large");
}
END_TEST

UNIT_MAIN("base/dns_packet", addresses_are_read_and_the_least_ttl_counts, text_strings_are_joined_without_separator,
          names_are_lower_case_and_escaped, a_service_has_priority_weight_port_and_host, aliases_are_followed_in_any_order,
          a_circle_of_aliases_ends, negative_answers_differ_and_take_the_soa_ttl, an_alias_that_leads_out_of_the_packet_is_handed_back,
          an_absurd_ttl_is_clipped, records_of_other_names_types_and_classes_do_not_count, response_codes_are_failures_with_their_names,
          a_truncated_reply_is_no_answer, wrong_lengths_of_data_are_malformed, compression_that_leads_nowhere_ends,
          every_shorter_packet_is_refused, a_reply_to_another_question_is_refused, too_many_records_or_names_are_refused)
