#include "base/log_escape.h"
#include "filters/facts_record.h"
#include "proxy/logbook/logged_decision.h"
#include "tests/unit/unit.h"

static const char config[] =
    "hostname: mx.example.org\n"
    "listeners: [\"127.0.0.1:25\"]\n"
    "backends: {main: 127.0.0.1:10025}\n"
    "spool: {directory: /tmp}\n"
    "state: {directory: null}\n"
    "policies:\n"
    "  inbound:\n"
    "    connect:\n"
    "      - {rule: friend, when: {client.ip: 192.0.2.9}, do: trust}\n"
    "    rcpt:\n"
    "      - {rule: bad, when: {spf: fail, rcpt.local: \"j,oe\"}, do: reject, reply: \"550 5.7.1 No {mail_from}\"}\n"
    "    data:\n"
    "      - {rule: signed, when: {dkim.domains: \"b,c\"}, do: discard}\n"
    "      - {rule: listed, when: {header.List-Id: present}, do: quarantine}\n";

static struct arena *arena;
static struct settings *settings;
static struct logged_decision decision;

static void open_settings(void)
{
    struct conf_errors errors;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(slice_of(config), "t.yaml", &errors);
    ck_assert_msg(settings, "%s", errors.first ? errors.first->text : "");
}

static void close_settings(void)
{
    settings_free(&settings);
    arena_free(&arena);
}

static void explain(const char *rest)
{
    struct log_line line;
    const char *text = arena_format(arena, "time=1 event=decision session=s policy=inbound client.ip=192.0.2.1 client.port=0 %s", rest);
    ck_assert_msg(log_line_parse(slice_of(text), arena, &line), "%s", text);
    ck_assert(logged_decision_read(&line, settings, arena, &decision));
}

static const struct rehearsal_fact absent;

static const struct rehearsal_fact *fact(const struct rehearsal_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->items[i].def->name, name) == 0)
            return &facts->items[i];
    return &absent;
}

START_TEST(a_refused_recipient_comes_out_as_it_was)
{
    open_settings();
    explain("stage=rcpt helo=x tx=1 from=<a@b.example> to=<j,oe@example.org> action=reject rule=bad "
            "reply=\"550 5.7.1 No a@b.example\" code=550 spf=fail");
    ck_assert_int_eq(decision.verdict, LOGGED_SAME);
    ck_assert_int_eq(decision.step->decision.action, ACTION_REJECT);
    ck_assert_str_eq(decision.step->trials->rule, "bad");
    ck_assert(decision.step->trials->matched);
    ck_slice_eq(fact(&decision.facts, "mail_from.domain")->text, "b.example");
    ck_slice_eq(fact(&decision.facts, "mail_from.local")->text, "a");
    ck_slice_eq(fact(&decision.step->facts, "rcpt.local")->text, "j,oe");
    ck_assert_ptr_eq(fact(&decision.facts, "client.port"), &absent);
    ck_assert_ptr_null(decision.notes);
    close_settings();
}
END_TEST

START_TEST(what_differs_is_named)
{
    open_settings();
    explain("stage=rcpt helo=x from=<> to=<joe@example.org> action=reject rule=bad reply=\"550 5.7.1 No\" code=550 spf=fail");
    ck_assert_int_eq(decision.verdict, LOGGED_DIFFERENT);
    ck_slice_eq(decision.differs, "action,rule");
    ck_assert_ptr_eq(fact(&decision.facts, "mail_from.domain"), &absent);
    ck_slice_eq(fact(&decision.facts, "mail_from")->text, "");
    explain("stage=rcpt helo=x from=<> to=\"<j,oe@example.org>\" action=reject rule=bad reply=\"550 5.7.1 Other\" code=550 spf=fail");
    ck_slice_eq(decision.differs, "reply");
    close_settings();
}
END_TEST

START_TEST(lists_read_back_item_by_item)
{
    open_settings();
    explain("stage=data helo=x from=<> to=<a@b> rcpt=a@b rcpts=1 action=discard rule=signed dkim.domains=\"a,b\\\\,c\" code=250");
    ck_assert_int_eq(decision.verdict, LOGGED_SAME);
    explain("stage=data helo=x from=<> to=<a@b> rcpt=a@b rcpts=1 action=discard rule=signed dkim.domains=a,b,c code=250");
    ck_assert_int_eq(decision.verdict, LOGGED_DIFFERENT);
    close_settings();
}
END_TEST

START_TEST(what_no_policy_decided_is_not_compared)
{
    static const char *const lines[] = {
        "stage=rcpt helo=x from=<> to=<a@b> action=\"refused by backend\" code=550",
        "stage=rcpt helo=x from=<> to=<a@b> action=tempfail code=451 error=timeout",
        "stage=data helo=x from=<> to=<a@b> action=unconfirmed error=x",
        "stage=data helo=x from=<> to=<a@b> action=tempfail rule=listed code=451 error=\"backend refused <c@d>, which the policy chose\"",
        "stage=data helo=x from=<> to=<a@b> action=trust rule=friend",
    };
    open_settings();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        explain(lines[i]);
        ck_assert_msg(decision.verdict == LOGGED_NO_DECISION, "%s", lines[i]);
        ck_assert_ptr_nonnull(decision.notes);
    }
    explain("stage=connect client.ip=192.0.2.1 action=accept");
    ck_assert_int_eq(decision.verdict, LOGGED_SAME);
    close_settings();
}
END_TEST

static bool has_note(const char *text)
{
    for (const struct report_note *n = decision.notes; n; n = n->next)
        if (strstr(n->text, text))
            return true;
    return false;
}

START_TEST(what_the_line_lacks_is_noted)
{
    open_settings();
    explain("stage=data helo=x from=<> to=<a@b> rcpt=a@b action=accept gone.fact=1 spf=odd facts.cut=header.Subject truncated=yes");
    ck_assert(has_note("gone.fact is in the log, but unknown"));
    ck_assert(has_note("spf has a value"));
    ck_assert(has_note("header.Subject was cut"));
    ck_assert(has_note("the line was too long"));
    ck_assert(has_note("header fields that are absent"));
    close_settings();
}
END_TEST

START_TEST(a_policy_that_is_gone_is_noted)
{
    struct log_line line;
    open_settings();
    ck_assert(log_line_parse(SLICE("time=1 event=decision policy=old stage=connect action=accept"), arena, &line));
    ck_assert(logged_decision_read(&line, settings, arena, &decision));
    ck_assert(has_note("no policy of the name"));
    ck_assert(log_line_parse(SLICE("time=1 event=decision policy=old stage=odd"), arena, &line));
    ck_assert(!logged_decision_read(&line, settings, arena, &decision));
    close_settings();
}
END_TEST

START_TEST(lines_are_chosen_by_session_and_transaction)
{
    struct log_line line;
    arena = arena_new();
    ck_assert(log_line_parse(SLICE("time=1 event=decision session=a-1 tx=2"), arena, &line));
    ck_assert(logged_decision_is(&line, "a-1", 0));
    ck_assert(logged_decision_is(&line, "a-1", 2));
    ck_assert(!logged_decision_is(&line, "a-1", 1));
    ck_assert(!logged_decision_is(&line, "a-2", 0));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/logbook/logged_decision", a_refused_recipient_comes_out_as_it_was, what_differs_is_named, lists_read_back_item_by_item,
          what_no_policy_decided_is_not_compared, what_the_line_lacks_is_noted, a_policy_that_is_gone_is_noted,
          lines_are_chosen_by_session_and_transaction)
