/* command_args: see command_args.h. */
#include "proxy/command/command_args.h"

#include "base/config/conf_error.h"

enum { OPTIONS_MAX = 16 };

struct reading {
    int argc, next;
    char **argv;
    const struct command_option *options;
    struct arena *arena;
    const char *inline_value; /* of --name=value, or NULL */
};

static const char *unknown(const struct reading *r, struct slice name)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    while (count < OPTIONS_MAX && r->options[count].name) {
        names[count] = r->options[count].name;
        count++;
    }
    const char *meant = conf_nearest(name, names, count);
    if (meant)
        return arena_format(r->arena, "there is no option %.*s; did you mean %s?", SLICE_FMT(name), meant);
    return arena_format(r->arena, "there is no option %.*s", SLICE_FMT(name));
}

/* "-" alone is a word: it stands for standard input. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

static const char *take_value(struct reading *r)
{
    const char *value = r->inline_value;
    if (value || r->next == r->argc || is_option(r->argv[r->next])) {
        r->inline_value = NULL;
        return value;
    }
    return r->argv[r->next++];
}

static const char *read_list(struct reading *r, const struct command_option *option)
{
    size_t count = 0;
    while (*option->list && (*option->list)[count])
        count++;
    const char **list = arena_alloc(r->arena, (count + (size_t)r->argc + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (*option->list)[i];
    size_t before = count;
    for (const char *value; (value = take_value(r)) != NULL; list[count++] = value)
        ;
    *option->list = list;
    return count == before ? arena_format(r->arena, "%s needs a value", option->name) : NULL;
}

static const char *read_text(struct reading *r, const struct command_option *option)
{
    const char *value = take_value(r);
    if (!value)
        return arena_format(r->arena, "%s needs a value", option->name);
    if (*option->value)
        return arena_format(r->arena, "%s is given twice", option->name);
    *option->value = value;
    return NULL;
}

static const struct command_option *find_option(const struct reading *r, struct slice name)
{
    for (const struct command_option *o = r->options; o->name; o++)
        if (slice_eq(name, slice_of(o->name)))
            return o;
    return NULL;
}

static const char *read_option(struct reading *r)
{
    struct slice rest = slice_of(r->argv[r->next++]), name;
    if (!is_option(rest.ptr))
        return arena_format(r->arena, "\"%s\" belongs to no option", rest.ptr);
    slice_split(&rest, '=', &name);
    r->inline_value = rest.ptr;
    const struct command_option *option = find_option(r, slice_eq(name, SLICE("-c")) ? SLICE("--config") : name);
    if (!option)
        return unknown(r, name);
    if (option->list)
        return read_list(r, option);
    if (!option->flag)
        return read_text(r, option);
    if (r->inline_value)
        return arena_format(r->arena, "%s takes no value", option->name);
    *option->flag = true;
    return NULL;
}

const char *command_args_read(int argc, char **argv, const struct command_option *options, struct arena *arena)
{
    struct reading r = {.argc = argc, .next = 1, .argv = argv, .options = options, .arena = arena};
    const char *wrong = NULL;
    while (!wrong && r.next < argc)
        wrong = read_option(&r);
    return wrong;
}
