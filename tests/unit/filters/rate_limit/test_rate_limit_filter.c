/* Proves filters/rate_limit/rate_limit_filter.c, over a small store of its own. */
#include "tests/unit/filters/rate_limit/rate_fixture.h"

static void begin(const char *ip, const char *sender)
{
    ck_assert_int_eq(rate_connect(ip), FILTER_DONE);
    ck_assert_int_eq(rate_mail(sender), FILTER_DONE);
}

static void rcpt(const char *to)
{
    ck_assert_int_eq(rate_rcpt(to), FILTER_DONE);
}

START_TEST(a_rate_alone_limits_each_client)
{
    rate_open("filter: {limits: {per_client: 2/1h}}");
    begin("192.0.2.1", "a@a.example");
    for (int i = 0; i < 2; i++) {
        rcpt("x@x.example");
        ck_fact("rate", "ok");
        ck_fact("rate.per_client", "ok");
        ck_fact("rate.per_client.used", i == 0 ? "1" : "2");
        ck_fact("rate.limit", "(absent)");
        ck_fact("rate.retry_after", "(absent)");
    }
    rcpt("x@x.example");
    ck_fact("rate", "over");
    ck_fact("rate.per_client", "over");
    ck_fact("rate.per_client.used", "2");
    ck_fact("rate.limit", "per_client");
    int wait = atoi(rate_fact("rate.retry_after"));
    ck_assert_int_le(wait, 1800);
    ck_assert_int_ge(wait, 1700);
    ck_assert_str_eq(rate_fact("rate.per_client.wait"), rate_fact("rate.retry_after"));
    begin("192.0.2.2", "a@a.example");
    rcpt("x@x.example");
    ck_fact("rate", "ok");
    ck_fact("rate.per_client.wait", "(absent)");
    rate_close();
}
END_TEST

START_TEST(a_network_shares_one_bucket)
{
    rate_open("filter: {limits: {n: {rate: 1/1h, key: client.net}}}");
    begin("192.0.2.1", "a@a.example");
    rcpt("x@x.example");
    ck_fact("rate.n", "ok");
    begin("192.0.2.200", "b@b.example");
    rcpt("y@y.example");
    ck_fact("rate.n", "over");
    begin("192.0.3.1", "b@b.example");
    rcpt("y@y.example");
    ck_fact("rate.n", "ok");
    rate_close();
}
END_TEST

START_TEST(messages_are_counted_at_their_first_recipient_only)
{
    rate_open("filter: {limits: {m: {rate: 2/1h, key: sender, unit: messages}}}");
    rate_connect("192.0.2.1");
    for (int message = 0; message < 3; message++) {
        rate_mail("a@a.example");
        for (int i = 0; i < 5; i++) {
            rcpt("x@x.example");
            ck_fact("rate.m", message < 2 ? "ok" : "over");
        }
    }
    ck_assert_uint_eq(rate.store.ops, 3);
    rate_close();
}
END_TEST

START_TEST(bytes_are_counted_at_the_end_of_a_message)
{
    rate_open("filter: {limits: {b: {rate: 1MiB/1h, unit: bytes}}}");
    rate_connect("192.0.2.1");
    static const struct {
        int64_t size;
        const char *finding;
    } messages[] = {{500000, "ok"}, {500000, "ok"}, {500000, "over"}, {10000, "ok"}, {100000, "over"}};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        rate_mail("a@a.example");
        rcpt("x@x.example");
        ck_fact("rate.b", "(absent)");
        ck_assert_int_eq(rate_eom(messages[i].size), FILTER_DONE);
        ck_fact("rate.b", messages[i].finding);
        ck_fact("rate", messages[i].finding);
    }
    ck_fact("rate.limit", "b");
    rate_close();
}
END_TEST

START_TEST(connections_are_counted_at_connect_and_the_finding_stays)
{
    rate_open("filter: {limits: {c: {rate: 2/1h, unit: connections}}}");
    for (int i = 0; i < 3; i++) {
        rate_connect("192.0.2.1");
        ck_fact("rate.c", i < 2 ? "ok" : "over");
        ck_fact("rate", i < 2 ? "ok" : "over");
        rate_mail("a@a.example");
        rcpt("x@x.example");
        ck_fact("rate", i < 2 ? "ok" : "over");
    }
    ck_assert_uint_eq(rate.store.ops, 3);
    rate_close();
}
END_TEST

