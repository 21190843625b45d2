/* rate_limit_config: what is checked of a limit beyond its options, and the facts it adds. */
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit.h"

#include <inttypes.h>

enum { NAME_MAX_BYTES = 40 };

enum stage rate_unit_stage(enum rate_unit unit)
{
    if (unit == RATE_CONNECTIONS || unit == RATE_SESSIONS)
        return STAGE_CONNECT;
    return unit == RATE_BYTES ? STAGE_DATA : STAGE_RCPT;
}

bool rate_unit_looks(enum rate_unit unit)
{
    return unit == RATE_REFUSED_RECIPIENTS || unit == RATE_AUTH_FAILURES;
}

/** The node of the n-th key part, for an error's position. */
static const struct conf_node *key_node(const struct rate_limit *limit, size_t n)
{
    const struct conf_node *key = conf_get(limit->node, "key");
    const struct conf_node *item = key && key->kind == CONF_LIST ? key->children : key;
    while (item && n-- > 0 && item->next)
        item = item->next;
    return item ? item : limit->node;
}

/** The fact that a part is made of. */
static const char *fact_of_part(const char *word)
{
    static const char *const others[][2] = {{"client.net", "client.ip"}, {"sender", "mail_from"}, {"sender.domain", "mail_from.domain"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i][0], word) == 0)
            return others[i][1];
    return word;
}

static void complain_unknown(struct filter_setup *setup, const char *word, const struct conf_node *node)
{
    static const char *const own[] = {"client.net", "sender", "sender.domain"};
    const char *near = conf_nearest(slice_of(word), own, 3);
    if (!near)
        near = fact_schema_nearest(setup->schema, slice_of(word));
    conf_error_at(setup->errors, node, "unknown key part \"%s\"%s%s%s", word, near ? "; did you mean \"" : "", near ? near : "",
                  near ? "\"?" : "");
}

bool rate_limit_is_of_one_recipient(const struct rate_limit *limit, const struct fact_def *def)
{
    return (limit->unit == RATE_MESSAGES || limit->unit == RATE_BYTES) && def->scope == FACT_RECIPIENT;
}

/** Whether it can be looked at: our own facts come after it. A header field that nobody has asked for before is new, too. */
static bool is_known(const struct filter_setup *setup, int id)
{
    return id >= 0 && (id < setup->fact_base || slice_starts(slice_of(fact_schema_def(setup->schema, id)->name), SLICE("header.")));
}

static bool check_part(struct filter_setup *setup, const struct rate_limit *limit, const char *word, int id, const struct conf_node *node)
{
    if (!is_known(setup, id)) {
        complain_unknown(setup, word, node);
        return false;
    }
    const struct fact_def *def = fact_schema_def(setup->schema, id);
    enum stage last = rate_unit_stage((enum rate_unit)limit->unit);
    if (def->since > last)
        conf_error_at(setup->errors, node, "\"%s\" is not known before stage %s; this unit is counted at stage %s", word,
                      stage_name(def->since), stage_name(last));
    else if (rate_limit_is_of_one_recipient(limit, def))
        conf_error_at(setup->errors, node, "\"%s\" differs between the recipients of a message; take the unit recipients", word);
    else
        return true;
    return false;
}

static void add_part(struct filter_setup *setup, struct rate_limit *limit, const char *word, const struct conf_node *node)
{
    int id = fact_schema_find(setup->schema, slice_of(fact_of_part(word)));
    if (!check_part(setup, limit, word, id, node))
        return;
    for (size_t i = 0; i < limit->part_count; i++)
        if (strcmp(limit->parts[i].name, word) == 0) {
            conf_error_at(setup->errors, node, "\"%s\" stands twice", word);
            return;
        }
    if (limit->part_count == RATE_PARTS_MAX) {
        conf_error_at(setup->errors, node, "more than %d key parts", RATE_PARTS_MAX);
        return;
    }
    const struct fact_def *def = fact_schema_def(setup->schema, id);
    limit->parts[limit->part_count++] = (struct rate_part){word, id, def->type, strcmp(word, "client.net") == 0};
    if (rate_unit_looks((enum rate_unit)limit->unit) && def->since > limit->since)
        limit->since = def->since;
}

static void check_key(struct filter_setup *setup, struct rate_limit *limit)
{
    const char *const *words = limit->key.items;
    if (limit->key.count == 0)
        conf_error_at(setup->errors, limit->node, "\"key\" is empty");
    limit->since = rate_unit_looks((enum rate_unit)limit->unit) ? STAGE_CONNECT : rate_unit_stage((enum rate_unit)limit->unit);
    for (size_t i = 0; i < limit->key.count; i++)
        if (words[i])
            add_part(setup, limit, words[i], key_node(limit, i));
}

