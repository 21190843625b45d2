/* command_state: `mailweir state get|set|del|top`: what rate limits remember, in the store that the configuration names. */
#include "proxy/command/command.h"
#include "proxy/limits/limit_print.h"
#include "proxy/settings/settings_state.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

const char command_state_help[] =
    "Usage: mailweir state get LIMIT VALUE... [OPTIONS]\n"
    "       mailweir state set LIMIT VALUE... USED [OPTIONS]\n"
    "       mailweir state del LIMIT VALUE... [OPTIONS]\n"
    "       mailweir state top LIMIT [COUNT] [OPTIONS]\n"
    "\n"
    "Looks into the state store while the proxy runs. A VALUE stands for each part of the limit's key, in its order:\n"
    "an address or network for client.ip and client.net, else the text itself.\n"
    "\n"
    "  get   how much of the limit is used up\n"
    "  set   makes it so many events; the burst or more blocks, until they have drained\n"
    "  del   forgets them, and so forgives; of a limit of sessions, all that are open\n"
    "  top   the COUNT (10) fullest\n"
    "\n"
    "  -c, --config FILE    the configuration (" COMMAND_CONFIG_PATH ")\n"
    "  --json               JSON instead of text\n"
    "\n"
    "Exit code: 0, 64 for wrong arguments, 69 if the store does not answer, 78 for a bad configuration.\n";

enum { WORDS_MAX = RATE_PARTS_MAX + 3, TOP_MAX = 10000 };

struct asked {
    const char *words[WORDS_MAX]; /* verb, limit, values ... */
    int count;
    const char *config;
    bool json;
};

/** 0, or an exit code; then it was told. */
static int read_words(int argc, char **argv, struct asked *a)
{
    *a = (struct asked){.config = COMMAND_CONFIG_PATH};
    for (int i = 1; i < argc; i++) {
        bool config = strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0;
        if (strcmp(argv[i], "--json") == 0)
            a->json = true;
        else if (config && i + 1 < argc)
            a->config = argv[++i];
        else if (config)
            return command_misused("state", "%s needs a file", argv[i]);
        else if (argv[i][0] == '-' && argv[i][1])
            return command_misused("state", "there is no option %s", argv[i]);
        else if (a->count == WORDS_MAX)
            return command_misused("state", "too many words");
        else
            a->words[a->count++] = argv[i];
    }
    if (a->count < 2)
        return command_misused("state", "say what: get, set, del or top, and a limit");
    return 0;
}

static bool read_number(const char *text, int64_t most, int64_t *out)
{
    uint64_t number;
    if (!slice_to_u64(slice_of(text), &number) || number > (uint64_t)most)
        return false;
    *out = (int64_t)number;
    return true;
}

static int unavailable(const char *why)
{
    fprintf(stderr, "mailweir state: %s\n", why);
    return COMMAND_UNAVAILABLE;
}

/** 0, or an exit code. The first `count` words behind the limit are the values. */
static int read_values(const struct asked *a, const struct rate_limit *limit, int count, struct slice texts[RATE_PARTS_MAX],
                       struct fact_value values[RATE_PARTS_MAX])
{
    if ((size_t)count != limit->part_count) {
        struct buf parts = {0};
        for (size_t i = 0; i < limit->part_count; i++)
            buf_add_format(&parts, "%s%s", i > 0 ? ", " : "", limit->parts[i].name);
        int code = command_misused("state", "limit %s has %zu key part%s, each needs a value: %s", limit->name, limit->part_count,
                                   limit->part_count == 1 ? "" : "s", parts.ptr);
        buf_release(&parts);
        return code;
    }
    for (int i = 0; i < count; i++) {
        texts[i] = slice_of(a->words[2 + i]);
        const char *wrong = limit_value_read(&limit->parts[i], &texts[i], &values[i]);
        if (wrong)
            return command_misused("state", "\"%s\" is %s (%s)", a->words[2 + i], wrong, limit->parts[i].name);
    }
    return 0;
}

