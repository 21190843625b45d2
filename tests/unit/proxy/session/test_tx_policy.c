/* Who judges whom, who is mixed with whom, and whose decision holds for all. */
#include "proxy/session/tx.h"
#include "proxy/settings/core_facts.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define CONFIG                                                                                                                             \
    "hostname: mx.example.org\nbackends: {main: 127.0.0.1:10025}\nstate: {directory: /tmp}\n"                                              \
    "listeners:\n"                                                                                                                         \
    "  - {address: '127.0.0.1:2525', recipients: [{rcpt: strict.example, policy: strict}, {rcpt: soft.example, policy: soft},"             \
    " {rcpt: mild.example, policy: mild}]}\n"                                                                                              \
    "policies:\n"                                                                                                                          \
    "  inbound: {split: defer, data: [{rule: abuse desk, when: {rcpt.local: abuse}, do: accept}, {rule: all others, do: reject}]}\n"       \
    "  strict: {data: [{rule: never, do: reject}]}\n"                                                                                      \
    "  soft: {split: lenient, data: [{rule: mark, do: quarantine}]}\n"                                                                     \
    "  mild: {split: lenient, data: [{rule: joe, when: {rcpt.local: joe}, do: accept}, {rule: later, do: tempfail}]}\n"

static struct arena *arena;
static struct settings *settings;
static const struct listener_settings *listener;
static struct tx *tx;
static struct facts facts;

static void start(void)
{
    struct smtp_command mail = {.params = {.size = -1}};
    struct conf_errors errors;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(SLICE(CONFIG), "t.yaml", &errors);
    conf_errors_print(&errors, stderr);
    ck_assert_ptr_nonnull(settings);
    listener = &settings->listeners[0];
    facts_init(&facts, settings->facts, arena);
    tx = tx_new(arena, &mail, 40);
}

static void release(void)
{
    settings_free(&settings);
    arena_free(&arena);
}

/* True: it may come along. */
static bool try_rcpt(const char *local, const char *domain)
{
    const struct decision none = {.action = ACTION_ACCEPT};
    struct mail_path path = {.text = slice_of(arena_format(arena, "%s@%s", local, domain)),
                             .local = slice_of(local),
                             .domain = slice_of(domain),
                             .params = SLICE("")};
    tx_offer_rcpt(tx, &path);
    core_facts_publish_rcpt(settings, &tx->mail, &facts);
    if (!tx_classify_rcpt(tx, listener, &facts))
        return false;
    tx_plan_rcpt(tx, &none);
    tx_accept_rcpt(tx, &facts);
    return true;
}

static const char *decided(void)
{
    struct decision d;
    core_facts_publish_data(settings, &tx->mail, &facts);
    tx_decide(tx, listener, &facts, false, &d, NULL);
    return d.rule ? d.rule : "-";
}

START_TEST(the_recipients_policy_judges)
{
    start();
    ck_assert(try_rcpt("a", "strict.example"));
    ck_assert_str_eq(policy_name(tx_rcpt_policy(tx, listener)), "strict");
    ck_assert_str_eq(decided(), "never");
    release();
}
END_TEST

START_TEST(recipients_of_another_class_of_the_same_policy_are_not_mixed)
{
    start();
    ck_assert(try_rcpt("abuse", "x.example"));
    ck_assert(!try_rcpt("joe", "x.example"));
    ck_assert_int_eq(tx_split(tx).code, 452);
    ck_assert(try_rcpt("ABUSE", "y.example"));
    ck_assert(!try_rcpt("ann", "x.example"));
    ck_assert_str_eq(decided(), "abuse desk");
    ck_slice_eq(facts_get(&facts, settings->core.rcpt)->text, "abuse@x.example");
    release();
}
END_TEST

START_TEST(the_facts_of_the_first_recipient_decide_whoever_was_asked_last)
{
    start();
    ck_assert(try_rcpt("joe", "x.example"));
    ck_assert(try_rcpt("ann", "x.example"));
    ck_assert(!try_rcpt("abuse", "x.example"));
    ck_assert_str_eq(decided(), "all others");
    ck_slice_eq(facts_get(&facts, settings->core.rcpt)->text, "joe@x.example");
    release();
}
END_TEST

START_TEST(another_policy_is_mixed_only_if_both_are_lenient)
{
    start();
    ck_assert(try_rcpt("a", "soft.example"));
    ck_assert(!try_rcpt("a", "strict.example"));
    ck_assert(!try_rcpt("a", "x.example"));
    ck_assert(try_rcpt("a", "mild.example"));
    release();
    start();
    ck_assert(try_rcpt("a", "strict.example"));
    ck_assert(!try_rcpt("a", "soft.example"));
    release();
}
END_TEST

START_TEST(of_lenient_classes_the_mildest_decision_holds_for_all)
{
    start();
    ck_assert(try_rcpt("a", "mild.example"));
    ck_assert_str_eq(decided(), "later");
    ck_assert(try_rcpt("a", "soft.example"));
    ck_assert_str_eq(decided(), "mark");
    ck_slice_eq(facts_get(&facts, settings->core.rcpt)->text, "a@soft.example");
    ck_assert(try_rcpt("joe", "mild.example"));
    ck_assert(try_rcpt("b", "soft.example"));
    ck_assert_str_eq(decided(), "joe");
    ck_slice_eq(facts_get(&facts, settings->core.rcpt)->text, "joe@mild.example");
    release();
}
END_TEST

START_TEST(those_sent_away_count_for_the_limit_of_recipients)
{
    struct limit_settings limits = {.recipients = 3};
    start();
    ck_assert(try_rcpt("abuse", "x.example"));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(tx_full(tx, &limits).code, 0);
        ck_assert(!try_rcpt("joe", "x.example"));
        tx_split(tx);
    }
    ck_assert_int_eq(tx_full(tx, &limits).code, 452);
    release();
}
END_TEST

UNIT_MAIN("proxy/tx_policy", the_recipients_policy_judges, recipients_of_another_class_of_the_same_policy_are_not_mixed,
          the_facts_of_the_first_recipient_decide_whoever_was_asked_last, another_policy_is_mixed_only_if_both_are_lenient,
          of_lenient_classes_the_mildest_decision_holds_for_all, those_sent_away_count_for_the_limit_of_recipients)
