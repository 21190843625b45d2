/* What of a message is changed on its way, and that nothing else is. */
#include "proxy/smtp/message_edit.h"
#include "proxy/smtp/message_head.h"
#include "proxy/smtp/smtp_data.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct message m;
static struct buf wire, sent;
static struct policy_effect effects[8];
static struct decision decision;

static void start(void)
{
    arena = arena_new();
    memset(effects, 0, sizeof effects);
    decision = (struct decision){.action = ACTION_ACCEPT, .to = SLICE("")};
}

static void release(void)
{
    arena_free(&arena);
    buf_release(&wire);
    buf_release(&sent);
}

static void add_effect(size_t index, enum action action, const char *text)
{
    struct policy_effect *e = &effects[index];
    *e = (struct policy_effect){.action = action, .rule = "r", .name = slice_of(text), .value = slice_of(text)};
    if (index)
        effects[index - 1].next = e;
    decision.effects = effects;
}

static void read_message(struct slice input)
{
    struct smtp_data d;
    buf_clear(&wire);
    smtp_data_init(&d, SMTP_NEWLINE_REJECT, 0);
    message_init(&m, arena, "mx.example.net", 100000, 100, NULL, NULL, NULL);
    for (bool end = false; input.len && !end;) {
        struct smtp_data_run run = smtp_data_next(&d, input);
        buf_add(&wire, run.wire);
        message_feed(&m, run.wire, run.text);
        input = slice_skip(input, run.consumed);
        end = run.end;
    }
    message_finish(&m);
}

/* What the backend gets of it. */
static const char *edited(const char *input)
{
    uint64_t at = 0;
    read_message(slice_of(arena_format(arena, "%s.\r\n", input)));
    buf_clear(&sent);
    for (const struct message_edit *e = message_edit_list(&m, &decision, arena); e; e = e->next) {
        ck_assert_uint_ge(e->offset, at);
        ck_assert(e->length || e->text.len);
        buf_add(&sent, slice_make(wire.ptr + at, e->offset - at));
        buf_add(&sent, e->text);
        at = e->offset + e->length;
    }
    buf_add(&sent, slice_skip(buf_slice(&wire), at));
    return sent.ptr;
}

START_TEST(without_effects_there_is_no_edit)
{
    start();
    read_message(SLICE("Subject: a\r\nX: y\r\n\r\nbody\r\n.\r\n"));
    ck_assert_ptr_null(message_edit_list(&m, &decision, arena));
    release();
}
END_TEST

START_TEST(named_fields_are_left_out_whole_and_every_time)
{
    start();
    add_effect(0, ACTION_REMOVE_HEADER, "X-Spam*");
    add_effect(1, ACTION_REMOVE_HEADER, "list-id");
    ck_assert_str_eq(
        edited("X-Spam-Score: 1\r\nA: b\r\nx-spam: a\r\n\tb\r\n c\r\nList-Id : x\r\nList-Idea: y\r\nX-Spa: z\r\n\r\nX-Spam: body\r\n"),
        "A: b\r\nList-Idea: y\r\nX-Spa: z\r\n\r\nX-Spam: body\r\n");
    ck_assert_str_eq(edited("X-Spam: all there is\r\n"), "");
    release();
}
END_TEST

START_TEST(a_field_whose_name_begins_with_a_dot_is_left_out_with_its_doubled_dot)
{
    start();
    add_effect(0, ACTION_REMOVE_HEADER, ".odd");
    ck_assert_str_eq(edited("A: b\r\n..odd: x\r\nC: d\r\n\r\n"), "A: b\r\nC: d\r\n\r\n");
    add_effect(0, ACTION_SUBJECT_TAG, "[SPAM]");
    ck_assert_str_eq(edited("A: b\r\n.Subject: x\r\n\r\n"), "A: b\r\n.Subject: [SPAM] x\r\n\r\n");
    release();
}
END_TEST

START_TEST(forged_fields_of_ours_are_left_out_whatever_the_policy_says)
{
    start();
    ck_assert_str_eq(edited("X-Mailweir-Quarantine: no\r\nA: b\r\nAuthentication-Results: mx.example.net; spf=pass\r\n\r\n"),
                     "A: b\r\n\r\n");
    release();
}
END_TEST

START_TEST(a_tag_stands_in_front_of_the_first_subject)
{
    start();
    add_effect(0, ACTION_SUBJECT_TAG, "[SPAM] ");
    ck_assert_str_eq(edited("A: b\r\nSubject: hello\r\nSubject: two\r\n\r\n"), "A: b\r\nSubject: [SPAM] hello\r\nSubject: two\r\n\r\n");
    ck_assert_str_eq(edited("sUBJECT:hello\r\n\r\n"), "sUBJECT: [SPAM] hello\r\n\r\n");
    ck_assert_str_eq(edited("Subject \t:\t \thello\r\n\r\n"), "Subject \t: [SPAM] hello\r\n\r\n");
    ck_assert_str_eq(edited("Subject:\r\n\r\n"), "Subject: [SPAM]\r\n\r\n");
    ck_assert_str_eq(edited("Subject:  \r\n\r\n"), "Subject: [SPAM]\r\n\r\n");
    release();
}
END_TEST

