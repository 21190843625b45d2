#include "proxy/backend/backend.h"

#include "tests/unit/unit.h"

static struct backend_offer parse(struct slice *lines, size_t count)
{
    struct smtp_reply reply = {.code = 250, .count = count, .lines = lines};
    struct backend_offer offer;
    backend_offer_parse(&reply, &offer);
    return offer;
}

START_TEST(keywords_are_known_without_case)
{
    struct slice lines[] = {SLICE("mx.test greets you"), SLICE("pipelining"), SLICE("Size 1024"), SLICE("8bitMIME"),
                            SLICE("ENHANCEDSTATUSCODES")};
    struct backend_offer o = parse(lines, 5);
    ck_assert(o.esmtp && o.pipelining && o.size && o.eightbit && o.enhanced && !o.xclient);
    ck_assert_int_eq(o.size_max, 1024);
}
END_TEST

START_TEST(the_greeting_line_is_no_keyword)
{
    struct slice lines[] = {SLICE("PIPELINING")};
    ck_assert(!parse(lines, 1).pipelining);
}
END_TEST

START_TEST(a_size_without_limit_or_with_nonsense_sets_none)
{
    struct slice bare[] = {SLICE("mx"), SLICE("SIZE")};
    struct slice huge[] = {SLICE("mx"), SLICE("SIZE 99999999999999999999999")};
    struct slice negative[] = {SLICE("mx"), SLICE("SIZE -1")};
    ck_assert(parse(bare, 2).size);
    ck_assert_int_eq(parse(bare, 2).size_max, 0);
    ck_assert_int_eq(parse(huge, 2).size_max, 0);
    ck_assert_int_eq(parse(negative, 2).size_max, 0);
}
END_TEST

START_TEST(xclient_needs_the_address_attribute)
{
    struct slice with[] = {SLICE("mx"), SLICE("XCLIENT NAME ADDR PROTO HELO")};
    struct slice without[] = {SLICE("mx"), SLICE("XCLIENT NAME LOGIN")};
    ck_assert(parse(with, 2).xclient && parse(with, 2).xclient_helo && !parse(with, 2).xclient_port);
    ck_assert(!parse(without, 2).xclient);
}
END_TEST

START_TEST(mechanisms_that_can_pass_are_kept_in_their_order_once)
{
    struct slice lines[] = {SLICE("mx"), SLICE("AUTH SCRAM-SHA-256-PLUS LOGIN  NTLM plain X\033 LOGIN"), SLICE("AUTH=CRAM-MD5 PLAIN"),
                            SLICE("auth SCRAM-SHA-1")};
    static const unsigned char order[] = {SASL_LOGIN, SASL_PLAIN, SASL_CRAM_MD5, SASL_SCRAM_SHA_1};
    struct backend_offer o = parse(lines, 4), none = parse(lines, 1);
    ck_assert_uint_eq(o.auth_count, sizeof order);
    ck_assert_mem_eq(o.auth, order, sizeof order);
    ck_assert(backend_offer_parameters(&o).auth);
    ck_assert_uint_eq(none.auth_count, 0);
    ck_assert(!backend_offer_parameters(&none).auth);
}
END_TEST

START_TEST(two_backends_offer_what_both_do)
{
    struct backend_offer a = {.esmtp = true, .pipelining = true, .size = true, .size_max = 0, .eightbit = true, .xclient = true};
    struct backend_offer b = {.esmtp = true, .size = true, .size_max = 5000, .eightbit = true, .enhanced = true};
    backend_offer_meet(&a, &b);
    ck_assert(a.esmtp && a.size && a.eightbit && a.xclient);
    ck_assert(!a.pipelining && !a.enhanced);
    ck_assert_int_eq(a.size_max, 5000);
    b.size_max = 9000;
    backend_offer_meet(&a, &b);
    ck_assert_int_eq(a.size_max, 5000);
    b.size_max = 0;
    backend_offer_meet(&a, &b);
    ck_assert_int_eq(a.size_max, 5000);
}
END_TEST

START_TEST(xforward_attributes_are_known)
{
    struct slice lines[] = {SLICE("backend.example"), SLICE("XFORWARD NAME ADDR PROTO HELO source PORT IDENT")};
    struct backend_offer o = parse(lines, 2);
    ck_assert(o.xforward && o.xforward_name && o.xforward_addr && o.xforward_proto && o.xforward_helo && o.xforward_source &&
              o.xforward_port);
    ck_assert(!o.xclient);
}
END_TEST

UNIT_MAIN("proxy/backend_offer", mechanisms_that_can_pass_are_kept_in_their_order_once, two_backends_offer_what_both_do,
          xforward_attributes_are_known, keywords_are_known_without_case, the_greeting_line_is_no_keyword,
          a_size_without_limit_or_with_nonsense_sets_none, xclient_needs_the_address_attribute)
