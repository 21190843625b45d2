#include "proxy/offline/offline_args.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum { EVERYTHING = OFFLINE_IP | OFFLINE_HELO | OFFLINE_MAIL_FROM | OFFLINE_RCPT | OFFLINE_LISTENER };

static struct arena *arena;
static struct offline_args args;

/** Reads a command line, split at blanks; "''" stands for an empty word. */
static const char *read_line(const char *line, unsigned known, unsigned needed)
{
    char *argv[32];
    int argc = 0;
    struct slice rest = slice_of(line), word;
    if (!arena)
        arena = arena_new();
    while (slice_split(&rest, ' ', &word))
        argv[argc++] = slice_eq(word, SLICE("''")) ? arena_string(arena, SLICE("")) : arena_string(arena, word);
    return offline_args_read(argc, argv, known, needed, arena, &args);
}

static struct settings *load_settings(void)
{
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *s = settings_load_text(SLICE("hostname: mx.example.org\n"
                                                  "listeners: [\"127.0.0.1:25\", \"[::1]:2525\"]\n"
                                                  "backends: {main: \"127.0.0.1:10025\"}\n"
                                                  "state: {directory: null}\n"),
                                            "t.yaml", &errors);
    ck_assert_ptr_nonnull(s);
    return s;
}

START_TEST(every_option_is_read_in_both_spellings)
{
    ck_assert_ptr_null(read_line("explain --ip 192.0.2.1 --helo=mail.example.com --mail-from a@example.com -c f.yaml --dns 127.0.0.1@53 "
                                 "--zone=z --listener 127.0.0.1:25 --json --rcpt x@y",
                                 EVERYTHING, EVERYTHING & ~(unsigned)OFFLINE_LISTENER));
    ck_assert_str_eq(args.ip, "192.0.2.1");
    ck_assert_str_eq(args.helo, "mail.example.com");
    ck_assert_str_eq(args.mail_from, "a@example.com");
    ck_assert_str_eq(args.config, "f.yaml");
    ck_assert_str_eq(args.dns, "127.0.0.1@53");
    ck_assert_str_eq(args.zone, "z");
    ck_assert_str_eq(args.listener, "127.0.0.1:25");
    ck_assert(args.json && args.rcpt_count == 1);
}
END_TEST

