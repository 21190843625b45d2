/* Proves filters/dkim/engine_strict.c: the cases that hold for every engine, the examples of the RFCs, and what libopendkim does not do. */
#define ENGINE "strict"
#include "tests/unit/filters/dkim/verifier_cases.h"

/* RFC 8463 §A: the keys, and the message with two signatures. */
#define RFC8463_ED_KEY "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RFC8463_RSA_KEY                                                                                                                    \
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3" \
    "FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"

static const char rfc8463_message[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                                      " d=football.example.com; i=@football.example.com;\r\n"
                                      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                                      " subject : date : message-id : from : subject : date;\r\n"
                                      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                                      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                                      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                                      " d=football.example.com; i=@football.example.com;\r\n"
                                      " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                                      " date : message-id : from : subject : date;\r\n"
                                      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                      " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                                      " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                                      " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                                      "From: Joe SixPack <joe@football.example.com>\r\n"
                                      "To: Suzie Q <suzie@shopping.example.net>\r\n"
                                      "Subject: Is dinner ready?\r\n"
                                      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                                      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                                      "\r\n"
                                      "Hi.\r\n"
                                      "\r\n"
                                      "We lost the game.  Are you hungry yet?\r\n"
                                      "\r\n"
                                      "Joe.\r\n";

START_TEST(the_message_of_rfc_8463_passes_twice)
{
    setup();
    zone[0] = (struct zone_line){"brisbane._domainkey.football.example.com", DNS_TYPE_TXT, RFC8463_ED_KEY};
    zone[1] = (struct zone_line){"test._domainkey.football.example.com", DNS_TYPE_TXT, RFC8463_RSA_KEY};
    verify(rfc8463_message);
    ck_assert_uint_eq(report->count, 2);
    ck_assert_str_eq(report->signatures[0].reason, "");
    ck_assert_str_eq(report->signatures[1].reason, "");
    ck_assert_int_eq(report->signatures[0].result, DKIM_IS_PASS);
    ck_assert_int_eq(report->signatures[1].result, DKIM_IS_PASS);
    ck_slice_eq(report->signatures[0].b, "/gCrinpc");
    ck_slice_eq(report->signatures[1].b, "F45dVWDf");
    arena_free(&arena);
}
END_TEST

START_TEST(b_is_shown_as_far_as_it_tells_signatures_apart)
{
    setup();
    verify(many_signatures("relaxed.eml", 3)); /* of one b= */
    ck_assert_uint_eq(report->count, 3);
    ck_assert_uint_eq(report->signatures[0].b.len, DKIM_B_SHOWN);
    verify(read_file("two.eml"));
    ck_assert_uint_eq(report->signatures[0].b.len, 8);
    arena_free(&arena);
}
END_TEST

START_TEST(signatures_over_parts_of_one_body_share_its_hash)
{
    setup();
    char *whole = read_file("whole-l.eml"), *relaxed = read_file("relaxed.eml");
    char *second = arena_format(arena, "%.*s", (int)(strstr(relaxed, "From: ") - relaxed), relaxed);
    verify(arena_format(arena, "%s%s", second, whole));
    ck_assert_uint_eq(report->count, 2);
    ck_assert_int_eq(report->signatures[0].result, DKIM_IS_PASS);
    ck_assert_int_eq(report->signatures[1].result, DKIM_IS_PASS);
    verify(arena_format(arena, "%s%sMore.\r\n", second, whole));
    ck_assert_int_eq(report->signatures[0].result, DKIM_IS_FAIL);
    ck_assert_int_eq(report->signatures[1].result, DKIM_IS_PASS);
    ck_assert(report->signatures[1].partial);
    arena_free(&arena);
}
END_TEST

/* The next message brings the same name with another key: what is remembered is the key, not its name. */
START_TEST(a_changed_key_counts_at_once)
{
    setup();
    verify(read_file("relaxed.eml"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    key_of("rsa._domainkey.example.com")->data = key_of("od._domainkey.example.com")->data;
    map = dns_map_new(arena, 100);
    verify(read_file("relaxed.eml"));
    ck_assert_str_eq(report->reason, "signature does not match");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dkim/engine_strict", VERIFIER_CASES, the_message_of_rfc_8463_passes_twice,
          b_is_shown_as_far_as_it_tells_signatures_apart, signatures_over_parts_of_one_body_share_its_hash, a_changed_key_counts_at_once)
