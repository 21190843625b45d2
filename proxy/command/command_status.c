/* command_status: `mailweir status`: what a running Mailweir has counted. */
#include "proxy/command/command.h"
#include "proxy/command/command_args.h"
#include "proxy/settings/settings.h"
#include "proxy/status/status_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

enum { EX_UNAVAILABLE = 69 };

const char command_status_help[] =
    "Usage: mailweir status [-c FILE] [--json]\n"
    "\n"
    "Prints how the running Mailweir is and what it has counted: workers; listeners, and whom they turned away;\n"
    "backends; sessions, recipients and messages; each word of each fact; decisions by stage and action; each\n"
    "rule, also those in shadow mode; where a candidate policy differs.\n"
    "Counts go on over reloads and crashes of workers, and begin anew when the master starts.\n"
    "\n"
    "  -c, --config FILE    the configuration, for its status.file (" COMMAND_CONFIG_PATH ");\n"
    "                       errors elsewhere in it do not matter\n"
    "  --json               one JSON object instead of text\n"
    "\n"
    "Exit code: 0, 64 for wrong arguments, 69 if there are no counts to read, 78 if the configuration cannot\n"
    "be read.\n";

static void print_report(const struct status_report *report, bool json)
{
    struct buf text = {0};
    if (json)
        status_report_json(report, &text);
    else
        status_report_text(report, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
}

static int show(const char *file, bool json, struct arena *arena)
{
    struct stats_view view;
    const char *error;
    if (!file) {
        fputs("mailweir status: status.file is null in this configuration: nothing is counted for others to read\n", stderr);
        return EX_UNAVAILABLE;
    }
    if (!stats_view_read(file, arena, &view, &error)) {
        fprintf(stderr, "mailweir status: %s: %s; is Mailweir running?\n", file, error);
        return EX_UNAVAILABLE;
    }
    struct status_report report = {.file = file, .view = &view};
    status_note_read(view.note, arena, &report.note);
    report.alive = view.owner > 0 && (kill(view.owner, 0) == 0 || errno == EPERM);
    print_report(&report, json);
    return COMMAND_OK;
}

int command_status(int argc, char **argv)
{
    const char *config = NULL;
    bool json = false;
    const struct command_option options[] = {{.name = "--config", .value = &config}, {.name = "--json", .flag = &json}, {.name = NULL}};
    if (command_wants_help(argc, argv, command_status_help))
        return COMMAND_OK;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const char *wrong = command_args_read(argc, argv, options, arena);
    int code = wrong ? command_misused("status", "%s", wrong) : COMMAND_CONFIG;
    const struct settings *s = wrong ? NULL : settings_load_options(config ? config : COMMAND_CONFIG_PATH, arena, &errors);
    if (s)
        code = show(s->status.file, json, arena);
    else
        conf_errors_print(&errors, stderr);
    arena_free(&arena);
    return code;
}