START_TEST(recipients_come_one_by_one_or_together)
{
    ck_assert_ptr_null(read_line("explain --rcpt a@x b@x --json --rcpt=c@x --rcpt d@x", EVERYTHING, OFFLINE_RCPT));
    ck_assert_uint_eq(args.rcpt_count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(args.rcpts[i][0], "abcd"[i]);
}
END_TEST

START_TEST(an_empty_value_is_a_value)
{
    ck_assert_ptr_null(read_line("spf --mail-from ''", OFFLINE_MAIL_FROM, OFFLINE_MAIL_FROM));
    ck_assert_str_eq(args.mail_from, "");
    ck_assert_ptr_null(read_line("spf --mail-from=", OFFLINE_MAIL_FROM, OFFLINE_MAIL_FROM));
    ck_assert_str_eq(args.mail_from, "");
}
END_TEST

START_TEST(mistakes_are_named)
{
    static const struct {
        const char *line, *wrong;
    } cases[] = {
        {"explain --ip", "--ip needs a value"},
        {"explain --ip --json", "--ip needs a value"},
        {"explain --ip ::1 --ip ::2", "--ip is given twice"},
        {"explain --rcpt", "--rcpt needs at least one address"},
        {"explain --rcpt --json", "--rcpt needs at least one address"},
        {"explain --jsno", "there is no option --jsno; did you mean --json?"},
        {"explain --json=yes", "there is no option --json; did you mean --json?"},
        {"explain --whatever", "there is no option --whatever"},
        {"explain mail.eml", "\"mail.eml\" belongs to no option; the message comes on standard input"},
        {"explain ''", "\"\" belongs to no option; the message comes on standard input"},
        {"explain", "--ip is missing"},
        {"explain --ip ::1 --helo x", "--rcpt is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *wrong = read_line(cases[i].line, EVERYTHING, OFFLINE_IP | OFFLINE_RCPT);
        ck_assert_msg(wrong && strcmp(wrong, cases[i].wrong) == 0, "%s: %s", cases[i].line, wrong ? wrong : "no error");
    }
}
END_TEST

START_TEST(a_command_knows_only_its_own_options)
{
    ck_assert_str_eq(read_line("dkim --ip ::1", 0, 0), "there is no option --ip");
    ck_assert_str_eq(read_line("spf --rcpt a@x", OFFLINE_IP, 0), "there is no option --rcpt");
    ck_assert_ptr_null(read_line("dkim --zone z --json", 0, 0));
}
END_TEST

START_TEST(the_words_become_a_client)
{
    struct rehearsal_script script;
    ck_assert_ptr_null(read_line("explain --ip 2001:db8::1 --helo MAIL.example.com --mail-from A@Example.COM --rcpt <b@x.org> c@y.org "
                                 "--listener [::1]:2525",
                                 EVERYTHING, 0));
    struct settings *s = load_settings();
    ck_assert_ptr_null(offline_args_cast(&args, s, arena, &script));
    ck_assert_int_eq(script.client.family, AF_INET6);
    ck_slice_eq(script.hello.argument, "MAIL.example.com");
    ck_slice_eq(script.mail.path.text, "A@example.com");
    ck_assert_uint_eq(script.rcpt_count, 2);
    ck_slice_eq(script.rcpts[0].path.text, "b@x.org");
    ck_slice_eq(script.rcpts[1].path.text, "c@y.org");
    ck_assert_ptr_eq(script.listener, &s->listeners[1]);
    settings_free(&s);
}
END_TEST

START_TEST(both_spellings_of_the_null_reverse_path_are_it)
{
    static const char *const lines[] = {"spf --mail-from ''", "spf --mail-from <>"};
    for (size_t i = 0; i < 2; i++) {
        struct rehearsal_script script;
        ck_assert_ptr_null(read_line(lines[i], EVERYTHING, 0));
        struct settings *s = load_settings();
        ck_assert_ptr_null(offline_args_cast(&args, s, arena, &script));
        ck_assert(script.mail.path.null);
        settings_free(&s);
    }
}
END_TEST

START_TEST(what_a_session_would_refuse_is_refused)
{
    static const struct {
        const char *line, *wrong;
    } cases[] = {
        {"explain --ip 192.0.2.300", "--ip: \"192.0.2.300\" is no IP address"},
        {"explain --mail-from alice", "--mail-from: a session would answer 501 5.1.7 "},
        {"explain --rcpt a@x b@@x", "--rcpt: a session would answer 501 5.1.3 "},
        {"explain --helo ''", "--helo: a session would answer 501 5.5.4 "},
        {"explain --helo a\rb", "--helo: a session would answer 50"},
        {"explain --mail-from a@x>\r\nRCPT", "--mail-from: a session would answer 50"},
        {"explain --listener 127.0.0.1:26", "--listener: the configuration has no such listener"},
        {"explain --listener 127.0.0.1", "--listener: an address with port is needed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rehearsal_script script;
        ck_assert_ptr_null(read_line(cases[i].line, EVERYTHING, 0));
        struct settings *s = load_settings();
        const char *wrong = offline_args_cast(&args, s, arena, &script);
        ck_assert_msg(wrong && strncmp(wrong, cases[i].wrong, strlen(cases[i].wrong)) == 0, "%s: %s", cases[i].line,
                      wrong ? wrong : "no error");
        settings_free(&s);
    }
}
END_TEST

UNIT_MAIN("proxy/offline_args", every_option_is_read_in_both_spellings, recipients_come_one_by_one_or_together, an_empty_value_is_a_value,
          mistakes_are_named, a_command_knows_only_its_own_options, the_words_become_a_client,
          both_spellings_of_the_null_reverse_path_are_it, what_a_session_would_refuse_is_refused)
