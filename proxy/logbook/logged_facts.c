/* logged_facts: see logged_facts.h. */
#include "proxy/logbook/logged_facts.h"

#include "base/text_list.h"
#include "filters/facts_record.h"

/** Keys of decision_log.c and candidate_log.c that are no facts. */
static const char *const other_keys[] = {
    "time",         "level",       "pid",          "event",         "session",        "stage",          "policy",       "tx",
    "from",         "to",          "rcpts",        "rcpts.refused", "rcpts.deferred", "action",         "rule",         "effects",
    "code",         "reply",       "error",        "backend.reply", "queue",          "filters.failed", "delivered.to", "signed",
    "unsigned",     "facts.cut",   "ms",           "truncated",     "regex.gave_up",  "candidate",      "live.action",  "live.rule",
    "live.effects", "shadow.rule", "shadow.would", "shadow.action",
};

static bool is_other_key(struct slice key)
{
    for (size_t i = 0; i < sizeof other_keys / sizeof other_keys[0]; i++)
        if (slice_eq(key, slice_of(other_keys[i])))
            return true;
    return slice_starts(key, SLICE("candidate."));
}

/** "<joe@example.com>" without its brackets; ptr NULL: it is no such path. */
static struct slice strip_brackets(struct slice path)
{
    if (path.len < 2 || path.ptr[0] != '<' || path.ptr[path.len - 1] != '>')
        return slice_make(NULL, 0);
    return slice_make(path.ptr + 1, path.len - 2);
}

/** The domain is what follows the last "@"; <postmaster> has none. */
static void set_mailbox(struct facts *facts, struct slice text, int whole, int local, int domain)
{
    ptrdiff_t at = slice_last_index(text, '@');
    if (!text.ptr)
        return;
    facts_set_text(facts, whole, text);
    if (text.len == 0)
        return;
    facts_set_text(facts, local, at < 0 ? text : slice_first(text, (size_t)at));
    if (at >= 0)
        facts_set_text(facts, domain, slice_skip(text, (size_t)at + 1));
}

static void read_envelope(const struct log_line *line, const struct core_facts *id, enum stage stage, struct facts *facts)
{
    struct slice rcpt = stage == STAGE_RCPT ? strip_brackets(log_line_get(line, "to")) : log_line_get(line, "rcpt");
    set_mailbox(facts, strip_brackets(log_line_get(line, "from")), id->mail_from, id->mail_from_local, id->mail_from_domain);
    if (stage >= STAGE_RCPT)
        set_mailbox(facts, rcpt, id->rcpt, id->rcpt_local, id->rcpt_domain);
}

/** name of a path: the whole, its domain or its local part. */
static struct slice part_of_path(struct slice path, struct slice name, struct slice of)
{
    ptrdiff_t at = slice_last_index(path, '@');
    struct slice part = slice_skip(name, of.len);
    if (!path.ptr || part.len == 0)
        return path;
    if (path.len && slice_eq(part, SLICE(".local")))
        return at < 0 ? path : slice_first(path, (size_t)at);
    return at >= 0 && slice_eq(part, SLICE(".domain")) ? slice_skip(path, (size_t)at + 1) : slice_make(NULL, 0);
}

struct slice logged_facts_value(const struct log_line *line, struct slice name, struct arena *arena)
{
    struct slice value = log_line_get(line, arena_string(arena, name));
    if (!value.ptr && slice_starts(name, SLICE("mail_from")))
        return part_of_path(strip_brackets(log_line_get(line, "from")), name, SLICE("mail_from"));
    if (value.ptr || !slice_starts(name, SLICE("rcpt")))
        return value;
    struct slice rcpt = log_line_is(line, "stage", "rcpt") ? strip_brackets(log_line_get(line, "to")) : log_line_get(line, "rcpt");
    return part_of_path(rcpt, name, SLICE("rcpt"));
}

/** Client and greeting are on every line, as a port of 0 and an empty name before they are known. */
static bool is_unknown_yet(const struct core_facts *id, int fact, struct slice value)
{
    return (fact == id->client_port && slice_eq(value, SLICE("0"))) || (fact == id->helo && value.len == 0);
}

static int find_fact(const struct fact_schema *schema, struct slice name)
{
    for (int id = 0; id < (int)fact_schema_count(schema); id++)
        if (slice_eq(slice_of(fact_schema_def(schema, id)->name), name))
            return id;
    return -1;
}

void logged_facts_read(const struct log_line *line, const struct settings *settings, enum stage stage, struct arena *arena,
                       struct facts *facts, logged_facts_lost_fn lost, void *ctx)
{
    struct slice cut = log_line_get(line, "facts.cut"), name;
    read_envelope(line, &settings->core, stage, facts);
    for (size_t i = 0; i < line->count; i++) {
        const struct log_pair *pair = &line->pairs[i];
        int id = find_fact(settings->facts, pair->key);
        if (id < 0 && !is_other_key(pair->key))
            lost(ctx, pair->key, "is in the log, but unknown under this configuration");
        if (id < 0 || is_unknown_yet(&settings->core, id, pair->value) || facts_get(facts, id)->present)
            continue;
        if (!facts_from_record(facts, id, pair->value, arena))
            lost(ctx, pair->key, "has a value in the log that it cannot have under this configuration");
    }
    while (text_list_next(&cut, ',', &name, arena))
        lost(ctx, name, "was cut when it was logged");
}
