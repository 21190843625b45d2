#include "base/dns/dns_name.h"
#include "tests/unit/unit.h"

static struct slice repeated(char *text, const char *part, size_t times)
{
    text[0] = '\0';
    for (size_t i = 0; i < times; i++)
        strcat(text, part);
    return slice_of(text);
}

START_TEST(lengths_follow_rfc_1035)
{
    char text[512];
    ck_assert(dns_name_legal(SLICE("example.com")));
    ck_assert(dns_name_legal(SLICE("example.com.")));
    ck_assert(dns_name_legal(repeated(text, "a", 63)));
    ck_assert(!dns_name_legal(repeated(text, "a", 64)));
    ck_assert(dns_name_legal(repeated(text, "a.", 127))); /* 253 bytes without the final dot */
    ck_assert(!dns_name_legal(repeated(text, "a.", 128)));
}
END_TEST

START_TEST(empty_labels_are_illegal)
{
    ck_assert(!dns_name_legal(SLICE("")));
    ck_assert(!dns_name_legal(SLICE(".")));
    ck_assert(!dns_name_legal(SLICE("a..b")));
    ck_assert(!dns_name_legal(SLICE(".a")));
    ck_assert(!dns_name_legal(SLICE("a..")));
}
END_TEST

START_TEST(odd_bytes_are_escaped_and_escapes_count_as_one_byte)
{
    char out[DNS_NAME_TEXT], text[512];
    ck_assert(dns_name_escape(SLICE("_spf.a b\\c\"d"), out));
    ck_assert_str_eq(out, "_spf.a\\032b\\092c\\034d");
    ck_assert(dns_name_escape(SLICE("a\\046b.c\\300"), out));
    ck_assert_str_eq(out, "a\\046b.c\\092300");
    ck_assert(dns_name_legal(repeated(text, "\\046", 63)));
    ck_assert(!dns_name_legal(repeated(text, "\\046", 64)));
    ck_assert(dns_name_escape(slice_make("a\0b", 3), out));
    ck_assert_str_eq(out, "a\\000b");
}
END_TEST

START_TEST(received_labels_come_back_to_the_same_query)
{
    char text[64], out[DNS_NAME_TEXT];
    static const uint8_t label[] = {'A', '.', 'b', '\\', ' ', 0xff, 7};
    size_t n = dns_name_add_label(text, 0, label, sizeof label);
    ck_slice_eq(slice_make(text, n), "a\\046b\\092\\032\\255\\007");
    ck_assert(dns_name_escape(slice_make(text, n), out));
    ck_assert_str_eq(out, "a\\046b\\092\\032\\255\\007");
}
END_TEST

UNIT_MAIN("base/dns_name", lengths_follow_rfc_1035, empty_labels_are_illegal, odd_bytes_are_escaped_and_escapes_count_as_one_byte,
          received_labels_come_back_to_the_same_query)