START_TEST(folding_encoded_words_and_eight_bit_stay_as_they_are)
{
    start();
    add_effect(0, ACTION_SUBJECT_TAG, "[SPAM]");
    ck_assert_str_eq(edited("Subject:\r\n hello\r\n\tyou\r\n\r\n"), "Subject: [SPAM]\r\n hello\r\n\tyou\r\n\r\n");
    ck_assert_str_eq(edited("Subject: =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\n\r\n"), "Subject: [SPAM] =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\n\r\n");
    ck_assert_str_eq(edited("Subject: Gr\xc3\xbc\xdf\r\n\r\n"), "Subject: [SPAM] Gr\xc3\xbc\xdf\r\n\r\n");
    release();
}
END_TEST

START_TEST(several_tags_stand_in_the_order_of_their_rules)
{
    start();
    add_effect(0, ACTION_SUBJECT_TAG, "[one]");
    add_effect(1, ACTION_TAG, "X-Other");
    add_effect(2, ACTION_SUBJECT_TAG, "[two]");
    ck_assert_str_eq(edited("Subject: x\r\n\r\n"), "Subject: [one] [two] x\r\n\r\n");
    release();
}
END_TEST

/* Length of the longest line without CRLF. */
static size_t longest(const char *text)
{
    size_t longest = 0;
    for (const char *end; (end = strstr(text, "\r\n")); text = end + 2)
        longest = (size_t)(end - text) > longest ? (size_t)(end - text) : longest;
    return longest;
}

START_TEST(a_line_that_would_pass_998_bytes_is_folded_behind_the_tag)
{
    char subject[1100];
    start();
    add_effect(0, ACTION_SUBJECT_TAG, "[SPAM]");
    for (size_t length = 960; length <= 989; length++) {
        memset(subject, 'x', length);
        subject[length] = '\0';
        const char *out = edited(arena_format(arena, "Subject: %s\r\n\r\n", subject));
        bool fits = strlen("Subject: [SPAM] ") + length <= 998;
        ck_assert_uint_le(longest(out), 998);
        ck_assert_str_eq(out, arena_format(arena, "Subject: [SPAM]%s%s\r\n\r\n", fits ? " " : "\r\n ", subject));
    }
    release();
}
END_TEST

START_TEST(tags_that_are_too_long_together_are_folded_too)
{
    char long_tag[801];
    memset(long_tag, 't', 800);
    long_tag[800] = '\0';
    start();
    add_effect(0, ACTION_SUBJECT_TAG, long_tag);
    add_effect(1, ACTION_SUBJECT_TAG, long_tag);
    add_effect(2, ACTION_SUBJECT_TAG, "[end]");
    ck_assert_str_eq(edited("Subject: x\r\n\r\n"), arena_format(arena, "Subject: %s\r\n %s [end] x\r\n\r\n", long_tag, long_tag));
    release();
}
END_TEST

static const char *head(void)
{
    struct mail_path rcpts[] = {{.text = SLICE("a@x.example")}, {.text = SLICE("b\r\n@x.example")}};
    const struct mail_transaction tx = {.rcpts = rcpts, .rcpt_count = 2};
    buf_clear(&sent);
    message_head_add_marks(&sent, &decision, &m, &tx);
    return sent.len ? sent.ptr : "";
}

START_TEST(a_message_without_subject_gets_one_on_top)
{
    start();
    add_effect(0, ACTION_SUBJECT_TAG, "[SPAM]");
    read_message(SLICE("A: b\r\n\r\n.\r\n"));
    ck_assert_str_eq(head(), "Subject: [SPAM]\r\n");
    read_message(SLICE("Subject: b\r\n\r\n.\r\n"));
    ck_assert_str_eq(head(), "");
    add_effect(1, ACTION_REMOVE_HEADER, "Subject");
    ck_assert_str_eq(head(), "Subject: [SPAM]\r\n");
    release();
}
END_TEST

START_TEST(mail_that_goes_elsewhere_tells_there_whom_it_was_for)
{
    start();
    read_message(SLICE("A: b\r\n\r\n.\r\n"));
    decision.action = ACTION_QUARANTINE;
    decision.rule = "doubt";
    ck_assert_str_eq(head(), "X-Mailweir-Quarantine: doubt\r\n");
    decision.to = SLICE("q@x.example");
    ck_assert_str_eq(head(), "X-Mailweir-Quarantine: doubt\r\nX-Mailweir-Original-To: <a@x.example>,\r\n\t<b??@x.example>\r\n");
    decision.shadowed = true;
    ck_assert_str_eq(head(), "");
    release();
}
END_TEST

UNIT_MAIN("proxy/message_edit", without_effects_there_is_no_edit, named_fields_are_left_out_whole_and_every_time,
          a_field_whose_name_begins_with_a_dot_is_left_out_with_its_doubled_dot,
          forged_fields_of_ours_are_left_out_whatever_the_policy_says, a_tag_stands_in_front_of_the_first_subject,
          folding_encoded_words_and_eight_bit_stay_as_they_are, several_tags_stand_in_the_order_of_their_rules,
          a_line_that_would_pass_998_bytes_is_folded_behind_the_tag, tags_that_are_too_long_together_are_folded_too,
          a_message_without_subject_gets_one_on_top, mail_that_goes_elsewhere_tells_there_whom_it_was_for)
