#include "proxy/smtp/smtp_command.h"
#include "tests/unit/unit.h"

static const struct smtp_offer full = {.esmtp = true, .size = true, .eightbit = true, .size_max = 1000000};
static struct arena *arena;
static struct smtp_command command;

static bool parse_with(struct slice line, const struct smtp_offer *offer)
{
    arena_free(&arena);
    arena = arena_new();
    bool good = smtp_command_parse(line, offer, arena, &command);
    ck_assert_int_eq(good, command.error_code == 0);
    return good;
}

static void good(const char *line, enum smtp_verb verb)
{
    ck_assert_msg(parse_with(slice_of(line), &full), "%s: %d %s %s", line, command.error_code, command.error_enhanced, command.error_text);
    ck_assert_msg(command.verb == verb, "%s: verb %s", line, smtp_verb_name(command.verb));
}

static void bad_with(struct slice line, const struct smtp_offer *offer, int code, const char *enhanced)
{
    ck_assert_msg(!parse_with(line, offer), "\"%.*s\" was accepted", SLICE_FMT(line));
    ck_assert_msg(command.error_code == code, "\"%.*s\": %d, expected %d", SLICE_FMT(line), command.error_code, code);
    ck_assert_str_eq(command.error_enhanced, enhanced);
    ck_assert_uint_gt(strlen(command.error_text), 0);
}

static void bad(const char *line, int code, const char *enhanced)
{
    bad_with(slice_of(line), &full, code, enhanced);
}

static void done(void)
{
    arena_free(&arena);
}

START_TEST(verbs_in_any_case_with_blanks_behind)
{
    good("EHLO mx.example", SMTP_EHLO);
    good("hElO mx.example  ", SMTP_HELO);
    good("mail from:<a@b>", SMTP_MAIL);
    good("Rcpt To:<a@b>   ", SMTP_RCPT);
    good("data ", SMTP_DATA);
    good("RSET", SMTP_RSET);
    good("QUIT  ", SMTP_QUIT);
    good("NOOP", SMTP_NOOP);
    good("NOOP what ever", SMTP_NOOP);
    good("HELP", SMTP_HELP);
    good("HELP mail", SMTP_HELP);
    good("VRFY smith", SMTP_VRFY);
    good("EXPN staff", SMTP_EXPN);
    done();
}
END_TEST

START_TEST(the_verb_of_a_line_is_known_whatever_is_wrong_behind_it)
{
    ck_assert_int_eq(smtp_command_verb(SLICE("bdat 10\n LAST")), SMTP_BDAT);
    ck_assert_int_eq(smtp_command_verb(SLICE("BDAT")), SMTP_BDAT);
    ck_assert_int_eq(smtp_command_verb(SLICE("BDAT\n10")), SMTP_UNKNOWN);
    ck_assert_int_eq(smtp_command_verb(SLICE("")), SMTP_UNKNOWN);
}
END_TEST

START_TEST(arguments_that_are_missing_or_too_many)
{
    bad("EHLO", 501, "5.5.4");
    bad("HELO   ", 501, "5.5.4");
    bad("EHLO two words", 501, "5.5.4");
    bad("DATA now", 501, "5.5.4");
    bad("RSET x", 501, "5.5.4");
    bad("QUIT x", 501, "5.5.4");
    bad("VRFY", 501, "5.5.4");
    bad("EXPN ", 501, "5.5.4");
    bad("MAIL", 501, "5.5.4");
    bad("MAIL TO:<a@b>", 501, "5.5.4");
    bad("RCPT FROM:<a@b>", 501, "5.5.4");
    bad("RCPT", 501, "5.5.4");
    done();
}
END_TEST

START_TEST(what_is_no_command)
{
    bad("", 500, "5.5.2");
    bad("   ", 500, "5.5.2");
    bad(" EHLO x", 500, "5.5.2");
    bad("XYZZY", 500, "5.5.1");
    bad("MAILFROM:<a@b>", 500, "5.5.1");
    bad("EHLOx", 500, "5.5.1");
    bad("GET / HTTP/1.1", 500, "5.5.1");
    bad("\xff\xfe", 500, "5.5.1");
    ck_assert_int_eq(command.verb, SMTP_UNKNOWN);
    done();
}
END_TEST

