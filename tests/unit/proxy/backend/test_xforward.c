#include "proxy/backend/xforward.h"

#include "tests/unit/unit.h"

static struct mail_session session_from(const char *ip)
{
    struct mail_session s = {.helo = SLICE("a b=c"), .esmtp = true, .client_name = SLICE("mail.example.org")};
    ck_assert(net_addr_parse_ip(slice_of(ip), &s.client));
    s.client.port = 40000;
    return s;
}

START_TEST(every_attribute_the_server_takes_is_given)
{
    struct mail_session s = session_from("2001:db8::7");
    struct backend_offer all = {.xforward = true,
                                .xforward_name = true,
                                .xforward_addr = true,
                                .xforward_port = true,
                                .xforward_helo = true,
                                .xforward_proto = true,
                                .xforward_source = true};
    struct buf out = {0};
    xforward_format(&out, &s, &all);
    ck_slice_eq(buf_slice(&out),
                "XFORWARD NAME=mail.example.org ADDR=IPV6:2001:db8::7 PORT=40000 PROTO=ESMTP HELO=a+20b+3Dc SOURCE=REMOTE");
    buf_release(&out);
}
END_TEST

START_TEST(attributes_the_server_does_not_take_are_left_out)
{
    struct mail_session s = session_from("192.0.2.7");
    struct backend_offer few = {.xforward = true, .xforward_addr = true};
    struct buf out = {0};
    xforward_format(&out, &s, &few);
    ck_slice_eq(buf_slice(&out), "XFORWARD ADDR=192.0.2.7");
    buf_release(&out);
}
END_TEST

UNIT_MAIN("proxy/xforward", every_attribute_the_server_takes_is_given, attributes_the_server_does_not_take_are_left_out)