static void check_unfit(struct filter_setup *setup, const struct rate_limit *limit, const char *key, bool set)
{
    const struct conf_node *node = conf_get(limit->node, key);
    if (set)
        conf_error_at(setup->errors, node ? node : limit->node, "\"%s\" does not go with the unit sessions, which has \"max\"", key);
}

static void check_sessions(struct filter_setup *setup, struct rate_limit *limit)
{
    if (limit->max == 0 && !conf_get(limit->node, "max"))
        conf_error_at(setup->errors, limit->node, "the unit sessions needs \"max\": how many may be open at once");
    check_unfit(setup, limit, "rate", limit->rate.count != 0);
    check_unfit(setup, limit, "burst", limit->burst != 0);
    check_unfit(setup, limit, "cost", limit->cost != 1);
    check_unfit(setup, limit, "costs", limit->costs.count != 0);
}

static void check_rate(struct filter_setup *setup, struct rate_limit *limit)
{
    if (conf_get(limit->node, "max"))
        conf_error_at(setup->errors, conf_get(limit->node, "max"), "\"max\" goes with the unit sessions only; a rate is needed here");
    if (limit->rate.count == 0) {
        if (!conf_get(limit->node, "rate") && limit->node && limit->node->kind == CONF_MAP)
            conf_error_at(setup->errors, limit->node, "\"rate\" is missing, such as 120/1h");
        return; /* malformed: told by the option table */
    }
    if (limit->burst == 0)
        limit->burst = limit->rate.count;
    if (!gcra_limit_make(limit->rate.count, limit->rate.period_ms, limit->burst, &limit->gcra))
        conf_error_at(setup->errors, limit->node, "a burst of %" PRId64 " at this rate would reach further than %d days", limit->burst,
                      GCRA_HORIZON_DAYS);
    if (limit->cost > limit->burst)
        conf_error_at(setup->errors, limit->node, "an event costs %" PRId64 ", more than the burst of %" PRId64, limit->cost, limit->burst);
}

static bool is_name(struct slice name)
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '-')
            return false;
    return true;
}

static enum fact_scope scope_of(const struct rate_limit *limit)
{
    switch (limit->since) {
    case STAGE_CONNECT:
    case STAGE_HELO:
        return FACT_SESSION;
    case STAGE_MAIL:
    case STAGE_DATA:
        return FACT_TRANSACTION;
    case STAGE_RCPT:
    case STAGE_COUNT:
        break;
    }
    return FACT_RECIPIENT;
}

static int add_fact(struct filter_setup *setup, const struct rate_limit *limit, enum rate_limit_fact which)
{
    static const char *const suffixes[] = {"", ".used", ".wait"};
    static const char *const docs[] = {
        "Whether this limit is over; absent if it does not apply.",
        "How much of this limit's burst is used up, or how many sessions are open.",
        "Seconds until this limit would not be over; absent if it is not, or if nobody can know.",
    };
    struct fact_def *def = arena_alloc(setup->arena, sizeof *def);
    *def = (struct fact_def){
        .name = arena_format(setup->arena, "rate.%s%s", limit->name, suffixes[which]),
        .type = which == RATE_LIMIT_FINDING ? FACT_WORD : FACT_NUMBER,
        .since = limit->since,
        .scope = scope_of(limit),
        .words = which == RATE_LIMIT_FINDING ? rate_limit_words : NULL,
        .doc = docs[which],
    };
    int id = fact_schema_add(setup->schema, def);
    if (id < 0)
        conf_error_at(setup->errors, limit->node, "the name \"%s\" is taken: there is a fact \"%s\" already", limit->name, def->name);
    return id - setup->fact_base;
}

static void add_facts(struct filter_setup *setup, struct rate_limit *limit)
{
    if (!limit->name || !is_name(slice_of(limit->name))) {
        conf_error_at(setup->errors, limit->node, "a limit's name is letters, digits, \"_\" and \"-\", at most %d", NAME_MAX_BYTES);
        return;
    }
    limit->fact = add_fact(setup, limit, RATE_LIMIT_FINDING);
    add_fact(setup, limit, RATE_LIMIT_USED);
    add_fact(setup, limit, RATE_LIMIT_WAIT);
}

void rate_limit_configure(struct filter_setup *setup)
{
    struct rate_limit_config *config = setup->config;
    struct rate_limit *limits = config->limits.items;
    config->size_fact = fact_schema_find(setup->schema, SLICE("size"));
    if (config->limits.count > RATE_LIMITS_MAX)
        conf_error_at(setup->errors, setup->node, "%zu limits, more than %d", config->limits.count, RATE_LIMITS_MAX);
    for (size_t i = 0; i < config->limits.count; i++) {
        check_key(setup, &limits[i]);
        if (limits[i].unit == RATE_SESSIONS)
            check_sessions(setup, &limits[i]);
        else
            check_rate(setup, &limits[i]);
        rate_limit_check_rules(setup, &limits[i]);
        add_facts(setup, &limits[i]);
    }
}
