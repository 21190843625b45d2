#include "proxy/command/command.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define GOOD SOURCE_DIR "/tests/config/good/ten-lines.yaml"
#define BAD  SOURCE_DIR "/tests/config/bad/typo.yaml"

static char shown[65536]; /* what the last command wrote, on both outputs */

/** Runs a command with up to three arguments; every test has a process of its own, so its outputs may be taken away. */
static int run3(int (*command)(int, char **), const char *a, const char *b, const char *c)
{
    char name[] = "command", one[512], two[512], three[512];
    char *argv[] = {name, one, two, three, NULL};
    snprintf(one, sizeof one, "%s", a ? a : "");
    snprintf(two, sizeof two, "%s", b ? b : "");
    snprintf(three, sizeof three, "%s", c ? c : "");
    FILE *to = tmpfile();
    ck_assert_ptr_nonnull(to);
    fflush(stdout);
    ck_assert_int_ge(dup2(fileno(to), STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(fileno(to), STDERR_FILENO), 0);
    int code = command(1 + (a != NULL) + (b != NULL) + (c != NULL), argv);
    fflush(stdout);
    ssize_t n = pread(fileno(to), shown, sizeof shown - 1, 0);
    shown[n > 0 ? n : 0] = '\0';
    fclose(to);
    return code;
}

static int run(int (*command)(int, char **), const char *a, const char *b)
{
    return run3(command, a, b, NULL);
}

START_TEST(check_sums_up_a_good_configuration)
{
    ck_assert_int_eq(run(command_check, GOOD, NULL), 0);
    ck_assert_ptr_nonnull(strstr(shown, "ten-lines.yaml is good"));
    ck_assert_ptr_nonnull(strstr(shown, "  listeners  1: 127.0.0.1:2525 (policy inbound)\n"));
    ck_assert_ptr_nonnull(strstr(shown, "  backends   1: postfix (127.0.0.1:10025)\n"));
    ck_assert_ptr_nonnull(strstr(shown, "  policies   1: inbound ("));
}
END_TEST

START_TEST(check_ends_with_78_after_every_error_of_a_bad_one)
{
    ck_assert_int_eq(run(command_check, BAD, NULL), 78);
    ck_assert_ptr_nonnull(strstr(shown, "typo.yaml:6:1: error: limts: unknown option; did you mean \"limits\"?\n"));
    ck_assert_ptr_nonnull(strstr(shown, "typo.yaml:8:3: error: limits.mesage_size: unknown option; did you mean \"message_size\"?\n"));
    ck_assert_ptr_nonnull(strstr(shown, "3 errors, 0 warnings\n"));
    ck_assert_ptr_null(strstr(shown, "is good"));
}
END_TEST

START_TEST(check_ends_with_78_if_there_is_no_file)
{
    ck_assert_int_eq(run(command_check, "/no/such/file.yaml", NULL), 78);
    ck_assert_ptr_nonnull(strstr(shown, "/no/such/file.yaml: error: cannot be read: No such file or directory\n"));
}
END_TEST

START_TEST(every_command_has_help)
{
    ck_assert_int_eq(run(command_check, "--help", NULL), 0);
    ck_assert_ptr_nonnull(strstr(shown, "Usage: mailweir check [[-c] FILE]"));
    for (const struct command *c = command_table; c->name; c++) {
        ck_assert_int_eq(run(c->run, "--help", NULL), 0);
        ck_assert_str_eq(shown, c->help);
        ck_assert_int_eq(run(command_main, "help", c->name), 0);
        ck_assert_str_eq(shown, c->help);
    }
}
END_TEST

START_TEST(wrong_arguments_end_with_64)
{
    ck_assert_int_eq(run(command_check, "a", "b"), 64);
    ck_assert_int_eq(run(command_check, "--jsno", NULL), 64);
    ck_assert_ptr_nonnull(strstr(shown, "there is no option --jsno\nTry: mailweir check --help\n"));
    ck_assert_int_eq(run(command_config, NULL, NULL), 64);
    ck_assert_int_eq(run(command_config, "default", NULL), 64);
}
END_TEST

START_TEST(config_explains_an_option)
{
    ck_assert_int_eq(run(command_config, "help", "limits.idle"), 0);
    ck_assert_ptr_nonnull(strstr(shown, "limits.idle\n  The longest silence"));
    ck_assert_ptr_nonnull(strstr(shown, "  Default: 5m\n"));
    ck_assert_int_eq(run(command_config, "help", "filters.spf.timeout"), 0);
    ck_assert_int_eq(run(command_config, "help", "limits.idel"), 64);
    ck_assert_ptr_nonnull(strstr(shown, "nothing is called \"limits.idel\"; did you mean \"limits.idle\"?"));
    ck_assert_int_eq(run(command_config, "help", "limit.message_size"), 64);
    ck_assert_ptr_nonnull(strstr(shown, "nothing is called \"limit.message_size\"; did you mean \"limits.message_size\"?"));
    ck_assert_int_eq(run(command_config, "help", "weather"), 64);
    ck_assert_ptr_nonnull(strstr(shown, "nothing is called \"weather\"; `mailweir config help` lists the options"));
    ck_assert_int_eq(run(command_config, "help", "policies"), 0);
    ck_assert_ptr_nonnull(strstr(shown, "docs/policy.md"));
    ck_assert_ptr_nonnull(strstr(shown, "`mailweir config facts`"));
}
END_TEST

START_TEST(the_command_line_finds_commands_and_those_that_are_meant)
{
    ck_assert_int_eq(run(command_main, NULL, NULL), 64);
    ck_assert_int_eq(run(command_main, "--help", NULL), 0);
    for (const struct command *c = command_table; c->name; c++)
        ck_assert_ptr_nonnull(strstr(shown, c->summary));
    ck_assert_int_eq(run(command_main, "check", GOOD), 0);
    ck_assert_int_eq(run(command_main, "chekc", GOOD), 64);
    ck_assert_ptr_nonnull(strstr(shown, "there is no command \"chekc\"; did you mean \"check\"?\n"));
    ck_assert_int_eq(run(command_main, "help", "chekc"), 64);
    ck_assert_int_eq(run(command_main, "--version", NULL), 0);
    ck_assert_str_eq(shown, "mailweir " MAILWEIR_VERSION "\n");
}
END_TEST

START_TEST(config_shows_what_is_in_force)
{
    ck_assert_int_eq(run3(command_config, "show", "-c", GOOD), 0);
    ck_assert_ptr_nonnull(strstr(shown, "\nbackends:\n  postfix: {}\n"));
    ck_assert_ptr_null(strstr(shown, "message_size"));
    ck_assert_int_eq(run3(command_config, "show", "-c", BAD), 78);
    ck_assert_int_eq(run3(command_config, "show", "-c", "/no/such/file.yaml"), 78);
    ck_assert_int_eq(run(command_config, "show", "-c"), 64);
    ck_assert_int_eq(run(command_config, "show", "--al"), 64);
}
END_TEST

START_TEST(config_prints_schema_and_pages)
{
    ck_assert_int_eq(run(command_config, "schema", NULL), 0);
    ck_assert_ptr_eq(strstr(shown, "{\n \"$schema\": "), shown);
    ck_assert_int_eq(run(command_config, "reference", "policy"), 0);
    ck_assert_ptr_eq(strstr(shown, "# mailweir-policy: "), shown);
    ck_assert_int_eq(run3(command_config, "reference", "mailweir.yaml", "--man"), 0);
    ck_assert_ptr_nonnull(strstr(shown, "\n.TH MAILWEIR.YAML 5 "));
    ck_assert_int_eq(run(command_config, "reference", NULL), 64);
    ck_assert_int_eq(run(command_config, "reference", "weather"), 64);
}
END_TEST

START_TEST(config_lists_every_option)
{
    ck_assert_int_eq(run(command_config, "help", NULL), 0);
    ck_assert_ptr_nonnull(strstr(shown, "\nlimits.message_size "));
    ck_assert_ptr_nonnull(strstr(shown, "\nbackends.NAME.identity "));
    ck_assert_ptr_nonnull(strstr(shown, "\nfilters.dmarc.on_error "));
}
END_TEST

START_TEST(config_lists_every_fact)
{
    ck_assert_int_eq(run(command_config, "facts", NULL), 0);
    ck_assert_ptr_nonnull(strstr(shown, "\nclient.ip "));
    ck_assert_ptr_nonnull(strstr(shown, "\ndmarc.policy "));
    ck_assert_ptr_nonnull(strstr(shown, "none, quarantine, reject\n"));
    ck_assert_ptr_nonnull(strstr(shown, "(always absent: filter arc is off)\n"));
    ck_assert_int_eq(run(command_config, "facts", "--json"), 0);
    ck_assert_ptr_eq(strstr(shown, "{\n  \"facts\": ["), shown);
}
END_TEST

START_TEST(config_lists_the_facts_of_one_configuration_even_if_it_is_not_good)
{
    ck_assert_int_eq(run3(command_config, "facts", "-c", SOURCE_DIR "/tests/config/good/limits.yaml"), 0);
    ck_assert_ptr_nonnull(strstr(shown, "\nrate.per_sender "));
    ck_assert_int_eq(run3(command_config, "facts", "--config", BAD), 78);
    ck_assert_ptr_nonnull(strstr(shown, "typo.yaml:6:1: error: limts: unknown option"));
    ck_assert_ptr_nonnull(strstr(shown, "\nclient.ip "));
    ck_assert_int_eq(run3(command_config, "facts", "-c", "/no/such/file.yaml"), 78);
    ck_assert_ptr_null(strstr(shown, "client.ip"));
    ck_assert_int_eq(run(command_config, "facts", "-c"), 64);
    ck_assert_int_eq(run(command_config, "facts", "--jsno"), 64);
}
END_TEST

UNIT_MAIN("proxy/command", check_sums_up_a_good_configuration, check_ends_with_78_after_every_error_of_a_bad_one,
          check_ends_with_78_if_there_is_no_file, every_command_has_help, wrong_arguments_end_with_64, config_explains_an_option,
          the_command_line_finds_commands_and_those_that_are_meant, config_shows_what_is_in_force, config_prints_schema_and_pages,
          config_lists_every_option, config_lists_every_fact, config_lists_the_facts_of_one_configuration_even_if_it_is_not_good)