START_TEST(a_session_takes_a_place_and_gives_it_back)
{
    rate_open("filter: {limits: {s: {max: 1, unit: sessions}}}");
    struct filter_ctx second = rate.ctx;
    rate_connect("192.0.2.1");
    ck_fact("rate.s", "ok");
    ck_fact("rate.s.used", "1");
    second.session_state = arena_alloc(rate.arena, rate_limit_filter.session_size);
    ck_assert_int_eq(rate_limit_filter.connect(&second), FILTER_DONE);
    ck_fact("rate.s", "over");
    ck_fact("rate.s.wait", "(absent)");
    ck_fact("rate.retry_after", "(absent)");
    rate_limit_filter.close(&second);
    ck_assert_int_eq(rate.store.places[0], 1);
    ck_assert_ptr_nonnull(rate.store.state.leases);
    rate_connect("192.0.2.1");
    ck_fact("rate.s", "ok");
    rate_close();
    ck_assert_int_eq(rate.store.places[0], 0);
    ck_assert_ptr_null(rate.store.state.leases);
}
END_TEST

START_TEST(refused_recipients_are_counted_when_refused_and_seen_from_then_on)
{
    rate_open("filter: {limits: {harvest: {rate: 2/1h, unit: refused_recipients}}}");
    rate_connect("192.0.2.1");
    rate_mail("a@a.example");
    for (int i = 0; i < 2; i++) {
        rcpt("nobody@x.example");
        ck_fact("rate.harvest", "ok");
        rate_limit_filter.event(&rate.ctx, FILTER_RCPT_REFUSED);
    }
    rcpt("joe@x.example");
    ck_fact("rate.harvest", "over");
    ck_fact("rate.limit", "harvest");
    rate_limit_filter.event(&rate.ctx, FILTER_RCPT_REFUSED);
    rate_limit_filter.event(&rate.ctx, FILTER_AUTH_FAILED);
    rate_connect("192.0.2.1");
    ck_fact("rate.harvest", "over");
    ck_fact("rate.harvest.used", "2");
    rate_mail("b@b.example");
    ck_fact("rate.harvest", "over");
    rate_connect("192.0.2.2");
    ck_fact("rate.harvest", "ok");
    ck_fact("rate.harvest.used", "0");
    rate_close();
}
END_TEST

START_TEST(failed_authentications_are_a_unit)
{
    rate_open("filter: {limits: {guess: {rate: 1/1h, unit: auth_failures}, harvest: {rate: 1/1h, unit: refused_recipients}}}");
    rate_connect("192.0.2.1");
    rate_limit_filter.event(&rate.ctx, FILTER_AUTH_FAILED);
    rate_mail("a@a.example");
    ck_fact("rate.guess", "over");
    ck_fact("rate.harvest", "ok");
    rate_close();
}
END_TEST

START_TEST(an_event_costs_what_its_facts_say)
{
    rate_open("lists: {bad: [198.51.100.0/24]}\n"
              "filter: {limits: {l: {rate: 10/1h, cost: 2, costs: [{fact: spf, is: [fail], cost: 5}, {fact: client.ip, in: bad, cost: 3}, "
              "{fact: mail_from, is: '<>', cost: 0}]}}}");
    rate_connect("192.0.2.1");
    rate_mail("a@a.example");
    rcpt("x@x.example");
    ck_fact("rate.l.used", "2");
    rate_set("spf", "fail");
    rcpt("x@x.example");
    ck_fact("rate.l.used", "7");
    rcpt("x@x.example");
    ck_fact("rate.l", "over");
    rate_mail("");
    rcpt("x@x.example");
    ck_fact("rate.l", "ok");
    ck_fact("rate.l.used", "7");
    rate_connect("198.51.100.9");
    rate_mail("a@a.example");
    rcpt("x@x.example");
    ck_fact("rate.l.used", "3");
    rate_close();
}
END_TEST

