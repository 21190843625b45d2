#include "proxy/smtp/smtp_params.h"

#include "tests/unit/unit.h"

static const struct smtp_offer full = {.esmtp = true,
                                       .size = true,
                                       .eightbit = true,
                                       .smtputf8 = true,
                                       .dsn = true,
                                       .requiretls = true,
                                       .deliverby = true,
                                       .mt_priority = true,
                                       .future_release = true,
                                       .size_max = 1000000};
static struct arena *arena;
static struct smtp_params params;

static struct smtp_params_error parse(const char *text, bool rcpt, const struct smtp_offer *offer)
{
    arena_free(&arena);
    arena = arena_new();
    return smtp_params_parse(slice_of(text), rcpt, offer, arena, &params);
}

static void becomes(bool rcpt, const char *text, const char *canonical)
{
    struct smtp_params_error wrong = parse(text, rcpt, &full);
    ck_assert_msg(wrong.code == 0, "%s: %d %s %s", text, wrong.code, wrong.enhanced, wrong.text);
    ck_slice_eq(params.text, canonical);
}

static void refused(bool rcpt, const char *text, int code)
{
    struct smtp_params_error wrong = parse(text, rcpt, &full);
    ck_assert_msg(wrong.code == code, "%s: %d, expected %d", text, wrong.code, code);
    ck_assert_uint_gt(strlen(wrong.text), 0);
    ck_assert_uint_eq(params.text.len, 0);
}

START_TEST(what_is_understood_is_written_anew)
{
    becomes(false, "", "");
    becomes(false, "  size=0123  body=8bitmime ", "SIZE=123 BODY=8BITMIME");
    ck_assert(params.body_8bit && params.size == 123);
    becomes(false, " SmtpUtf8 RequireTLS", "SMTPUTF8 REQUIRETLS");
    ck_assert(params.smtputf8 && params.requiretls);
    becomes(false, " RET=hdrs ENVID=QQ+2B314159", "RET=HDRS ENVID=QQ+2B314159");
    becomes(false, " BY=120;R MT-PRIORITY=-9 HOLDFOR=86400", "BY=120;R MT-PRIORITY=-9 HOLDFOR=86400");
    becomes(false, " BY=-5;nt HOLDUNTIL=2026-12-24T18:00:00Z", "BY=-5;nt HOLDUNTIL=2026-12-24T18:00:00Z");
    becomes(true, " NOTIFY=never", "NOTIFY=NEVER");
    becomes(true, " notify=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@example.com", "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@example.com");
}
END_TEST

START_TEST(who_submitted_it_counts_only_from_one_who_has_authenticated)
{
    struct smtp_offer offer = {.esmtp = true, .auth = true};
    ck_assert_int_eq(parse(" AUTH=e+3Dmc2@example.com", false, &offer).code, 0);
    ck_slice_eq(params.text, "AUTH=<>");
    offer.authenticated = true;
    ck_assert_int_eq(parse(" AUTH=e+3Dmc2@example.com", false, &offer).code, 0);
    ck_slice_eq(params.text, "AUTH=e+3Dmc2@example.com");
    ck_assert_int_eq(parse(" AUTH=<>", false, &offer).code, 0);
    ck_slice_eq(params.text, "AUTH=<>");
    ck_assert_int_eq(parse(" AUTH=a+3", false, &offer).code, 501);
    ck_assert_int_eq(parse(" AUTH=\303\266@example.com", false, &offer).code, 501);
    ck_assert_int_eq(parse(" AUTH=<>", true, &offer).code, 555);
    offer.auth = false;
    ck_assert_int_eq(parse(" AUTH=<>", false, &offer).code, 555);
}
END_TEST

START_TEST(values_are_checked)
{
    static const char *const mail[] = {" SIZE=",          " SIZE",           " SIZE=-1",       " SIZE=1k",
                                       " SMTPUTF8=yes",   " RET=some",       " RET",           " ENVID=a+2b",
                                       " ENVID=a+",       " ENVID=",         " BY=120",        " BY=;R",
                                       " BY=1;X",         " BY=1;RX",        " BY=1;RTT",      " BY=9999999999;R",
                                       " MT-PRIORITY=10", " MT-PRIORITY=+1", " HOLDFOR=-1",    " HOLDFOR=1234567890",
                                       " HOLDUNTIL=soon", " -X=1",           " SIZE=1 SIZE=1", " BODY=7BIT BODY=7BIT",
                                       "SIZE=1"};
    static const char *const rcpt[] = {" NOTIFY=",      " NOTIFY=NEVER,DELAY",    " NOTIFY=DELAY,DELAY", " NOTIFY=,",
                                       " NOTIFY=LATER", " ORCPT=bob@example.com", " ORCPT=;bob",         " ORCPT=rfc822;a+b"};
    for (size_t i = 0; i < sizeof mail / sizeof mail[0]; i++)
        refused(false, mail[i], 501);
    for (size_t i = 0; i < sizeof rcpt / sizeof rcpt[0]; i++)
        refused(true, rcpt[i], 501);
    char long_id[200] = " ENVID=";
    memset(long_id + 7, 'a', 101);
    refused(false, long_id, 501);
    long_id[107] = '\0';
    becomes(false, long_id, long_id + 1);
    refused(false, " SIZE=1000001", 552);
    refused(false, " BODY=BINARYMIME", 555);
}
END_TEST

START_TEST(what_was_not_offered_is_not_recognised)
{
    static const struct smtp_offer bare = {.esmtp = true}, helo = {.esmtp = false, .size = true};
    static const char *const mail[] = {" SIZE=1",  " BODY=7BIT", " SMTPUTF8",      " REQUIRETLS", " RET=FULL",
                                       " ENVID=a", " BY=1;R",    " MT-PRIORITY=1", " HOLDFOR=1"};
    for (size_t i = 0; i < sizeof mail / sizeof mail[0]; i++) {
        ck_assert_int_eq(parse(mail[i], false, &bare).code, 555);
        ck_assert_int_eq(parse(mail[i], true, &full).code, 555);
    }
    ck_assert_int_eq(parse(" NOTIFY=NEVER", true, &bare).code, 555);
    ck_assert_int_eq(parse(" NOTIFY=NEVER", false, &full).code, 555);
    ck_assert_int_eq(parse(" SIZE=1", false, &helo).code, 555);
    ck_assert_int_eq(parse(" XFOO=1", false, &full).code, 555);
}
END_TEST

START_TEST(a_server_that_offers_less_gets_what_it_knows)
{
    static const struct smtp_offer size = {.esmtp = true, .size = true};
    bool lost;
    becomes(false, " SIZE=1 BODY=8BITMIME RET=FULL", "SIZE=1 BODY=8BITMIME RET=FULL");
    ck_slice_eq(smtp_params_fit(params.text, &size, arena, &lost), "SIZE=1");
    ck_assert(!lost);
    ck_slice_eq(smtp_params_fit(params.text, &full, arena, &lost), "SIZE=1 BODY=8BITMIME RET=FULL");
    ck_slice_eq(smtp_params_fit(SLICE("SMTPUTF8 SIZE=1"), &size, arena, &lost), "SIZE=1");
    ck_assert(lost);
    ck_slice_eq(smtp_params_fit(SLICE("NOTIFY=NEVER"), &size, arena, &lost), "");
    ck_assert(!lost);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/smtp_params", who_submitted_it_counts_only_from_one_who_has_authenticated, what_is_understood_is_written_anew,
          values_are_checked, what_was_not_offered_is_not_recognised, a_server_that_offers_less_gets_what_it_knows)
