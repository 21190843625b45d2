/* offline_args: see offline_args.h. */
#include "proxy/offline/offline_args.h"

#include "base/config/conf_error.h"
#include "proxy/offline/rehearsal_cast.h"

enum { ALWAYS = 1u << 30 };

struct option_row {
    const char *name;
    size_t offset; /* of its const char * in struct offline_args */
    unsigned bit;
};

static const struct option_row rows[] = {
    {"--config", offsetof(struct offline_args, config), ALWAYS},
    {"--dns", offsetof(struct offline_args, dns), ALWAYS},
    {"--zone", offsetof(struct offline_args, zone), ALWAYS},
    {"--ip", offsetof(struct offline_args, ip), OFFLINE_IP},
    {"--helo", offsetof(struct offline_args, helo), OFFLINE_HELO},
    {"--mail-from", offsetof(struct offline_args, mail_from), OFFLINE_MAIL_FROM},
    {"--listener", offsetof(struct offline_args, listener), OFFLINE_LISTENER},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

struct reading {
    int argc, next;
    char **argv;
    unsigned known;
    struct arena *arena;
    struct offline_args *out;
    const char *inline_value; /* of --name=value, or NULL */
};

static const char *unknown(const struct reading *r, struct slice name)
{
    const char *names[ROWS + 2] = {"--json", "--rcpt"};
    size_t count = r->known & OFFLINE_RCPT ? 2 : 1;
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].bit & r->known)
            names[count++] = rows[i].name;
    const char *meant = conf_nearest(name, names, count);
    if (meant)
        return arena_format(r->arena, "there is no option %.*s; did you mean %s?", SLICE_FMT(name), meant);
    return arena_format(r->arena, "there is no option %.*s", SLICE_FMT(name));
}

/* The next word, unless it is an option itself. */
static const char *take_value(struct reading *r)
{
    const char *value = r->inline_value;
    if (value || r->next == r->argc || strncmp(r->argv[r->next], "--", 2) == 0 || strcmp(r->argv[r->next], "-c") == 0) {
        r->inline_value = NULL;
        return value;
    }
    return r->argv[r->next++];
}

static const char *read_rcpts(struct reading *r)
{
    struct offline_args *out = r->out;
    size_t before = out->rcpt_count;
    for (const char *value; (value = take_value(r)) != NULL; out->rcpts[out->rcpt_count++] = value)
        ;
    return out->rcpt_count == before ? "--rcpt needs at least one address" : NULL;
}

static const char *read_text(struct reading *r, const struct option_row *row)
{
    const char *const *there = (const void *)((const char *)r->out + row->offset);
    const char *value = take_value(r);
    if (!value)
        return arena_format(r->arena, "%s needs a value", row->name);
    if (*there)
        return arena_format(r->arena, "%s is given twice", row->name);
    memcpy((char *)r->out + row->offset, &value, sizeof value);
    return NULL;
}

static const struct option_row *find_row(const struct reading *r, struct slice name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].bit & r->known && slice_eq(name, slice_of(rows[i].name)))
            return &rows[i];
    return NULL;
}

static const char *read_option(struct reading *r)
{
    struct slice rest = slice_of(r->argv[r->next++]), name;
    if (rest.len == 0 || rest.ptr[0] != '-')
        return arena_format(r->arena, "\"%s\" belongs to no option; the message comes on standard input", rest.ptr);
    slice_split(&rest, '=', &name);
    r->inline_value = rest.ptr;
    if (slice_eq(name, SLICE("-c")))
        name = SLICE("--config");
    if (slice_eq(name, SLICE("--json")) && !r->inline_value) {
        r->out->json = true;
        return NULL;
    }
    if (r->known & OFFLINE_RCPT && slice_eq(name, SLICE("--rcpt")))
        return read_rcpts(r);
    const struct option_row *row = find_row(r, name);
    return row ? read_text(r, row) : unknown(r, name);
}

static const char *missing(const struct offline_args *args, unsigned needed, struct arena *arena)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *const *value = (const void *)((const char *)args + rows[i].offset);
        if (rows[i].bit & needed && !*value)
            return arena_format(arena, "%s is missing", rows[i].name);
    }
    return needed & OFFLINE_RCPT && args->rcpt_count == 0 ? "--rcpt is missing" : NULL;
}

const char *offline_args_read(int argc, char **argv, unsigned known, unsigned needed, struct arena *arena, struct offline_args *out)
{
    *out = (struct offline_args){.rcpts = arena_alloc(arena, (size_t)argc * sizeof *out->rcpts)};
    struct reading r = {.argc = argc, .next = 1, .argv = argv, .known = known | ALWAYS, .arena = arena, .out = out};
    const char *wrong = NULL;
    while (!wrong && r.next < argc)
        wrong = read_option(&r);
    return wrong ? wrong : missing(out, needed, arena);
}

/* As a session would understand it. */
static const char *parse(const char *option, const char *value, const struct settings *settings, struct arena *arena,
                         struct smtp_command *out)
{
    const char *wrong = rehearsal_cast_command(value, settings, arena, out);
    return wrong ? arena_format(arena, "%s: %s", option, wrong) : NULL;
}

static const char *cast_rcpts(const struct offline_args *args, const struct settings *settings, struct arena *arena,
                              struct rehearsal_script *out)
{
    size_t count = args->rcpt_count ? args->rcpt_count : 1;
    struct smtp_command *rcpts = arena_alloc(arena, count * sizeof *rcpts);
    const char *wrong = NULL;
    for (size_t i = 0; i < count && !wrong; i++) {
        rcpts[i].verb = SMTP_RCPT;
        wrong = parse("--rcpt", args->rcpt_count ? args->rcpts[i] : "postmaster", settings, arena, &rcpts[i]);
    }
    out->rcpts = rcpts;
    out->rcpt_count = count;
    return wrong;
}

const char *offline_args_cast(const struct offline_args *args, const struct settings *settings, struct arena *arena,
                              struct rehearsal_script *out)
{
    *out = (struct rehearsal_script){.hello = {.verb = SMTP_EHLO}, .mail = {.verb = SMTP_MAIL}};
    if (!net_addr_parse_ip(slice_of(args->ip ? args->ip : "127.0.0.1"), &out->client))
        return arena_format(arena, "--ip: \"%s\" is no IP address", args->ip);
    const char *wrong = rehearsal_cast_listener(args->listener, settings, &out->listener);
    if (wrong)
        return arena_format(arena, "--listener: %s", wrong);
    wrong = parse("--helo", args->helo ? args->helo : "localhost", settings, arena, &out->hello);
    if (!wrong)
        wrong = parse("--mail-from", args->mail_from ? args->mail_from : "<>", settings, arena, &out->mail);
    return wrong ? wrong : cast_rcpts(args, settings, arena, out);
}
