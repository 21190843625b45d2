/* Which mailboxes get a message. */
#include "proxy/session/tx.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct tx *tx;
static struct policy_effect effects[4];
static struct decision decision;

static void start(void)
{
    struct smtp_command mail = {.params = {.size = -1}};
    arena = arena_new();
    tx = tx_new(arena, &mail, 40);
    memset(effects, 0, sizeof effects);
    decision = (struct decision){.action = ACTION_ACCEPT, .to = SLICE("")};
}

static void add(size_t index, const char *mailbox)
{
    effects[index] = (struct policy_effect){.action = ACTION_ADD_RECIPIENT, .rule = "r", .value = slice_of(mailbox)};
    if (index)
        effects[index - 1].next = &effects[index];
    decision.effects = effects;
}

static const char *list(const struct delivery_mailbox *mailboxes, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_format(arena, "%s%s%.*s%s", all, i ? " " : "", SLICE_FMT(mailboxes[i].path.text), mailboxes[i].chosen ? "!" : "");
    return all;
}

static const char *offers(void)
{
    return list(tx->offers, tx->offer_count);
}

static const char *envelope(void)
{
    return list(tx->envelope.rcpts, tx->envelope.count);
}

static void offer_rcpt(const char *rcpt)
{
    struct mail_path path = {.text = slice_of(rcpt), .local = SLICE(""), .domain = SLICE(""), .params = SLICE("")};
    tx_offer_rcpt(tx, &path);
    tx_plan_rcpt(tx, &decision);
}

static void take_rcpt(const char *rcpt)
{
    offer_rcpt(rcpt);
    while (tx_next_offer(tx))
        tx->offered++;
    tx_accept_rcpt(tx, NULL);
}

START_TEST(what_the_client_names_is_what_is_delivered_to)
{
    start();
    take_rcpt("a@x.example");
    take_rcpt("b@x.example");
    take_rcpt("a@x.example");
    ck_assert_str_eq(envelope(), "a@x.example b@x.example a@x.example");
    tx_plan_message(tx, &decision);
    ck_assert(!tx->envelope.changed);
    ck_assert(!tx_goes_elsewhere(tx));
    arena_free(&arena);
}
END_TEST

START_TEST(a_redirected_recipient_is_offered_as_the_other_mailbox)
{
    start();
    decision.action = ACTION_REDIRECT;
    decision.to = SLICE("box@y.example");
    take_rcpt("a@x.example");
    ck_assert_str_eq(envelope(), "box@y.example!");
    ck_slice_eq(tx->envelope.rcpts[0].path.local, "box");
    ck_slice_eq(tx->envelope.rcpts[0].path.domain, "y.example");
    ck_slice_eq(tx->mail.rcpts[0].text, "a@x.example");
    ck_assert(tx_goes_elsewhere(tx));
    ck_assert(!tx->envelope.changed);
    arena_free(&arena);
}
END_TEST

START_TEST(an_added_mailbox_comes_right_behind_its_cause_and_once)
{
    start();
    add(0, "archive@x.example");
    add(1, "Archive@X.example");
    take_rcpt("a@x.example");
    ck_assert_str_eq(envelope(), "a@x.example archive@x.example!");
    take_rcpt("b@x.example");
    take_rcpt("\"ARCHIVE\"@x.example");
    ck_assert_str_eq(envelope(), "a@x.example archive@x.example! b@x.example");
    ck_assert_uint_eq(tx->mail.rcpt_count, 3);
    ck_assert(tx_goes_elsewhere(tx));
    arena_free(&arena);
}
END_TEST

START_TEST(a_recipient_that_fails_half_way_leaves_a_changed_envelope)
{
    start();
    take_rcpt("a@x.example");
    add(0, "archive@x.example");
    offer_rcpt("b@x.example");
    ck_assert_str_eq(offers(), "b@x.example archive@x.example!");
    tx_drop_offers(tx);
    ck_assert(!tx->envelope.changed);
    tx->offered++;
    tx_drop_offers(tx);
    ck_assert(tx->envelope.changed);
    ck_assert_str_eq(envelope(), "a@x.example");
    arena_free(&arena);
}
END_TEST

START_TEST(at_data_a_redirect_takes_the_place_of_all_and_additions_come_behind)
{
    start();
    take_rcpt("a@x.example");
    take_rcpt("b@x.example");
    decision.action = ACTION_QUARANTINE;
    decision.to = SLICE("q@x.example");
    add(0, "copy@x.example");
    tx_plan_message(tx, &decision);
    ck_assert_str_eq(envelope(), "q@x.example! copy@x.example!");
    ck_assert(tx->envelope.changed);
    ck_assert_uint_eq(tx->mail.rcpt_count, 2);
    arena_free(&arena);
}
END_TEST

START_TEST(at_data_a_mailbox_that_has_it_already_changes_nothing)
{
    start();
    take_rcpt("a@x.example");
    add(0, "A@x.example");
    tx_plan_message(tx, &decision);
    ck_assert(!tx->envelope.changed);
    ck_assert_str_eq(envelope(), "a@x.example");
    add(1, "c@x.example");
    tx_plan_message(tx, &decision);
    ck_assert(tx->envelope.changed);
    ck_assert_str_eq(envelope(), "a@x.example c@x.example!");
    arena_free(&arena);
}
END_TEST

START_TEST(a_decision_in_shadow_changes_nobody)
{
    start();
    decision = (struct decision){.action = ACTION_REDIRECT, .to = SLICE("q@x.example"), .shadowed = true};
    take_rcpt("a@x.example");
    tx_plan_message(tx, &decision);
    ck_assert_str_eq(envelope(), "a@x.example");
    ck_assert(!tx->envelope.changed);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/tx_delivery", what_the_client_names_is_what_is_delivered_to, a_redirected_recipient_is_offered_as_the_other_mailbox,
          an_added_mailbox_comes_right_behind_its_cause_and_once, a_recipient_that_fails_half_way_leaves_a_changed_envelope,
          at_data_a_redirect_takes_the_place_of_all_and_additions_come_behind, at_data_a_mailbox_that_has_it_already_changes_nothing,
          a_decision_in_shadow_changes_nobody)
