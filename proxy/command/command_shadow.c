/* command_shadow: `mailweir shadow report`: sums up the log of candidate policies and rules in shadow mode. */
#include "base/clock.h"
#include "base/config/option_units.h"
#include "proxy/command/command.h"
#include "proxy/command/command_args.h"
#include "proxy/logbook/shadow_report.h"
#include "proxy/settings/settings.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

enum { EX_NO_INPUT = 66, EXAMPLES_DEFAULT = 3 };

const char command_shadow_help[] =
    "Usage: mailweir shadow report [--since 7d] [--log FILE...] [-c FILE] [--examples N] [--json]\n"
    "\n"
    "Reads the log and lists where a candidate policy would have decided otherwise than the live one, and what\n"
    "rules in shadow mode would have done: how often, to how many senders and clients, when, and examples.\n"
    "\n"
    "  --since AGE          only decisions that are not older, such as 12h or 7d; or a date: 2026-05-01, with a\n"
    "                       time 2026-05-01T12:00:00, in UTC like the log. Without it: all there are.\n"
    "  --log FILE...        these files, such as rotated ones, instead of the log of the configuration;\n"
    "                       - is standard input: journalctl -u mailweir -o cat | mailweir shadow report --log -\n"
    "  -c, --config FILE    the configuration, for its log.to (" COMMAND_CONFIG_PATH ")\n"
    "  --examples N         how many examples of each case (3, at most 50)\n"
    "  --json               one JSON object instead of text\n"
    "\n"
    "Exit code: 0, also if there is nothing to tell; 64 for wrong arguments, 66 if a log cannot be read, 78 if\n"
    "the configuration cannot be read.\n";

struct shadow_args {
    const char *since, *config, *examples;
    const char **logs;
    bool json;
};

static int misused(const char *wrong)
{
    return command_misused("shadow", "%s", wrong);
}

/* ---- since when ---- */

static bool is_date(struct slice text)
{
    static const char shape[] = "0000-00-00T00:00:00";
    if (text.len < 10 || text.len > sizeof shape - 1)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (shape[i] == '0' ? !ascii_is_digit(text.ptr[i]) : shape[i] != text.ptr[i])
            return false;
    return true;
}

/* As the log writes times: so they compare as texts. */
static struct slice time_ago(int64_t age_ms, struct arena *arena)
{
    char text[40] = "";
    time_t then = (time_t)((clock_unix_ms() - age_ms) / 1000);
    struct tm tm;
    if (gmtime_r(&then, &tm))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    return arena_copy(arena, slice_of(text));
}

/* NULL, or what is wrong. */
static const char *read_since(const char *text, struct arena *arena, struct slice *since)
{
    const struct option_unit *meant = NULL;
    struct slice number;
    int64_t age = 0;
    *since = slice_of(text);
    if (!text || is_date(*since))
        return NULL;
    if (option_units_parse(option_durations, *since, &age, &number, &meant) != OPTION_UNITS_OK || age < 0 || age > clock_unix_ms())
        return "--since needs an age such as 12h or 7d, or a date such as 2026-05-01";
    *since = time_ago(age, arena);
    return NULL;
}

static const char *read_examples(const char *text, uint64_t *examples)
{
    *examples = EXAMPLES_DEFAULT;
    if (!text || (slice_to_u64(slice_of(text), examples) && *examples <= SHADOW_EXAMPLES_MAX))
        return NULL;
    return "--examples needs a number up to 50";
}

/* ---- what to read ---- */

static int find_log(struct shadow_args *args, struct arena *arena)
{
    struct conf_errors errors;
    if (args->logs)
        return COMMAND_OK;
    conf_errors_init(&errors, arena);
    const struct settings *s = settings_load_options(args->config ? args->config : COMMAND_CONFIG_PATH, arena, &errors);
    if (!s) {
        conf_errors_print(&errors, stderr);
        return COMMAND_CONFIG;
    }
    if (!s->log.to || s->log.to[0] != '/')
        return misused("the log of this configuration is no file; name one with --log, or pipe it in with --log -");
    args->logs = arena_alloc(arena, 2 * sizeof *args->logs);
    args->logs[0] = s->log.to;
    return COMMAND_OK;
}

static void take_line(void *ctx, const struct log_line *line)
{
    shadow_tally_add(ctx, line);
}

static void print_report(const struct shadow_report *report, bool json)
{
    struct buf text = {0};
    if (json)
        shadow_report_json(report, &text);
    else
        shadow_report_text(report, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
}

static int report(const struct shadow_args *args, struct slice since, size_t examples, struct arena *arena)
{
    struct shadow_tally tally;
    struct shadow_report r = {.files = args->logs, .since = args->since, .tally = &tally};
    const char *failed;
    int code = COMMAND_OK;
    shadow_tally_init(&tally, arena, since, examples);
    if (log_files_read(args->logs, take_line, &tally, &r.read, &failed)) {
        shadow_tally_sort(&tally);
        print_report(&r, args->json);
    } else {
        fprintf(stderr, "mailweir shadow: %s: %s\n", failed, strerror(errno));
        code = EX_NO_INPUT;
    }
    shadow_tally_release(&tally);
    return code;
}

static int run(int argc, char **argv, struct arena *arena)
{
    struct shadow_args args = {0};
    const struct command_option options[] = {
        {.name = "--since", .value = &args.since},   {.name = "--log", .list = &args.logs},
        {.name = "--config", .value = &args.config}, {.name = "--examples", .value = &args.examples},
        {.name = "--json", .flag = &args.json},      {.name = NULL},
    };
    struct slice since;
    uint64_t examples;
    const char *wrong = command_args_read(argc, argv, options, arena);
    if (!wrong)
        wrong = read_since(args.since, arena, &since);
    if (!wrong)
        wrong = read_examples(args.examples, &examples);
    if (wrong)
        return misused(wrong);
    int code = find_log(&args, arena);
    return code ? code : report(&args, since, (size_t)examples, arena);
}

int command_shadow(int argc, char **argv)
{
    if (command_wants_help(argc, argv, command_shadow_help))
        return COMMAND_OK;
    if (argc < 2 || strcmp(argv[1], "report") != 0)
        return misused("say what: report");
    if (command_wants_help(argc - 1, argv + 1, command_shadow_help))
        return COMMAND_OK;
    struct arena *arena = arena_new();
    int code = run(argc - 1, argv + 1, arena);
    arena_free(&arena);
    return code;
}
