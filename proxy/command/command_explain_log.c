/* command_explain_log: `mailweir explain --session-log`: explains logged decisions again from the facts in their lines. */
#include "proxy/command/command.h"
#include "proxy/command/command_args.h"
#include "proxy/logbook/log_files.h"
#include "proxy/logbook/logged_report.h"

#include <errno.h>
#include <stdio.h>

enum { EX_NOT_FOUND = 1, EX_NO_INPUT = 66, ENTRIES_MAX = 200 };

struct explaining {
    const char *config, *session, *tx_text;
    const char **logs;
    bool json;
    int64_t tx; /* 0: all */
    struct arena *arena;
    struct settings *settings;
    struct logged_entry *entries, **last;
    size_t count, left_out;
};

static const char *read_args(struct explaining *e, int argc, char **argv)
{
    uint64_t tx = 0;
    const struct command_option options[] = {
        {.name = "--session-log", .list = &e->logs}, {.name = "--session", .value = &e->session}, {.name = "--tx", .value = &e->tx_text},
        {.name = "--config", .value = &e->config},   {.name = "--json", .flag = &e->json},        {.name = NULL},
    };
    const char *wrong = command_args_read(argc, argv, options, e->arena);
    if (wrong)
        return wrong;
    if (!e->logs)
        return "--session-log is missing";
    if (!e->session)
        return "--session is missing: the id that stands as session= in the log";
    if (e->tx_text && (!slice_to_u64(slice_of(e->tx_text), &tx) || tx == 0 || tx > INT32_MAX))
        return "--tx needs a number from 1, as it stands in the log";
    e->tx = (int64_t)tx;
    return NULL;
}

/* The line goes when the next one comes. */
static struct log_line keep_line(const struct log_line *line, struct arena *arena)
{
    struct log_pair *pairs = arena_alloc(arena, (line->count + 1) * sizeof *pairs);
    for (size_t i = 0; i < line->count; i++)
        pairs[i] = (struct log_pair){arena_copy(arena, line->pairs[i].key), arena_copy(arena, line->pairs[i].value)};
    return (struct log_line){pairs, line->count, line->cut};
}

static void take_line(void *ctx, const struct log_line *line)
{
    struct explaining *e = ctx;
    if (!logged_decision_is(line, e->session, e->tx))
        return;
    if (e->count == ENTRIES_MAX) {
        e->left_out++;
        return;
    }
    struct log_line kept = keep_line(line, e->arena);
    struct logged_entry *entry = arena_alloc(e->arena, sizeof *entry);
    if (!logged_decision_read(&kept, e->settings, e->arena, &entry->decision))
        return;
    e->count++;
    *e->last = entry;
    e->last = &entry->next;
}

static void print_report(const struct explaining *e)
{
    struct logged_report report = {e->settings->path, e->settings->mode == MODE_SHADOW, e->entries};
    struct buf text = {0};
    if (e->json)
        logged_report_json(&report, &text);
    else
        logged_report_text(&report, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
}

static int explain(struct explaining *e)
{
    struct log_files_read read;
    const char *failed;
    if (!log_files_read(e->logs, take_line, e, &read, &failed)) {
        fprintf(stderr, "mailweir explain: %s: %s\n", failed, strerror(errno));
        return EX_NO_INPUT;
    }
    if (!e->entries) {
        fputs("mailweir explain: the log has no decision of that session and transaction\n", stderr);
        return EX_NOT_FOUND;
    }
    print_report(e);
    if (e->left_out)
        fprintf(stderr, "mailweir explain: %zu more decisions of that session are not shown; --tx chooses\n", e->left_out);
    return COMMAND_OK;
}

static int run(struct explaining *e, int argc, char **argv)
{
    struct conf_errors errors;
    const char *wrong = read_args(e, argc, argv);
    if (wrong)
        return command_misused("explain", "%s", wrong);
    conf_errors_init(&errors, e->arena);
    e->settings = settings_load(e->config ? e->config : COMMAND_CONFIG_PATH, &errors);
    if (!e->settings) {
        conf_errors_print(&errors, stderr);
        return COMMAND_CONFIG;
    }
    int code = explain(e);
    settings_free(&e->settings);
    return code;
}

bool command_explains_log(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--session-log") == 0 || strncmp(argv[i], "--session-log=", strlen("--session-log=")) == 0)
            return true;
    return false;
}

int command_explain_log(int argc, char **argv)
{
    struct explaining e = {.arena = arena_new()};
    e.last = &e.entries;
    int code = run(&e, argc, argv);
    arena_free(&e.arena);
    return code;
}
