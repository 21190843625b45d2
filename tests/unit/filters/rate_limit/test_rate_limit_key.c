/* Proves filters/rate_limit/rate_limit_key.c. */
#include "tests/unit/filters/rate_limit/rate_fixture.h"

static struct buf key;

/** The key of the only limit for the facts as they are; NULL: it does not apply. */
static const char *key_now(void)
{
    const struct rate_limit_config *config = rate.ctx.config;
    const struct rate_limit *limit = config->limits.items;
    struct fact_value values[RATE_PARTS_MAX];
    buf_clear(&key);
    rate_limit_values(limit, &rate.facts, values);
    return rate_limit_key(limit, values, &key) ? key.ptr : NULL;
}

static void envelope(const char *ip, const char *helo, const char *sender, const char *rcpt)
{
    rate_connect(ip);
    rate_set("helo", helo);
    rate_mail(sender);
    rate_rcpt(rcpt);
}

static void expect_key(const char *parts, const char *expected)
{
    struct arena *text = arena_new();
    rate_open(arena_format(text, "filter: {limits: {l: {rate: 1/1h, key: [%s]}}}", parts));
    envelope("192.0.2.77", "Mail.Example", "Joe@a.example", "ann@b.example");
    rate_set("auth.user", "Ann");
    rate_set("spf", "pass");
    ck_assert_str_eq(key_now(), expected);
    rate_close();
    arena_free(&text);
}

START_TEST(every_part_has_its_value)
{
    expect_key("client.ip", "rl/l/client.ip=10:192.0.2.77");
    expect_key("client.net", "rl/l/client.net=12:192.0.2.0/24");
    expect_key("helo", "rl/l/helo=12:mail.example");
    expect_key("sender", "rl/l/sender=13:joe@a.example");
    expect_key("mail_from", "rl/l/mail_from=13:joe@a.example");
    expect_key("sender.domain", "rl/l/sender.domain=9:a.example");
    expect_key("rcpt", "rl/l/rcpt=13:ann@b.example");
    expect_key("rcpt.domain", "rl/l/rcpt.domain=9:b.example");
    expect_key("auth.user", "rl/l/auth.user=3:ann");
    expect_key("spf", "rl/l/spf=4:pass");
    expect_key("client.net, sender", "rl/l/client.net=12:192.0.2.0/24,sender=13:joe@a.example");
    buf_release(&key);
}
END_TEST

START_TEST(ipv6_clients_are_counted_by_64_bits)
{
    rate_open("filter: {limits: {l: {rate: 1/1h, key: client.net}}}");
    rate_connect("2001:db8:1:2:3:4:5:6");
    ck_assert_str_eq(key_now(), "rl/l/client.net=17:2001:db8:1:2::/64");
    rate_close();
    buf_release(&key);
}
END_TEST

START_TEST(other_spellings_are_no_other_bucket)
{
    struct buf first = {0};
    rate_open("filter: {limits: {l: {rate: 1/1h, key: [sender, rcpt]}}}");
    envelope("192.0.2.1", "h", "joe@a", "ann@b");
    buf_add_text(&first, key_now());
    envelope("192.0.2.1", "h", "\"J\\oe\"@a", "\"ANN\"@b");
    ck_assert_str_eq(key_now(), first.ptr);
    buf_release(&first);
    rate_close();
    buf_release(&key);
}
END_TEST

START_TEST(hostile_values_cannot_pass_for_other_parts)
{
    struct buf first = {0};
    rate_open("filter: {limits: {l: {rate: 1/1h, key: [helo, sender]}}}");
    envelope("192.0.2.1", "a,sender=1:b", "c", "x@y");
    buf_add_text(&first, key_now());
    envelope("192.0.2.1", "a", "b,sender=1:c", "x@y");
    ck_assert_str_ne(key_now(), first.ptr);
    buf_release(&first);
    rate_close();
    buf_release(&key);
}
END_TEST

static bool applies_to_a_bounce(const char *parts)
{
    struct arena *text = arena_new();
    rate_open(arena_format(text, "filter: {limits: {l: {rate: 1/1h, key: [%s]}}}", parts));
    envelope("192.0.2.1", "", "", "postmaster");
    bool applies = key_now() != NULL;
    rate_close();
    arena_free(&text);
    return applies;
}

START_TEST(without_a_part_the_limit_does_not_apply)
{
    ck_assert(!applies_to_a_bounce("sender") && !applies_to_a_bounce("sender.domain") && !applies_to_a_bounce("rcpt.domain"));
    ck_assert(!applies_to_a_bounce("auth.user") && !applies_to_a_bounce("helo") && !applies_to_a_bounce("client.ip, sender"));
    ck_assert(applies_to_a_bounce("rcpt") && applies_to_a_bounce("client.ip"));
    buf_release(&key);
}
END_TEST

static const char *read_back(const char *text)
{
    const struct rate_limit_config *config = rate.ctx.config;
    struct slice values[RATE_PARTS_MAX];
    if (!rate_limit_key_read(config->limits.items, slice_of(text), values))
        return NULL;
    return arena_format(rate.arena, "%.*s %.*s", SLICE_FMT(values[0]), SLICE_FMT(values[1]));
}

START_TEST(a_key_can_be_read_back_and_what_is_no_key_cannot)
{
    rate_open("filter: {limits: {l: {rate: 1/1h, key: [helo, sender]}}}");
    envelope("192.0.2.1", "a,sender=1:b", "c@d", "x@y");
    ck_assert_str_eq(read_back(key_now()), "a,sender=1:b c@d");
    ck_assert_ptr_null(read_back("rl/m/helo=1:a,sender=1:b"));
    ck_assert_ptr_null(read_back("rl/l/helo=1:a"));
    ck_assert_ptr_null(read_back("rl/l/helo=1:a,sender=9:b"));
    ck_assert_ptr_null(read_back("rl/l/helo=1:a,sender=1:bc"));
    ck_assert_ptr_null(read_back("rl/l/helo=-1:a,sender=1:b"));
    ck_assert_ptr_null(read_back("rl/l/"));
    ck_assert_ptr_null(read_back("\xff\x01"));
    rate_close();
    buf_release(&key);
}
END_TEST

UNIT_MAIN("filters/rate_limit/rate_limit_key", every_part_has_its_value, ipv6_clients_are_counted_by_64_bits,
          other_spellings_are_no_other_bucket, hostile_values_cannot_pass_for_other_parts, without_a_part_the_limit_does_not_apply,
          a_key_can_be_read_back_and_what_is_no_key_cannot)