START_TEST(control_bytes_are_refused_wherever_they_stand)
{
    bad_with(SLICE("MAIL FROM:<a\0@b>"), &full, 500, "5.5.2");
    bad_with(SLICE("NOOP \0"), &full, 500, "5.5.2");
    bad_with(SLICE("EHLO x\ty"), &full, 500, "5.5.2");
    bad_with(SLICE("NOOP\rDATA"), &full, 500, "5.5.2");
    bad_with(SLICE("MAIL FROM:<a@b>\nRCPT TO:<c@d>"), &full, 500, "5.5.2");
    bad_with(SLICE("NOOP \x7f"), &full, 500, "5.5.2");
    bad_with(SLICE("\x1b[2J"), &full, 500, "5.5.2");
    bad_with(SLICE("\0"), &full, 500, "5.5.2");
    done();
}
END_TEST

START_TEST(error_texts_hold_no_byte_of_the_line)
{
    bad("MAIL FROM:<evil(@x>", 501, "5.1.7");
    ck_assert_ptr_null(strstr(command.error_text, "evil"));
    bad("EVIL", 500, "5.5.1");
    ck_assert_ptr_null(strstr(command.error_text, "EVIL"));
    done();
}
END_TEST

START_TEST(mail_without_parameters)
{
    good("MAIL FROM:<Joe@Example.COM>", SMTP_MAIL);
    ck_slice_eq(command.path.text, "Joe@example.com");
    ck_slice_eq(command.path.params, "");
    ck_assert(!command.path.null);
    ck_assert_int_eq(command.params.size, -1);
    ck_assert(!command.params.body_8bit);
    good("MAIL FROM:<>", SMTP_MAIL);
    ck_assert(command.path.null);
    good("MAIL FROM:<@a.example:joe@b.example>", SMTP_MAIL);
    ck_slice_eq(command.path.text, "joe@b.example");
    done();
}
END_TEST

START_TEST(a_blank_behind_the_colon_is_tolerated)
{
    good("MAIL FROM: <a@b>", SMTP_MAIL);
    ck_slice_eq(command.path.text, "a@b");
    good("RCPT TO:  <a@b>", SMTP_RCPT);
    ck_slice_eq(command.path.text, "a@b");
    bad("MAIL FROM :<a@b>", 501, "5.5.4");
    done();
}
END_TEST

START_TEST(bad_addresses_name_the_side)
{
    bad("MAIL FROM:a@b", 501, "5.1.7");
    bad("MAIL FROM:", 501, "5.1.7");
    bad("MAIL FROM:<a@b", 501, "5.1.7");
    bad("MAIL FROM:<postmaster>", 501, "5.1.7");
    bad("RCPT TO:a@b", 501, "5.1.3");
    bad("RCPT TO:<>", 501, "5.1.3");
    bad("RCPT TO:<a@b@c>", 501, "5.1.3");
    bad("RCPT TO:<a>", 501, "5.1.3");
    good("RCPT TO:<Postmaster>", SMTP_RCPT);
    ck_slice_eq(command.path.text, "Postmaster");
    bad("MAIL FROM:<j\xc3\xb6rg@x.example>", 501, "5.1.7");
    ck_assert_ptr_nonnull(strstr(command.error_text, "SMTPUTF8"));
    done();
}
END_TEST

START_TEST(parameters_come_out_canonical)
{
    good("MAIL FROM:<a@b>   body=8bitmime  size=00123 ", SMTP_MAIL);
    ck_assert_int_eq(command.params.size, 123);
    ck_assert(command.params.body_8bit);
    ck_slice_eq(command.path.params, "BODY=8BITMIME SIZE=123");
    good("MAIL FROM:<> BODY=7bit", SMTP_MAIL);
    ck_assert(!command.params.body_8bit);
    ck_slice_eq(command.path.params, "BODY=7BIT");
    good("MAIL FROM:<> SIZE=0", SMTP_MAIL);
    ck_slice_eq(command.path.params, "SIZE=0");
    done();
}
END_TEST

