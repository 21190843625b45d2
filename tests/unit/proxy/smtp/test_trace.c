#include "proxy/smtp/trace.h"
#include "tests/unit/unit.h"

static struct buf out;
static struct mail_path rcpts[2];
static struct mail_session session;
static struct mail_transaction tx;

static void fresh(const char *client, const char *helo)
{
    buf_clear(&out);
    rcpts[0] = (struct mail_path){.text = SLICE("joe@example.com")};
    rcpts[1] = (struct mail_path){.text = SLICE("jim@example.com")};
    session = (struct mail_session){.helo = slice_of(helo), .esmtp = true, .hostname = "mx.example.net"};
    ck_assert(net_addr_parse_ip(slice_of(client), &session.client));
    tx = (struct mail_transaction){.rcpts = rcpts, .rcpt_count = 1};
}

static const char *received(int64_t unix_ms)
{
    buf_clear(&out);
    trace_received(&out, &session, &tx, "4T7x-1", unix_ms);
    return out.ptr;
}

static void check_date(int64_t unix_ms, const char *date)
{
    fresh("192.0.2.1", "a.example");
    const char *semicolon = strrchr(received(unix_ms), ';');
    ck_assert_ptr_nonnull(semicolon);
    ck_slice_eq(slice_trim(slice_of(semicolon + 1)), date);
}

START_TEST(one_recipient_is_named)
{
    fresh("192.0.2.1", "client.example");
    ck_assert_str_eq(received(0), "Received: from client.example ([192.0.2.1])\r\n\tby mx.example.net (Mailweir) with ESMTP id 4T7x-1\r\n"
                                  "\tfor <joe@example.com>; Thu, 01 Jan 1970 00:00:00 +0000\r\n");
    buf_release(&out);
}
END_TEST

START_TEST(of_several_recipients_none_is_named)
{
    fresh("2001:db8::1", "client.example");
    tx.rcpt_count = 2;
    ck_assert_str_eq(received(0),
                     "Received: from client.example ([IPv6:2001:db8::1])\r\n\tby mx.example.net (Mailweir) with ESMTP id 4T7x-1;\r\n"
                     "\tThu, 01 Jan 1970 00:00:00 +0000\r\n");
    buf_release(&out);
}
END_TEST

START_TEST(protocol_tells_helo_ehlo_and_authentication)
{
    fresh("192.0.2.1", "a.example");
    session.esmtp = false;
    ck_assert_ptr_nonnull(strstr(received(0), " with SMTP id "));
    session.esmtp = true;
    session.auth_user = SLICE("joe");
    ck_assert_ptr_nonnull(strstr(received(0), " with ESMTPA id "));
    ck_assert_ptr_null(strstr(out.ptr, "joe id"));
    buf_release(&out);
}
END_TEST

START_TEST(control_characters_from_helo_and_recipient_stay_out)
{
    fresh("192.0.2.1", "");
    session.helo = SLICE("a\r\nX: y\0(;)\"\x1b\xff[1]");
    rcpts[0].text = SLICE("j\r\noe@x");
    ck_assert_ptr_nonnull(strstr(received(0), "from a??X:?y???????[1] ([192.0.2.1])\r\n"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "for <j??oe@x>;"));
    ck_assert_uint_eq(strlen(out.ptr), out.len);
    session.helo = SLICE("");
    ck_assert_ptr_nonnull(strstr(received(0), "from unknown ([192.0.2.1])"));
    session.client.family = 0;
    ck_assert_ptr_nonnull(strstr(received(0), "from unknown (unknown)"));
    buf_release(&out);
}
END_TEST

START_TEST(no_line_is_long_whatever_the_client_says)
{
    static char helo[2000], rcpt[2000];
    memset(helo, 'h', sizeof helo - 1);
    memset(rcpt, 'r', sizeof rcpt - 1);
    fresh("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", helo);
    rcpts[0].text = slice_of(rcpt);
    struct slice rest = slice_of(received(INT64_MAX)), line;
    size_t lines = 0;
    while (slice_split(&rest, '\n', &line)) {
        ck_assert_uint_le(line.len, 998);
        lines++;
    }
    ck_assert_uint_eq(lines, 4);
    buf_release(&out);
}
END_TEST

START_TEST(dates_are_right_over_leap_years_and_centuries)
{
    check_date(0, "Thu, 01 Jan 1970 00:00:00 +0000");
    check_date(951782399999, "Mon, 28 Feb 2000 23:59:59 +0000");
    check_date(951782400000, "Tue, 29 Feb 2000 00:00:00 +0000");
    check_date(951868800000, "Wed, 01 Mar 2000 00:00:00 +0000");
    check_date(1709164800000, "Thu, 29 Feb 2024 00:00:00 +0000");
    check_date(1735689599000, "Tue, 31 Dec 2024 23:59:59 +0000");
    check_date(1735689600000, "Wed, 01 Jan 2025 00:00:00 +0000");
    check_date(4107542400000, "Mon, 01 Mar 2100 00:00:00 +0000");
    check_date(4107456000000, "Sun, 28 Feb 2100 00:00:00 +0000");
    check_date(-1, "Thu, 01 Jan 1970 00:00:00 +0000");
    check_date(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 +0000");
    buf_release(&out);
}
END_TEST

UNIT_MAIN("proxy/trace", one_recipient_is_named, of_several_recipients_none_is_named, protocol_tells_helo_ehlo_and_authentication,
          control_characters_from_helo_and_recipient_stay_out, no_line_is_long_whatever_the_client_says,
          dates_are_right_over_leap_years_and_centuries)
