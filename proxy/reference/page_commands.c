/* page_commands: mailweir(8), from the table of commands and their own help. */
#include "proxy/command/command.h"
#include "proxy/reference/reference.h"

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
    {"64", "The arguments are wrong."},
    {"66", "A message or file to be read cannot be read."},
    {"71", "The system refused something: a port, a directory, the log."},
    {"74", "The output could not be written."},
    {"78", "The configuration is bad; everything that is wrong with it is on standard error."},
};

static const struct word files[] = {
    {COMMAND_CONFIG_PATH, "The configuration; see `mailweir.yaml`(5)."},
    {"/var/lib/mailweir", "What is remembered over restarts (option `state.directory`)."},
    {"/var/tmp", "Where large messages wait, in files without a name (option `spool.directory`)."},
};

static void write_words(const struct page *p, const char *heading, const struct word *words, size_t count)
{
    page_heading(p, heading);
    for (size_t i = 0; i < count; i++)
        page_item(p, words[i].name, NULL, words[i].doc);
}

static void write_synopsis(const struct page *p)
{
    struct buf text = {0};
    for (const struct command *c = command_table; c->name; c++)
        buf_add_format(&text, "mailweir %s ...\n", c->name);
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

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

void page_write_commands(const struct page *p)
{
    write_synopsis(p);
    page_heading(p, "Description");
    page_text(p, "Mailweir stands in front of a mail server: it takes port 25, lets filters measure each session and message (SPF, DKIM, "
                 "DMARC, rate limits and more), decides by a policy, and passes accepted mail on to the server behind, byte for byte. It "
                 "never owns mail: the client gets its 250 only after that server has given its own.");
    write_commands(p);
    write_words(p, "Signals", signals, COUNT(signals));
    write_words(p, "Exit status", exit_codes, COUNT(exit_codes));
    write_words(p, "Files", files, COUNT(files));
}
