/* offline: see offline.h. Nothing is bound, started or written; the only thing that leaves the machine are DNS queries. */
#include "proxy/offline/offline.h"

#include "proxy/command/command.h"
#include "proxy/offline/rehearsal_cast.h"

#include <stdio.h>
#include <unistd.h>

enum { READ_SIZE = 65536, READ_BEYOND = 1024 * 1024, EX_NO_INPUT = 66 };

/* Stands for the configuration that is not there. */
static const char built_in[] = "hostname: localhost\n"
                               "listeners: [\"127.0.0.1:25\"]\n"
                               "backends: {none: \"127.0.0.1:10025\"}\n"
                               "state: {directory: null}\n";

struct offline {
    const struct offline_command *command;
    struct arena *arena;
    struct offline_args args;
    struct settings *settings;
    struct chain_tools tools;
    struct buf file, wire;
    struct rehearsal_script script;
    struct rehearsal rehearsal;
    struct report report;
    struct report_note **last_note;
};

static void note(struct offline *o, const char *text)
{
    struct report_note *n = arena_alloc(o->arena, sizeof *n);
    n->text = text;
    *o->last_note = n;
    o->last_note = &n->next;
}

static bool load_settings(struct offline *o)
{
    struct conf_errors errors;
    const char *path = o->args.config;
    conf_errors_init(&errors, o->arena);
    if (!path && access(COMMAND_CONFIG_PATH, F_OK) == 0)
        path = COMMAND_CONFIG_PATH;
    o->settings = path ? settings_load(path, &errors) : settings_load_text(slice_of(built_in), "built-in", &errors);
    if (!o->settings)
        conf_errors_print(&errors, stderr);
    o->report.settings = path ? path : "built-in defaults";
    return o->settings != NULL;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void choose_filters(struct offline *o)
{
    for (size_t i = 0; o->command->filters && i < o->settings->filter_count; i++)
        o->settings->filters[i].enabled = is_listed(o->command->filters, o->settings->filters[i].filter->name);
    if (!o->command->filters && rehearsal_leave_out_limits(o->settings))
        note(
            o,
            "rate limits are left out: they live in the state store, which is neither read nor changed here; facts \"rate...\" are absent");
}

/* A zone without servers is the only source; both together: the zone goes first. */
static const char *open_dns(struct offline *o)
{
    struct dns_options options = settings_dns_options(&o->settings->dns);
    const char *error = NULL;
    if (o->args.dns || o->args.zone) {
        options.forward = &o->args.dns;
        options.forward_count = o->args.dns ? 1 : 0;
        options.zone_file = o->args.zone;
    }
    o->tools.base = event_base_new();
    o->tools.dns = dns_new(o->tools.base, &options, &error);
    return o->tools.dns ? NULL : error;
}

/* More than any message may have is not read. */
static bool read_input(struct offline *o)
{
    size_t most = (size_t)o->settings->limits.message_size + READ_BEYOND;
    if (isatty(STDIN_FILENO))
        fputs("The message comes on standard input; end it with Ctrl-D.\n", stderr);
    while (o->file.len < most) {
        ssize_t n = read(STDIN_FILENO, buf_reserve(&o->file, READ_SIZE), READ_SIZE);
        if (n <= 0)
            return n == 0;
        o->file.len += (size_t)n;
    }
    return true;
}

static void send_message(struct offline *o)
{
    struct message_file about;
    message_file_send(buf_slice(&o->file), &o->wire, &about);
    o->script.wire = buf_slice(&o->wire);
    if (about.converted)
        note(o, "the lines of the message ended with LF, as files on Unix do; it was sent with CRLF");
    else if (about.bare_lf)
        note(o, arena_format(o->arena, "%zu lines of the message end with CRLF, %zu with LF alone; they were sent as they are", about.crlf,
                             about.bare_lf));
    if (about.completed)
        note(o, "the last line of the message had no line end; it was sent with one");
}

static int misused(const struct offline *o, const char *wrong)
{
    return command_misused(o->command->name, "%s", wrong);
}

static int prepare(struct offline *o, int argc, char **argv)
{
    const char *wrong = offline_args_read(argc, argv, o->command->known, o->command->needed, o->arena, &o->args);
    if (wrong)
        return misused(o, wrong);
    if (!load_settings(o))
        return COMMAND_CONFIG;
    choose_filters(o);
    wrong = offline_args_cast(&o->args, o->settings, o->arena, &o->script);
    if (!wrong)
        wrong = open_dns(o);
    if (wrong)
        return misused(o, wrong);
    if (o->command->reads_message && !read_input(o)) {
        perror("mailweir: standard input");
        return EX_NO_INPUT;
    }
    return COMMAND_OK;
}

/* Whether it could be written main.c looks after. */
static void print_report(struct offline *o)
{
    struct buf text = {0};
    if (o->args.json)
        report_json(&o->report, &text);
    else
        report_text(&o->report, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
}

static void perform(struct offline *o)
{
    o->script.judged = o->command->judged;
    if (o->command->reads_message)
        send_message(o);
    rehearsal_play(o->settings, &o->tools, &o->script, o->arena, &o->rehearsal);
    o->report.command = o->command->name;
    o->report.client_given = o->args.ip != NULL;
    o->report.used = o->settings;
    o->report.script = &o->script;
    o->report.rehearsal = &o->rehearsal;
    print_report(o);
}

/* What lives in the arena may hold queries, and refers to the settings. */
static void release(struct offline *o)
{
    arena_free(&o->arena);
    dns_free(&o->tools.dns);
    if (o->tools.base)
        event_base_free(o->tools.base);
    settings_free(&o->settings);
    buf_release(&o->file);
    buf_release(&o->wire);
}

int offline_run(const struct offline_command *command, int argc, char **argv)
{
    struct offline o = {.command = command, .arena = arena_new()};
    o.last_note = &o.report.notes;
    int code = prepare(&o, argc, argv);
    if (code == COMMAND_OK)
        perform(&o);
    release(&o);
    return code;
}
