#include "proxy/backend/xclient.h"

#include "tests/unit/unit.h"

static struct mail_session session_from(const char *ip)
{
    struct mail_session s = {.helo = SLICE("mail=one+two"), .esmtp = true, .auth_user = SLICE("")};
    ck_assert(net_addr_parse_ip(slice_of(ip), &s.client));
    s.client.port = 40000;
    ck_assert(net_addr_parse_endpoint(SLICE("192.0.2.25:25"), &s.listener));
    return s;
}

static const struct backend_offer everything = {.xclient = true,
                                                .xclient_name = true,
                                                .xclient_addr = true,
                                                .xclient_port = true,
                                                .xclient_helo = true,
                                                .xclient_proto = true,
                                                .xclient_login = true,
                                                .xclient_destaddr = true,
                                                .xclient_destport = true};

START_TEST(every_attribute_the_server_takes_is_given_and_values_are_xtext)
{
    struct mail_session s = session_from("198.51.100.7");
    struct buf out = {0};
    xclient_format(&out, &s, &everything);
    ck_slice_eq(buf_slice(&out), "XCLIENT NAME=[UNAVAILABLE] ADDR=198.51.100.7 PORT=40000 HELO=mail+3Done+2Btwo PROTO=ESMTP "
                                 "DESTADDR=192.0.2.25 DESTPORT=25 LOGIN=[UNAVAILABLE]");
    buf_release(&out);
}
END_TEST

START_TEST(attributes_the_server_does_not_take_are_left_out)
{
    struct mail_session s = session_from("198.51.100.7");
    struct backend_offer few = {.xclient = true, .xclient_addr = true, .xclient_helo = true};
    struct buf out = {0};
    xclient_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XCLIENT ADDR=198.51.100.7 HELO=mail+3Done+2Btwo");
    buf_release(&out);
}
END_TEST

START_TEST(an_ipv6_address_carries_its_prefix)
{
    struct mail_session s = session_from("2001:db8::7");
    struct backend_offer few = {.xclient = true, .xclient_addr = true};
    struct buf out = {0};
    xclient_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XCLIENT ADDR=IPV6:2001:db8::7");
    buf_release(&out);
}
END_TEST

START_TEST(no_byte_of_a_helo_can_end_the_command)
{
    struct mail_session s = session_from("198.51.100.7");
    struct backend_offer few = {.xclient = true, .xclient_helo = true};
    struct buf out = {0};
    s.helo = SLICE("a\r\nRCPT TO:<x>\0\xff");
    xclient_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XCLIENT HELO=a+0D+0ARCPT+20TO:<x>+00+FF");
    buf_release(&out);
}
END_TEST

START_TEST(the_login_of_an_authenticated_client_is_given)
{
    struct mail_session s = session_from("198.51.100.7");
    struct backend_offer few = {.xclient = true, .xclient_login = true};
    struct buf out = {0};
    s.auth_user = SLICE("anna");
    xclient_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XCLIENT LOGIN=anna");
    buf_release(&out);
}
END_TEST

START_TEST(what_is_not_known_takes_the_place_of_what_was_known_of_another_client)
{
    struct mail_session s = {.helo = SLICE(""), .auth_user = SLICE(""), .client_name = SLICE("")};
    struct buf out = {0};
    xclient_format(&out, &s, &everything);
    ck_slice_eq(buf_slice(&out), "XCLIENT NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE] HELO=[UNAVAILABLE] PROTO=SMTP "
                                 "DESTADDR=[UNAVAILABLE] DESTPORT=[UNAVAILABLE] LOGIN=[UNAVAILABLE]");
    buf_release(&out);
}
END_TEST

START_TEST(a_name_that_is_known_is_given)
{
    struct mail_session s = session_from("198.51.100.7");
    struct backend_offer few = {.xclient = true, .xclient_name = true};
    struct buf out = {0};
    s.client_name = SLICE("mail.example.org");
    xclient_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XCLIENT NAME=mail.example.org");
    buf_release(&out);
}
END_TEST

UNIT_MAIN("proxy/xclient", every_attribute_the_server_takes_is_given_and_values_are_xtext, attributes_the_server_does_not_take_are_left_out,
          an_ipv6_address_carries_its_prefix, no_byte_of_a_helo_can_end_the_command, the_login_of_an_authenticated_client_is_given,
          what_is_not_known_takes_the_place_of_what_was_known_of_another_client, a_name_that_is_known_is_given)
