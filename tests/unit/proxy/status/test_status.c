#include "policy/policy_shadow.h"
#include "proxy/status/status.h"
#include "proxy/status/status_name.h"
#include "tests/unit/unit.h"

static const char config[] = "hostname: mx.example.org\n"
                             "listeners: [\"127.0.0.1:25\"]\n"
                             "backends: {main: 127.0.0.1:10025}\n"
                             "spool: {directory: /tmp}\n"
                             "state: {directory: null}\n"
                             "policies:\n"
                             "  inbound:\n"
                             "    candidate: new\n"
                             "    rcpt:\n"
                             "      - {rule: watched, mode: shadow, when: {spf: fail}, do: reject}\n"
                             "      - {rule: slow, when: {spf: fail}, do: delay, for: 1s}\n"
                             "      - {rule: bad, when: {spf: fail}, do: reject}\n"
                             "  new: {}\n";

static struct arena *arena;
static struct settings *settings;
static struct status status;
static struct facts facts;

static void open_status(void)
{
    struct conf_errors errors;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(slice_of(config), "t.yaml", &errors);
    ck_assert_msg(settings, "%s", errors.first ? errors.first->text : "");
    status.plan = status_plan_new(settings);
    status.counters = arena_alloc(arena, status.plan->count * sizeof *status.counters);
    facts_init(&facts, settings->facts, arena);
}

static void close_status(void)
{
    settings_free(&settings);
    arena_free(&arena);
}

static uint64_t *counter(const char *const *parts)
{
    const char *name = status_name_make(arena, parts);
    for (size_t i = 0; i < status.plan->count; i++)
        if (strcmp(status.plan->defs[i].name, name) == 0)
            return &status.counters[i];
    ck_abort_msg("no counter %s", name);
}

#define COUNT(...) (*counter((const char *const[]){__VA_ARGS__, NULL}))

static void set_word(const char *fact, const char *word)
{
    facts_set_text(&facts, fact_schema_find(settings->facts, slice_of(fact)), slice_of(word));
}

static struct decision decide(bool shadow)
{
    struct decision d;
    policy_decide(settings->policies[0].policy, STAGE_RCPT, &facts, shadow, arena, &d);
    d.candidate = policy_try_candidate(&d, STAGE_RCPT, &facts, arena);
    return d;
}

START_TEST(rules_actions_and_candidate_are_counted)
{
    open_status();
    set_word("spf", "fail");
    struct decision d = decide(false);
    status_add_decision(&status, STAGE_RCPT, &d);
    status_add_decision(&status, STAGE_RCPT, &d);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "watched", "shadow"), 2);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "watched", "matched"), 0);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "slow", "matched"), 2);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "bad", "matched"), 2);
    ck_assert_uint_eq(COUNT("action", "rcpt", "reject"), 2);
    ck_assert_uint_eq(COUNT("stage", "inbound", "rcpt", "decisions"), 2);
    ck_assert_uint_eq(COUNT("stage", "inbound", "rcpt", "no rule"), 0);
    ck_assert_uint_eq(COUNT("candidate", "inbound", "rcpt", "new", "differs"), 2);
    ck_assert_uint_eq(COUNT("stage", "new", "rcpt", "decisions"), 0);
    close_status();
}
END_TEST

START_TEST(in_shadow_rules_are_counted_as_shadow_and_accept_as_the_action)
{
    open_status();
    set_word("spf", "fail");
    struct decision d = decide(true);
    status_add_decision(&status, STAGE_RCPT, &d);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "bad", "shadow"), 1);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "bad", "matched"), 0);
    ck_assert_uint_eq(COUNT("rule", "inbound", "rcpt", "slow", "shadow"), 1);
    ck_assert_uint_eq(COUNT("action", "rcpt", "accept"), 1);
    close_status();
}
END_TEST

START_TEST(words_are_counted_once_for_a_message_and_for_each_recipient_if_about_it)
{
    open_status();
    set_word("spf", "fail");
    status_add_facts(&status, STAGE_RCPT, &facts, false);
    status_add_facts(&status, STAGE_RCPT, &facts, true);
    status_add_facts(&status, STAGE_DATA, &facts, false);
    ck_assert_uint_eq(COUNT("fact", "spf", "fail"), 1);
    ck_assert_uint_eq(COUNT("fact", "spf", "pass"), 0);
    set_word("esmtp", "yes");
    status_add_facts(&status, STAGE_HELO, &facts, false);
    ck_assert_uint_eq(COUNT("fact", "esmtp", "yes"), 1);
    close_status();
}
END_TEST

START_TEST(open_sessions_go_up_and_down)
{
    open_status();
    status_add(&status, STATUS_SESSIONS_OPEN);
    status_add(&status, STATUS_SESSIONS_OPEN);
    status_subtract(&status, STATUS_SESSIONS_OPEN);
    ck_assert_uint_eq(COUNT("total", "sessions open"), 1);
    ck_assert_int_eq(status.plan->defs[STATUS_SESSIONS_OPEN].kind, STATS_GAUGE);
    close_status();
}
END_TEST

START_TEST(listeners_and_backends_have_rows_of_their_own)
{
    open_status();
    status_add_listener(&status, 0, STATUS_LISTENER_OPEN);
    status_add_listener(&status, 0, STATUS_REFUSED_RATE);
    status_add_listener(&status, 0, STATUS_REFUSED_RATE);
    ck_assert_uint_eq(COUNT("listener", "127.0.0.1:25", "open"), 1);
    ck_assert_uint_eq(COUNT("listener", "127.0.0.1:25", "refused rate"), 2);
    status_subtract_listener(&status, 0, STATUS_LISTENER_OPEN);
    ck_assert_uint_eq(COUNT("listener", "127.0.0.1:25", "open"), 0);
    status_set_backend(&status, 0, (const uint64_t[STATUS_OF_BACKEND]){[STATUS_BACKEND_UP] = 1});
    ck_assert_uint_eq(COUNT("backend", "main", "127.0.0.1:10025", "up"), 1);
    status_set_backend(&status, 0, (const uint64_t[STATUS_OF_BACKEND]){[STATUS_BACKEND_DOWN] = 1});
    ck_assert_uint_eq(COUNT("backend", "main", "127.0.0.1:10025", "up"), 0);
    ck_assert_uint_eq(COUNT("backend", "main", "127.0.0.1:10025", "down"), 1);
    close_status();
}
END_TEST

START_TEST(names_are_unique_and_come_apart_again)
{
    struct status_name name;
    open_status();
    for (size_t i = 0; i < status.plan->count; i++) {
        ck_assert(status_name_read(status.plan->defs[i].name, &name));
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(status.plan->defs[i].name, status.plan->defs[j].name);
    }
    close_status();
}
END_TEST

UNIT_MAIN("proxy/status/status", rules_actions_and_candidate_are_counted, in_shadow_rules_are_counted_as_shadow_and_accept_as_the_action,
          words_are_counted_once_for_a_message_and_for_each_recipient_if_about_it, open_sessions_go_up_and_down,
          listeners_and_backends_have_rows_of_their_own, names_are_unique_and_come_apart_again)