/** The store belongs to the workers' user: what root made in it they could not use. False: errno says why. */
static bool become_owner(const char *directory)
{
    struct stat st;
    if (geteuid() != 0 || stat(directory, &st) != 0)
        return true;
    return setresgid(st.st_gid, st.st_gid, st.st_gid) == 0 && setresuid(st.st_uid, st.st_uid, st.st_uid) == 0 &&
           prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool has_store(const struct state_settings *state, struct arena *arena)
{
    struct stat st;
    return state->directory && stat(arena_format(arena, "%s/state.lmdb", state->directory), &st) == 0;
}

/** 0, or an exit code. */
static int open_store(struct limit_view *view, bool may_make)
{
    const struct state_settings *state = &view->settings->state;
    if (state->directory && !become_owner(state->directory))
        return unavailable(strerror(errno));
    if (state->store == STORE_LMDB && !may_make && !has_store(state, view->arena))
        return unavailable("there is no state yet: the proxy has not run with this configuration");
    static const struct log_options only_errors = {.to = "stderr", .level = LOG_LEVEL_ERROR};
    const char *error;
    log_open(&only_errors, &error);
    view->base = event_base_new();
    view->state = settings_state_open(view->settings, view->base);
    return view->state ? 0 : unavailable("the state store cannot be opened");
}

static int do_one(const struct asked *a, struct limit_view *view, enum limit_change change)
{
    struct slice texts[RATE_PARTS_MAX];
    struct fact_value values[RATE_PARTS_MAX];
    struct limit_entry entry;
    int64_t used = 0;
    bool local;
    int value_count = a->count - 2 - (change == LIMIT_SET);
    int code = read_values(a, view->limit, value_count < 0 ? 0 : value_count, texts, values);
    if (code)
        return code;
    if (change == LIMIT_SET && view->limit->unit == RATE_SESSIONS)
        return command_misused("state", "sessions that are open cannot be set");
    if (change == LIMIT_SET && !read_number(a->words[a->count - 1], INT64_MAX, &used))
        return command_misused("state", "\"%s\" is no number of events", a->words[a->count - 1]);
    code = open_store(view, change == LIMIT_SET);
    if (code)
        return code;
    if (!limit_ask(view, values, change, used, &entry, &local))
        return unavailable("the state store does not answer");
    if (local)
        fputs("mailweir state: the server is down; this is what this machine counts meanwhile\n", stderr);
    if (a->json)
        limit_print_json(view->limit, &entry, stdout);
    else
        limit_print(view->limit, &entry, stdout);
    return COMMAND_OK;
}

static int do_top(const struct asked *a, struct limit_view *view)
{
    struct limit_entry *entries;
    size_t count;
    int64_t most = 10;
    if (a->count > 3 || (a->count == 3 && (!read_number(a->words[2], TOP_MAX, &most) || most == 0)))
        return command_misused("state", "top wants a limit and a count up to %d", TOP_MAX);
    int code = open_store(view, false);
    if (code)
        return code;
    if (!limit_top(view, (size_t)most, &entries, &count))
        return unavailable("the state store does not answer");
    if (a->json)
        limit_print_table_json(view->limit, entries, count, stdout);
    else
        limit_print_table(view->limit, entries, count, stdout);
    return COMMAND_OK;
}

static int do_verb(const struct asked *a, struct limit_view *view)
{
    if (strcmp(a->words[0], "top") == 0)
        return do_top(a, view);
    if (strcmp(a->words[0], "get") == 0)
        return do_one(a, view, LIMIT_LOOK);
    if (strcmp(a->words[0], "set") == 0)
        return do_one(a, view, LIMIT_SET);
    if (strcmp(a->words[0], "del") == 0)
        return do_one(a, view, LIMIT_FORGET);
    return command_misused("state", "there is no \"%s\"; there are get, set, del and top", a->words[0]);
}

static int run(const struct asked *a, const struct settings *settings, struct arena *arena)
{
    const char *meant;
    struct limit_view view = {.settings = settings, .arena = arena};
    view.limit = limit_find(settings, a->words[1], arena, &meant);
    if (!view.limit)
        return command_misused("state", "there is no limit \"%s\" in %s%s%s%s", a->words[1], settings->path, meant ? "; did you mean " : "",
                               meant ? meant : "", meant ? "?" : "");
    int code = do_verb(a, &view);
    state_free(&view.state);
    if (view.base)
        event_base_free(view.base);
    return code;
}

int command_state(int argc, char **argv)
{
    struct asked asked;
    if (command_wants_help(argc, argv, command_state_help))
        return COMMAND_OK;
    int code = read_words(argc, argv, &asked);
    if (code)
        return code;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *settings = settings_load(asked.config, &errors);
    if (!settings)
        conf_errors_print(&errors, stderr);
    code = settings ? run(&asked, settings, arena) : COMMAND_CONFIG;
    settings_free(&settings);
    arena_free(&arena);
    return code;
}
