#include "proxy/smtp/proxy_header.h"

#include "tests/unit/unit.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static struct proxy_header parse(struct slice input, enum proxy_header_status expected)
{
    struct proxy_header h;
    ck_assert_int_eq(proxy_header_parse(input, &h), expected);
    return h;
}

static const char *text(const struct net_addr *a)
{
    static char texts[2][NET_ADDR_TEXT];
    static unsigned turn;
    return net_addr_format(a, texts[turn++ % 2]);
}

START_TEST(version_1_names_source_and_destination)
{
    struct proxy_header h = parse(SLICE("PROXY TCP4 192.0.2.1 192.0.2.25 51234 25\r\nEHLO x\r\n"), PROXY_HEADER_OK);
    ck_assert_uint_eq(h.length, 42);
    ck_assert_str_eq(text(&h.source), "192.0.2.1:51234");
    ck_assert_str_eq(text(&h.destination), "192.0.2.25:25");
    h = parse(SLICE("PROXY TCP6 2001:db8::1 2001:db8::25 1 65535\r\n"), PROXY_HEADER_OK);
    ck_assert_str_eq(text(&h.source), "[2001:db8::1]:1");
    h = parse(SLICE("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1 2\r\n"), PROXY_HEADER_OK);
    ck_assert_str_eq(text(&h.source), "192.0.2.1:1");
    h = parse(SLICE("PROXY UNKNOWN ffff:f...f whatever\r\n"), PROXY_HEADER_OK);
    ck_assert_int_eq(h.source.family, 0);
}
END_TEST

START_TEST(version_1_is_strict)
{
    static const char *const bad[] = {
        "EHLO client.example\r\n",
        "PROXYTCP4",
        "proxy TCP4 192.0.2.1 192.0.2.25 51234 25\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 51234\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 51234 25 \r\n",
        "PROXY TCP4  192.0.2.1 192.0.2.25 51234 25\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 65536 25\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 051 25\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 -1 25\r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.25 1 25\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 25\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.25 1 25\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.25 1 25\r\n",
        "PROXY \r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.25 51234 25\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct proxy_header h;
        enum proxy_header_status status = proxy_header_parse(slice_of(bad[i]), &h);
        bool last = i + 1 == sizeof bad / sizeof bad[0];
        ck_assert_msg(status == (last ? PROXY_HEADER_MORE : PROXY_HEADER_BAD), "%s", bad[i]);
        ck_assert_int_eq(h.source.family, 0);
    }
    char endless[200] = "PROXY TCP6 ";
    memset(endless + 11, 'f', sizeof endless - 11);
    parse(slice_make(endless, 106), PROXY_HEADER_MORE);
    parse(slice_make(endless, 107), PROXY_HEADER_BAD);
}
END_TEST

START_TEST(version_2_names_source_and_destination_and_its_extensions_are_stepped_over)
{
    struct slice four = SLICE(SIGNATURE "\x21\x11\x00\x13\xc0\x00\x02\x01\xc0\x00\x02\x19\xc8\x22\x00\x19\x04\x00\x04"
                                        "abcd"
                                        "EHLO");
    struct proxy_header h = parse(four, PROXY_HEADER_OK);
    ck_assert_uint_eq(h.length, 16 + 19);
    ck_assert_str_eq(text(&h.source), "192.0.2.1:51234");
    ck_assert_str_eq(text(&h.destination), "192.0.2.25:25");
    for (size_t n = 0; n < h.length; n++)
        parse(slice_first(four, n), PROXY_HEADER_MORE);
    h = parse(SLICE(SIGNATURE "\x20\x11\x00\x00"), PROXY_HEADER_OK);
    ck_assert_int_eq(h.source.family, 0);
    h = parse(SLICE(SIGNATURE "\x21\x00\x00\x03zzz"), PROXY_HEADER_OK);
    ck_assert_int_eq(h.source.family, 0);
}
END_TEST

START_TEST(version_2_is_bounded_and_checked)
{
    parse(SLICE(SIGNATURE "\x11\x11\x00\x0c"), PROXY_HEADER_BAD); /* version 1 in binary */
    parse(SLICE(SIGNATURE "\x22\x11\x00\x0c"), PROXY_HEADER_BAD); /* no such command */
    parse(SLICE(SIGNATURE "\x21\x11\xff\xff"), PROXY_HEADER_BAD); /* too long */
    parse(SLICE(SIGNATURE "\x21\x11\x00\x0b"
                          "12345678901"),
          PROXY_HEADER_BAD); /* too short for its addresses */
    parse(SLICE(SIGNATURE "\x21\x11\x00\x0f"
                          "123456789012"
                          "\x04\x00\x01"),
          PROXY_HEADER_BAD); /* an extension beyond the end */
    parse(SLICE("\r\n\r\n\0\r\nQUIX"), PROXY_HEADER_BAD);
}
END_TEST

START_TEST(what_is_written_reads_the_same)
{
    struct net_addr a, b, none = {0};
    struct buf out = {0};
    ck_assert(net_addr_parse_endpoint(SLICE("[2001:db8::1]:4000"), &a) && net_addr_parse_endpoint(SLICE("[2001:db8::2]:25"), &b));
    proxy_header_format(&out, &a, &b);
    struct proxy_header h = parse(buf_slice(&out), PROXY_HEADER_OK);
    ck_assert_str_eq(text(&h.source), "[2001:db8::1]:4000");
    ck_assert_str_eq(text(&h.destination), "[2001:db8::2]:25");
    buf_clear(&out);
    proxy_header_format(&out, &none, &b);
    h = parse(buf_slice(&out), PROXY_HEADER_OK);
    ck_assert_int_eq(h.source.family, 0);
    buf_release(&out);
}
END_TEST

UNIT_MAIN("proxy/proxy_header", version_1_names_source_and_destination, version_1_is_strict,
          version_2_names_source_and_destination_and_its_extensions_are_stepped_over, version_2_is_bounded_and_checked,
          what_is_written_reads_the_same)
