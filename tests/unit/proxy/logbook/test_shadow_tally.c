#include "proxy/logbook/shadow_tally.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct arena *arena;
static struct shadow_tally tally;

static void open_tally(const char *since, size_t examples)
{
    arena = arena_new();
    shadow_tally_init(&tally, arena, slice_of(since), examples);
}

static void close_tally(void)
{
    shadow_tally_release(&tally);
    arena_free(&arena);
}

static void add(const char *time, const char *rest)
{
    char text[1000];
    struct log_line line;
    struct arena *scratch = arena_new();
    int n = snprintf(text, sizeof text, "time=%s event=decision policy=in session=s client.ip=192.0.2.1 %s", time, rest);
    ck_assert_msg(log_line_parse(slice_make(text, (size_t)n), scratch, &line), "%s", text);
    shadow_tally_add(&tally, &line);
    arena_free(&scratch);
}

#define DIFFERS "candidate=new candidate.differs=action,rule live.action=accept candidate.action=reject candidate.rule=strict "

START_TEST(equal_differences_are_one_case)
{
    open_tally("", 2);
    add("2026-01-02", DIFFERS "stage=rcpt from=<a@x> to=<1@y> candidate.saw=spf,rcpt.domain,dkim spf=fail");
    add("2026-01-01", DIFFERS "stage=rcpt from=<b@x> to=<2@y>");
    add("2026-01-03", DIFFERS "stage=rcpt from=<A@x> to=<3@y>");
    add("2026-01-03", DIFFERS "stage=data from=<a@x>");
    ck_assert_uint_eq(tally.case_count, 2);
    ck_assert_uint_eq(tally.differing, 4);
    const struct shadow_case *c = tally.cases;
    ck_assert_uint_eq(c->count, 3);
    ck_assert_uint_eq(c->senders.count, 2);
    ck_assert_uint_eq(c->clients.count, 1);
    ck_assert_str_eq(c->period.first, "2026-01-01");
    ck_assert_str_eq(c->period.last, "2026-01-03");
    ck_slice_eq(c->key.live_action, "accept");
    ck_slice_eq(c->key.live_rule, "");
    ck_slice_eq(c->key.rule, "strict");
    ck_assert_uint_eq(shadow_case_examples(&tally, c), 2);
    ck_slice_eq(shadow_case_example(&tally, c, 0)->to, "<2@y>");
    ck_slice_eq(shadow_case_example(&tally, c, 1)->to, "<3@y>");
    close_tally();
}
END_TEST

START_TEST(examples_show_the_facts_that_settled_them)
{
    open_tally("", 1);
    add("1", DIFFERS "stage=rcpt from=<a@x> to=<1@y> candidate.saw=spf,rcpt.domain,dkim spf=fail");
    const struct shadow_fact *f = shadow_case_example(&tally, tally.cases, 0)->facts;
    ck_slice_eq(f->name, "spf");
    ck_slice_eq(f->value, "fail");
    ck_slice_eq(f->next->value, "y");
    ck_assert_ptr_null(f->next->next->value.ptr);
    close_tally();
}
END_TEST

START_TEST(the_same_outcome_by_another_rule_is_counted_but_no_case)
{
    open_tally("", 1);
    add("1", "stage=rcpt candidate=new candidate.differs=rule live.action=reject live.rule=a candidate.action=reject candidate.rule=b");
    ck_assert_uint_eq(tally.same_outcome, 1);
    ck_assert_ptr_null(tally.cases);
    close_tally();
}
END_TEST

START_TEST(each_rule_in_shadow_is_a_case_of_its_own)
{
    open_tally("", 1);
    add("1", "stage=rcpt action=reject code=550 shadow.rule=\"one\\\\; two; three\" shadow.would=\"reject; tempfail\"");
    add("2", "stage=rcpt action=accept shadow.rule=three shadow.would=tempfail");
    shadow_tally_sort(&tally);
    ck_assert_uint_eq(tally.shadowed, 2);
    ck_assert_uint_eq(tally.case_count, 2);
    ck_slice_eq(tally.cases->key.rule, "three");
    ck_slice_eq(tally.cases->key.action, "tempfail");
    ck_assert_uint_eq(tally.cases->count, 2);
    ck_assert_uint_eq(tally.cases->refused, 1);
    ck_slice_eq(tally.cases->next->key.rule, "one; two");
    close_tally();
}
END_TEST

START_TEST(earlier_decisions_and_other_events_are_left_out)
{
    open_tally("2026-05-01", 1);
    add("2026-04-30T23:59:59.999Z", DIFFERS "stage=data");
    add("2026-05-01T00:00:00.000Z", DIFFERS "stage=data");
    struct log_line line;
    ck_assert(log_line_parse(SLICE("time=2026-06-01 event=worker.gone candidate=x"), arena, &line));
    shadow_tally_add(&tally, &line);
    ck_assert_uint_eq(tally.decisions, 1);
    ck_assert_uint_eq(tally.differing, 1);
    close_tally();
}
END_TEST

START_TEST(shares_are_of_messages_and_of_recipients)
{
    open_tally("", 0);
    add("1", "stage=data rcpts=3 action=accept code=250");
    add("1", "stage=data rcpts=1 action=reject code=550");
    add("1", "stage=rcpt action=reject code=550");
    add("1", DIFFERS "stage=rcpt action=accept");
    add("1", DIFFERS "stage=connect action=accept");
    ck_assert_uint_eq(tally.messages, 2);
    ck_assert_uint_eq(tally.recipients, 5);
    ck_assert_uint_eq(shadow_tally_base(&tally, tally.cases), 5);
    ck_assert_uint_eq(shadow_tally_base(&tally, tally.cases->next), 0);
    ck_assert_uint_eq(shadow_case_examples(&tally, tally.cases), 0);
    close_tally();
}
END_TEST

START_TEST(the_number_of_cases_is_bounded)
{
    open_tally("", 1);
    for (int i = 0; i < SHADOW_CASES_MAX + 10; i++) {
        char text[200];
        snprintf(text, sizeof text, "stage=rcpt shadow.rule=r%d shadow.would=reject", i);
        add("1", text);
    }
    ck_assert_uint_eq(tally.case_count, SHADOW_CASES_MAX);
    ck_assert_uint_eq(tally.beyond, 10);
    close_tally();
}
END_TEST

UNIT_MAIN("proxy/logbook/shadow_tally", equal_differences_are_one_case, examples_show_the_facts_that_settled_them,
          the_same_outcome_by_another_rule_is_counted_but_no_case, each_rule_in_shadow_is_a_case_of_its_own,
          earlier_decisions_and_other_events_are_left_out, shares_are_of_messages_and_of_recipients, the_number_of_cases_is_bounded)
