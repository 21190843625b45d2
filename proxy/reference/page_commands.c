/* page_commands: mailweir(8), from the table of commands and their own help. */
#include "proxy/command/command.h"
#include "proxy/reference/reference.h"
#include "proxy/settings/settings_table.h"

#include <string.h>

struct word {
    const char *name, *doc;
};

static const struct word signals[] = {
    {"SIGHUP", "Reads the configuration again. With a good one new workers take over without losing a session; a bad one changes nothing, "
               "and the log says why."},
    {"SIGTERM, SIGINT", "Ends: idle sessions get 421, transactions may finish (option `drain`)."},
    {"SIGUSR1", "Opens the log file again by its name, after rotation."},
};

static const struct word exit_codes[] = {
    {"0", "All went well. Of `explain` and `lookup`: whatever was decided or found."},
    {"1", "Of `test`: something is not as expected."},
    {"64", "The arguments are wrong."},
    {"66", "A message or file to be read cannot be read."},
    {"69", "What was asked for is not to be had now."},
    {"71", "The system refused something: a port, a directory, the log."},
    {"74", "The output could not be written."},
    {"78", "The configuration is bad; everything that is wrong with it is on standard error."},
};

static const struct word environment[] = {
    {"LISTEN_FDS, LISTEN_PID", "Sockets that the service manager has opened for the listeners."},
    {"NOTIFY_SOCKET", "Where the service manager hears of start, reload and end."},
};

static void write_words(const struct page *p, const struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        page_item(p, words[i].name, NULL, words[i].doc);
}

/** The lines that the help begins with, up to the first empty one. */
static void add_usage(struct buf *out, const char *help)
{
    static const char title[] = "Usage: ";
    struct slice rest = slice_of(help), line;
    while (slice_split(&rest, '\n', &line) && line.len)
        buf_add_format(out, "%.*s\n", SLICE_FMT(slice_skip(line, strlen(title))));
}

static void write_synopsis(const struct page *p)
{
    struct buf text = {0};
    for (const struct command *c = command_table; c->name; c++)
        add_usage(&text, c->help);
    buf_add_text(&text, "mailweir COMMAND --help\nmailweir --version\n");
    page_heading(p, "Synopsis");
    page_code(p, text.ptr);
    buf_release(&text);
}

static void write_commands(const struct page *p)
{
    struct buf title = {0};
    page_heading(p, "Commands");
    for (const struct command *c = command_table; c->name; c++) {
        buf_clear(&title);
        buf_add_format(&title, "`%s`", c->name);
        page_subheading(p, title.ptr);
        page_code(p, c->help);
    }
    buf_release(&title);
}

static void write_file(const struct page *p, const struct option *options, const char *path)
{
    const struct option *row = options_find(options, slice_of(path), NULL);
    struct buf detail = {0};
    buf_add_format(&detail, "option `%s`", path);
    if (row && row->fallback)
        page_item(p, row->fallback, detail.ptr, row->doc);
    buf_release(&detail);
}

static void write_files(const struct page *p)
{
    struct arena *arena = arena_new();
    const struct option *options = settings_table_build(arena).rows;
    page_heading(p, "Files");
    page_item(p, COMMAND_CONFIG_PATH, NULL, "The configuration; see `mailweir.yaml`(5).");
    write_file(p, options, "state.directory");
    write_file(p, options, "spool.directory");
    arena_free(&arena);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

void page_write_commands(const struct page *p)
{
    write_synopsis(p);
    page_heading(p, "Description");
    page_text(p, "Mailweir stands in front of a mail server: it takes port 25, lets filters measure each session and message (SPF, DKIM, "
                 "DMARC, rate limits and more), decides by a policy, and passes accepted mail on to the server behind, byte for byte. It "
                 "never owns mail: the client gets its 250 only after that server has given its own.");
    write_commands(p);
    page_heading(p, "Signals");
    write_words(p, signals, COUNT(signals));
    page_heading(p, "Exit status");
    page_text(p, "As in sysexits.h; the help of each command names those with which it can end.");
    write_words(p, exit_codes, COUNT(exit_codes));
    page_heading(p, "Environment");
    write_words(p, environment, COUNT(environment));
    write_files(p);
}