START_TEST(size_is_digits_within_the_offer)
{
    good("MAIL FROM:<a@b> SIZE=1000000", SMTP_MAIL);
    bad("MAIL FROM:<a@b> SIZE=1000001", 552, "5.3.4");
    bad("MAIL FROM:<a@b> SIZE=99999999999999999999", 552, "5.3.4");
    bad("MAIL FROM:<a@b> SIZE=9223372036854775808", 552, "5.3.4");
    bad("MAIL FROM:<a@b> SIZE=000000000000000000001", 501, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE=-1", 501, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE=1k", 501, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE=", 501, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE", 501, "5.5.4");
    struct smtp_offer unlimited = full;
    unlimited.size_max = 0;
    ck_assert(parse_with(SLICE("MAIL FROM:<a@b> SIZE=99999999999999999999"), &unlimited));
    ck_assert_int_eq(command.params.size, INT64_MAX);
    done();
}
END_TEST

START_TEST(parameters_that_are_unknown_or_wrong)
{
    bad("MAIL FROM:<a@b> FOO=1", 555, "5.5.4");
    bad("MAIL FROM:<a@b> SMTPUTF8", 555, "5.5.4");
    bad("MAIL FROM:<a@b> RET=HDRS", 555, "5.5.4");
    bad("MAIL FROM:<a@b> BODY=BINARYMIME", 555, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE=1 SIZE=1", 501, "5.5.4");
    bad("MAIL FROM:<a@b> BODY=7BIT BODY=8BITMIME", 501, "5.5.4");
    bad("MAIL FROM:<a@b>SIZE=1", 501, "5.5.4");
    bad("MAIL FROM:<a@b>> SIZE=1", 501, "5.5.4");
    bad("MAIL FROM:<a@b> -X=1", 501, "5.5.4");
    bad("MAIL FROM:<a@b> =1", 501, "5.5.4");
    bad("MAIL FROM:<a@b> SIZE=1=2", 501, "5.5.4");
    bad("MAIL FROM:<a@b> X=\xc3\xa4", 501, "5.5.4");
    bad("RCPT TO:<a@b> NOTIFY=NEVER", 555, "5.5.4");
    bad("RCPT TO:<a@b> ORCPT=rfc822;a@b", 555, "5.5.4");
    bad("RCPT TO:<a@b> SIZE=1", 555, "5.5.4");
    done();
}
END_TEST

START_TEST(parameters_need_ehlo_and_the_offer)
{
    struct smtp_offer helo = full, bare = {.esmtp = true};
    helo.esmtp = false;
    bad_with(SLICE("MAIL FROM:<a@b> SIZE=1"), &helo, 555, "5.5.4");
    bad_with(SLICE("RCPT TO:<a@b> X"), &helo, 555, "5.5.4");
    bad_with(SLICE("MAIL FROM:<a@b> SIZE=1"), &bare, 555, "5.5.4");
    bad_with(SLICE("MAIL FROM:<a@b> BODY=8BITMIME"), &bare, 555, "5.5.4");
    ck_assert(parse_with(SLICE("MAIL FROM:<a@b>"), &helo));
    done();
}
END_TEST

START_TEST(helo_names_by_strictness)
{
    good("EHLO [192.0.2.1]", SMTP_EHLO);
    ck_slice_eq(command.argument, "[192.0.2.1]");
    good("EHLO my_pc.", SMTP_EHLO);
    struct smtp_offer strict = full;
    strict.strict_helo = true;
    bad_with(SLICE("EHLO my_pc."), &strict, 501, "5.5.4");
    bad_with(SLICE("EHLO \xc3\xa4.example"), &full, 501, "5.5.4");
    done();
}
END_TEST

UNIT_MAIN("proxy/smtp_command", verbs_in_any_case_with_blanks_behind, the_verb_of_a_line_is_known_whatever_is_wrong_behind_it,
          arguments_that_are_missing_or_too_many, what_is_no_command, control_bytes_are_refused_wherever_they_stand,
          error_texts_hold_no_byte_of_the_line, mail_without_parameters, a_blank_behind_the_colon_is_tolerated, bad_addresses_name_the_side,
          parameters_come_out_canonical, size_is_digits_within_the_offer, parameters_that_are_unknown_or_wrong,
          parameters_need_ehlo_and_the_offer, helo_names_by_strictness)