START_TEST(members_of_a_list_have_another_limit)
{
    rate_open("lists: {friends: [192.0.2.0/25], partners: [192.0.2.0/24, partner.example], vip: ['*.vip.example']}\n"
              "filter: {limits: {l: {rate: 1/1h, key: [client.ip, sender.domain], overrides: [{in: friends, rate: unlimited}, "
              "{in: partners, rate: 3/1h}, {in: vip, rate: 5/1h, burst: 2}]}, "
              "s: {unit: sessions, max: 1, overrides: [{in: friends, max: 2}]}}}");
    rate_connect("192.0.2.1");
    ck_fact("rate.s", "ok");
    rate_mail("a@a.example");
    rcpt("x@x.example");
    ck_fact("rate.l", "(absent)");
    rate_connect("192.0.2.200");
    rate_mail("a@a.example");
    for (int i = 0; i < 4; i++)
        rcpt("x@x.example");
    ck_fact("rate.l", "over");
    ck_fact("rate.l.used", "3");
    rate_connect("198.51.100.1");
    rate_mail("a@b.vip.example");
    for (int i = 0; i < 3; i++)
        rcpt("x@x.example");
    ck_fact("rate.l", "over");
    ck_fact("rate.l.used", "2");
    rate_mail("a@vip.example");
    rcpt("x@x.example");
    ck_fact("rate.l", "ok");
    rcpt("x@x.example");
    ck_fact("rate.l", "over");
    rate_close();
}
END_TEST

START_TEST(limits_count_each_for_itself_and_the_first_over_is_named)
{
    rate_open(
        "filter:\n limits:\n  big: {rate: 100/1h, key: client.ip}\n  small: {rate: 1/1h, key: rcpt}\n  tiny: {rate: 1/1d, key: rcpt}\n");
    begin("192.0.2.1", "a@a.example");
    rcpt("x@x.example");
    rcpt("x@x.example");
    ck_fact("rate.big", "ok");
    ck_fact("rate.small", "over");
    ck_fact("rate.tiny", "over");
    ck_fact("rate.limit", "small");
    ck_assert_int_gt(atoi(rate_fact("rate.retry_after")), 3600);
    rcpt("y@y.example");
    ck_fact("rate", "ok");
    rate_close();
}
END_TEST

START_TEST(all_limits_of_a_phase_are_one_batch)
{
    rate_open("filter:\n limits: {a: 9/1h, b: {rate: 9/1h, key: rcpt}, c: {unit: messages, rate: 9/1h}, d: {unit: refused_recipients, "
              "rate: 9/1h}}");
    begin("192.0.2.1", "a@a.example");
    size_t before = rate.store.batches;
    rcpt("x@x.example");
    ck_assert_uint_eq(rate.store.batches, before + 1);
    ck_assert_uint_eq(rate.store.ops, 6);
    rate_close();
}
END_TEST

START_TEST(bounces_are_no_sender)
{
    rate_open("filter: {limits: {s: {rate: 1/1h, key: sender}, u: {rate: 1/1h, key: [client.ip, auth.user]}}}");
    for (int i = 0; i < 3; i++) {
        begin("192.0.2.1", "");
        rcpt("x@x.example");
        ck_fact("rate", "ok");
        ck_fact("rate.s", "(absent)");
        ck_fact("rate.u", "(absent)");
    }
    ck_assert_uint_eq(rate.store.batches, 0);
    rate_close();
}
END_TEST

START_TEST(a_failing_store_leaves_every_fact_unknown)
{
    rate_open("filter: {limits: {a: 1/1h, b: {rate: 1/1h, key: rcpt}}}");
    begin("192.0.2.1", "a@a.example");
    rate.store.mode = STORE_FAILS;
    rcpt("x@x.example");
    ck_assert_str_eq(rate.failure, "state store unavailable");
    ck_assert(!rate.deferred);
    ck_fact("rate", "(absent)");
    ck_fact("rate.a", "(absent)");
    rate.ctx.state = NULL;
    begin("192.0.2.1", "a@a.example");
    rcpt("x@x.example");
    ck_assert_str_eq(rate.failure, "state store unavailable");
    rate.ctx.state = &rate.store.state;
    rate.store.mode = STORE_WORKS;
    begin("192.0.2.1", "a@a.example");
    rcpt("x@x.example");
    ck_assert_ptr_null(rate.failure);
    ck_fact("rate.b", "ok");
    rate_close();
}
END_TEST

