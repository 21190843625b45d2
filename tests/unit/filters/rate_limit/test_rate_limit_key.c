/* Proves filters/rate_limit/rate_limit_key.c. */
#include "filters/rate_limit/rate_limit_key.h"

#include "tests/unit/unit.h"

static struct mail_session session(const char *ip, const char *helo)
{
    struct mail_session s = {.helo = slice_of(helo), .auth_user = SLICE("")};
    ck_assert(net_addr_parse_ip(slice_of(ip), &s.client));
    return s;
}

static struct mail_path path(const char *local, const char *domain, const char *text)
{
    return (struct mail_path){
        .null = text[0] == '\0', .local = slice_of(local), .domain = slice_of(domain), .text = slice_of(text), .params = SLICE("")};
}

static struct mail_transaction from_to(struct mail_path sender, struct mail_path rcpt)
{
    return (struct mail_transaction){.sender = sender, .rcpt = rcpt};
}

static struct rate_limit limit_of(size_t count, const enum rate_part *parts)
{
    struct rate_limit limit = {.name = "l", .net4 = 24, .net6 = 64, .part_count = count};
    memcpy(limit.parts, parts, count * sizeof *parts);
    return limit;
}

static struct buf key;

static const char *key_of(size_t count, const enum rate_part *parts, const struct mail_session *s, const struct mail_transaction *tx)
{
    struct rate_limit limit = limit_of(count, parts);
    buf_clear(&key);
    return rate_limit_key(&limit, s, tx, &key) ? key.ptr : NULL;
}

#define KEY(s, tx, ...)                                                                                                                    \
    key_of(sizeof((enum rate_part[]){__VA_ARGS__}) / sizeof(enum rate_part), (enum rate_part[]){__VA_ARGS__}, &(s), &(tx))

START_TEST(every_part_has_its_value)
{
    struct mail_session s = session("192.0.2.77", "Mail.Example");
    struct mail_transaction tx = from_to(path("Joe", "a.example", "Joe@a.example"), path("ann", "b.example", "ann@b.example"));
    s.auth_user = SLICE("Ann");
    ck_assert_str_eq(KEY(s, tx, RATE_CLIENT_IP), "rl/l/client.ip=10:192.0.2.77");
    ck_assert_str_eq(KEY(s, tx, RATE_CLIENT_NET), "rl/l/client.net=12:192.0.2.0/24");
    ck_assert_str_eq(KEY(s, tx, RATE_HELO), "rl/l/helo=12:mail.example");
    ck_assert_str_eq(KEY(s, tx, RATE_SENDER), "rl/l/sender=13:joe@a.example");
    ck_assert_str_eq(KEY(s, tx, RATE_SENDER_DOMAIN), "rl/l/sender.domain=9:a.example");
    ck_assert_str_eq(KEY(s, tx, RATE_RCPT), "rl/l/rcpt=13:ann@b.example");
    ck_assert_str_eq(KEY(s, tx, RATE_RCPT_DOMAIN), "rl/l/rcpt.domain=9:b.example");
    ck_assert_str_eq(KEY(s, tx, RATE_AUTH_USER), "rl/l/auth.user=3:ann");
    ck_assert_str_eq(KEY(s, tx, RATE_CLIENT_NET, RATE_SENDER), "rl/l/client.net=12:192.0.2.0/24,sender=13:joe@a.example");
    buf_release(&key);
}
END_TEST

START_TEST(ipv6_clients_are_counted_by_64_bits)
{
    struct mail_session s = session("2001:db8:1:2:3:4:5:6", "h");
    struct mail_transaction tx = from_to(path("a", "b", "a@b"), path("c", "d", "c@d"));
    ck_assert_str_eq(KEY(s, tx, RATE_CLIENT_NET), "rl/l/client.net=17:2001:db8:1:2::/64");
    buf_release(&key);
}
END_TEST

START_TEST(other_spellings_are_no_other_bucket)
{
    struct mail_session s = session("192.0.2.1", "h");
    struct mail_transaction plain = from_to(path("joe", "a", "joe@a"), path("ann", "b", "ann@b"));
    struct mail_transaction odd = from_to(path("\"J\\oe\"", "a", "\"J\\oe\"@a"), path("\"ANN\"", "b", "\"ANN\"@b"));
    struct buf first = {0};
    buf_add_text(&first, KEY(s, plain, RATE_SENDER, RATE_RCPT));
    ck_assert_str_eq(KEY(s, odd, RATE_SENDER, RATE_RCPT), first.ptr);
    buf_release(&first);
    buf_release(&key);
}
END_TEST

START_TEST(hostile_values_cannot_pass_for_other_parts)
{
    struct mail_session s1 = session("192.0.2.1", "a,sender=1:b"), s2 = session("192.0.2.1", "a");
    struct mail_transaction t1 = from_to(path("c", "", "c"), path("x", "y", "x@y"));
    struct mail_transaction t2 = from_to(path("b", "", "b,sender=1:c"), path("x", "y", "x@y"));
    struct buf first = {0};
    buf_add_text(&first, KEY(s1, t1, RATE_HELO, RATE_SENDER));
    ck_assert_str_ne(KEY(s2, t2, RATE_HELO, RATE_SENDER), first.ptr);
    buf_release(&first);
    buf_release(&key);
}
END_TEST

START_TEST(without_a_part_the_limit_does_not_apply)
{
    struct mail_session s = session("192.0.2.1", "");
    struct mail_transaction bounce = from_to(path("", "", ""), path("postmaster", "", "postmaster"));
    ck_assert_ptr_null(KEY(s, bounce, RATE_SENDER));
    ck_assert_ptr_null(KEY(s, bounce, RATE_SENDER_DOMAIN));
    ck_assert_ptr_null(KEY(s, bounce, RATE_RCPT_DOMAIN));
    ck_assert_ptr_null(KEY(s, bounce, RATE_AUTH_USER));
    ck_assert_ptr_null(KEY(s, bounce, RATE_HELO));
    ck_assert_ptr_null(KEY(s, bounce, RATE_CLIENT_IP, RATE_SENDER));
    ck_assert_str_eq(KEY(s, bounce, RATE_RCPT), "rl/l/rcpt=10:postmaster");
    s.client.family = 0;
    ck_assert_ptr_null(KEY(s, bounce, RATE_CLIENT_IP));
    ck_assert_ptr_null(KEY(s, bounce, RATE_CLIENT_NET));
    buf_release(&key);
}
END_TEST

UNIT_MAIN("filters/rate_limit/rate_limit_key", every_part_has_its_value, ipv6_clients_are_counted_by_64_bits,
          other_spellings_are_no_other_bucket, hostile_values_cannot_pass_for_other_parts, without_a_part_the_limit_does_not_apply)
