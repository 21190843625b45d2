/* command_test: `mailweir test`: plays the cases of test files against a policy. */
#include "base/config/conf_error.h"
#include "proxy/command/command.h"
#include "proxy/policytest/policytest_report.h"
#include "proxy/policytest/policytest_run.h"

#include <stdio.h>

enum { TEST_FAILED = 1, EX_CANT_WRITE = 74 };

const char command_test_help[] =
    "Usage: mailweir test [OPTIONS] FILE...\n"
    "\n"
    "Plays the cases of test files against a policy, and says what is not as expected, and why: each rule that\n"
    "was tried, and the facts that settled it. Then come the rules that no case reached. docs/testing.md\n"
    "describes the files. Nothing is asked from name servers, delivered or remembered.\n"
    "\n"
    "  -c, --config FILE    this configuration instead of those that the files name\n"
    "  --require-coverage   a rule that no case reached is a failure\n"
    "  --tap                TAP version 13 instead of text\n"
    "  --json               one JSON object instead of text\n"
    "  --junit FILE         writes JUnit's XML to a file, too\n"
    "\n"
    "Exit code: 0 if all is as expected, 1 if something is not, 64 for wrong arguments, 74 if the XML cannot be\n"
    "written, 78 for a bad test file or configuration.\n";

struct test_args {
    const char *config, *junit;
    bool tap, json, require_coverage;
    char **files;
    size_t file_count;
};

static int unknown_option(const char *option)
{
    static const char *const names[] = {"--config", "--require-coverage", "--tap", "--json", "--junit", "--help"};
    const char *meant = conf_nearest(slice_of(option), names, sizeof names / sizeof names[0]);
    if (meant)
        return command_misused("test", "there is no option %s; did you mean %s?", option, meant);
    return command_misused("test", "there is no option %s", option);
}

static const char **value_option(struct test_args *args, const char *option)
{
    if (strcmp(option, "-c") == 0 || strcmp(option, "--config") == 0)
        return &args->config;
    return strcmp(option, "--junit") == 0 ? &args->junit : NULL;
}

static bool *flag_option(struct test_args *args, const char *option)
{
    if (strcmp(option, "--tap") == 0)
        return &args->tap;
    if (strcmp(option, "--json") == 0)
        return &args->json;
    return strcmp(option, "--require-coverage") == 0 ? &args->require_coverage : NULL;
}

/** Files are gathered at the front of argv. */
static int read_args(int argc, char **argv, struct test_args *args)
{
    args->files = argv;
    for (int i = 1; i < argc; i++) {
        const char **value = value_option(args, argv[i]);
        bool *flag = flag_option(args, argv[i]);
        if (value && (i + 1 == argc || *value))
            return command_misused("test", *value ? "%s is given twice" : "%s needs a file", argv[i]);
        if (value)
            *value = argv[++i];
        else if (flag)
            *flag = true;
        else if (argv[i][0] == '-')
            return unknown_option(argv[i]);
        else
            args->files[args->file_count++] = argv[i];
    }
    if (args->tap && args->json)
        return command_misused("test", "either --tap or --json");
    return args->file_count ? COMMAND_OK : command_misused("test", "name at least one test file");
}

static bool write_junit(const char *path, const struct policytest_run *run)
{
    struct buf text = {0};
    FILE *file = fopen(path, "we");
    policytest_report_junit(run, &text);
    bool good = file && fwrite(text.ptr, 1, text.len, file) == text.len;
    if (file && fclose(file) != 0)
        good = false;
    buf_release(&text);
    if (!good)
        fprintf(stderr, "mailweir test: %s cannot be written\n", path);
    return good;
}

/* Whether it could be written main.c looks after. */
static void print_report(const struct test_args *args, const struct policytest_run *run)
{
    struct buf text = {0};
    if (args->tap)
        policytest_report_tap(run, &text);
    else if (args->json)
        policytest_report_json(run, &text);
    else
        policytest_report_text(run, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
}

static int test(const struct test_args *args)
{
    struct policytest_runner *runner = policytest_runner_new(args->config, args->require_coverage);
    int code = COMMAND_CONFIG;
    if (policytest_runner_read(runner, args->files, args->file_count)) {
        const struct policytest_run *run = policytest_runner_play(runner);
        print_report(args, run);
        code = policytest_passed(run) ? COMMAND_OK : TEST_FAILED;
        if (args->junit && !write_junit(args->junit, run))
            code = EX_CANT_WRITE;
    }
    policytest_runner_free(&runner);
    return code;
}

int command_test(int argc, char **argv)
{
    struct test_args args = {0};
    if (command_wants_help(argc, argv, command_test_help))
        return COMMAND_OK;
    int code = read_args(argc, argv, &args);
    return code == COMMAND_OK ? test(&args) : code;
}