START_TEST(a_closed_store_defers)
{
    rate_open("filter: {limits: {a: 1/1h}}");
    begin("192.0.2.1", "a@a.example");
    rate.store.mode = STORE_IS_CLOSED;
    rcpt("x@x.example");
    ck_assert(rate.deferred);
    ck_fact("rate", "(absent)");
    rate_close();
}
END_TEST

START_TEST(what_could_not_be_counted_at_connect_is_counted_later)
{
    rate_open("filter: {limits: {c: {unit: connections, rate: 5/1h}}}");
    rate.store.mode = STORE_FAILS;
    rate_connect("192.0.2.1");
    ck_assert_ptr_nonnull(rate.failure);
    rate.store.mode = STORE_WORKS;
    rate_mail("a@a.example");
    ck_fact("rate.c", "ok");
    ck_fact("rate.c.used", "1");
    rate_mail("a@a.example");
    ck_fact("rate.c.used", "1");
    rate_close();
}
END_TEST

START_TEST(an_answer_that_is_waited_for_resumes_the_phase)
{
    rate_open("filter: {limits: {a: 1/1h}}");
    rate.store.mode = STORE_WAITS;
    rate_connect("192.0.2.1");
    rate_mail("a@a.example");
    ck_assert_int_eq(rate_rcpt("x@x.example"), FILTER_WAIT);
    ck_fact("rate", "(absent)");
    ck_assert_int_eq(rate.resumed, 0);
    store_answer(STATE_DONE);
    ck_assert_int_eq(rate.resumed, 1);
    ck_fact("rate", "ok");
    ck_assert_int_eq(rate_rcpt("x@x.example"), FILTER_WAIT);
    store_answer(STATE_FAILED);
    ck_assert_int_eq(rate.resumed, 2);
    ck_assert_str_eq(rate.failure, "state store unavailable");
    ck_fact("rate", "(absent)");
    rate_close();
}
END_TEST

START_TEST(a_wait_that_was_given_up_is_counted_again_and_a_session_that_ends_waits_no_more)
{
    rate_open("filter: {limits: {c: {unit: connections, rate: 5/1h}}}");
    rate.store.mode = STORE_WAITS;
    ck_assert_int_eq(rate_connect("192.0.2.1"), FILTER_WAIT);
    ck_assert_int_eq(rate_mail("a@a.example"), FILTER_WAIT);
    store_answer(STATE_DONE);
    ck_fact("rate.c", "ok");
    ck_assert_int_eq(rate_connect("192.0.2.1"), FILTER_WAIT);
    rate_limit_filter.abort(&rate.ctx);
    ck_assert_ptr_null(rate.store.waiting);
    ck_assert_int_eq(rate_mail("a@a.example"), FILTER_WAIT);
    rate_close();
    ck_assert_ptr_null(rate.store.waiting);
}
END_TEST

START_TEST(without_limits_no_store_is_needed)
{
    rate_open("filter: {limits: {}}");
    rate.ctx.state = NULL;
    begin("192.0.2.1", "a@a.example");
    rcpt("x@x.example");
    ck_assert_ptr_null(rate.failure);
    ck_fact("rate", "ok");
    rate_limit_filter.event(&rate.ctx, FILTER_RCPT_REFUSED);
    rate_close();
}
END_TEST

UNIT_MAIN("filters/rate_limit", a_rate_alone_limits_each_client, a_network_shares_one_bucket,
          messages_are_counted_at_their_first_recipient_only, bytes_are_counted_at_the_end_of_a_message,
          connections_are_counted_at_connect_and_the_finding_stays, a_session_takes_a_place_and_gives_it_back,
          refused_recipients_are_counted_when_refused_and_seen_from_then_on, failed_authentications_are_a_unit,
          an_event_costs_what_its_facts_say, members_of_a_list_have_another_limit, limits_count_each_for_itself_and_the_first_over_is_named,
          all_limits_of_a_phase_are_one_batch, bounces_are_no_sender, a_failing_store_leaves_every_fact_unknown, a_closed_store_defers,
          what_could_not_be_counted_at_connect_is_counted_later, an_answer_that_is_waited_for_resumes_the_phase,
          a_wait_that_was_given_up_is_counted_again_and_a_session_that_ends_waits_no_more, without_limits_no_store_is_needed)
