/* rate_limit_config: the options of the filter and what is checked beyond them. */
#include "filters/filter.h"
#include "filters/rate_limit/rate_limit.h"

#include <inttypes.h>

enum { LIMITS_MAX = 64, NAME_MAX_BYTES = 40, BURST_MAX = 100000000 };

static const char *const unit_words[] = {"recipients", "messages", NULL};

static const struct option limit_options[] = {
    {.key = "name", .type = OPTION_TEXT, .offset = offsetof(struct rate_limit, name), .doc = "The limit's name; its fact is rate.NAME."},
    {.key = "", .type = OPTION_NODE, .offset = offsetof(struct rate_limit, node)},
    {.key = "rate",
     .type = OPTION_RATE,
     .offset = offsetof(struct rate_limit, rate),
     .required = true,
     .fallback = "120/1h",
     .doc = "Events in a time, for each value of the key."},
    {.key = "key",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct rate_limit, key),
     .fallback = "client.ip",
     .doc = "What is counted for itself: client.ip, client.net, helo, sender, sender.domain, rcpt, rcpt.domain, auth.user, or a list of "
            "them for a combination. An event that lacks a part is not counted."},
    {.key = "burst",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct rate_limit, burst),
     .min = 1,
     .max = BURST_MAX,
     .doc = "Events that may come at once; without it as many as the rate's count."},
    {.key = "net4",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct rate_limit, net4),
     .fallback = "24",
     .min = 8,
     .max = 32,
     .doc = "Bits of an IPv4 address that make a client.net."},
    {.key = "net6",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct rate_limit, net6),
     .fallback = "64",
     .min = 16,
     .max = 128,
     .doc = "Bits of an IPv6 address that make a client.net."},
    {.key = "unit",
     .type = OPTION_WORD,
     .offset = offsetof(struct rate_limit, unit),
     .words = unit_words,
     .fallback = "recipients",
     .doc = "What an event is: each recipient, or each message (counted at its first recipient)."},
    {.key = NULL},
};

const struct option rate_limit_options[] = {
    {.key = "limits",
     .type = OPTION_NAMED,
     .offset = offsetof(struct rate_limit_config, limits),
     .section = limit_options,
     .section_size = sizeof(struct rate_limit),
     .doc = "The limits by name. A rate alone (120/1h) is a limit by client address."},
    {.key = NULL},
};

const char *const rate_limit_words[] = {"ok", "over", NULL};

static const char *const part_names[RATE_PART_COUNT] = {
    [RATE_CLIENT_IP] = "client.ip",
    [RATE_CLIENT_NET] = "client.net",
    [RATE_HELO] = "helo",
    [RATE_SENDER] = "sender",
    [RATE_RCPT] = "rcpt",
    [RATE_RCPT_DOMAIN] = "rcpt.domain",
    [RATE_SENDER_DOMAIN] = "sender.domain",
    [RATE_AUTH_USER] = "auth.user",
};

const char *rate_part_name(enum rate_part part)
{
    return part_names[part];
}

static int find_part(const char *word)
{
    for (int i = 0; i < RATE_PART_COUNT; i++)
        if (strcmp(part_names[i], word) == 0)
            return i;
    return -1;
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

static void add_part(struct filter_setup *setup, struct rate_limit *limit, const char *word, const struct conf_node *node)
{
    int part = find_part(word);
    if (part < 0) {
        const char *near = conf_nearest(slice_of(word), part_names, RATE_PART_COUNT);
        conf_error_at(setup->errors, node, "unknown key part \"%s\"%s%s%s", word, near ? "; did you mean \"" : "", near ? near : "",
                      near ? "\"?" : "");
        return;
    }
    for (size_t i = 0; i < limit->part_count; i++)
        if ((int)limit->parts[i] == part) {
            conf_error_at(setup->errors, node, "\"%s\" stands twice", word);
            return;
        }
    limit->parts[limit->part_count++] = (enum rate_part)part;
}

static void check_key(struct filter_setup *setup, struct rate_limit *limit)
{
    const char *const *words = limit->key.items;
    if (limit->key.count == 0)
        conf_error_at(setup->errors, limit->node, "\"key\" is empty");
    for (size_t i = 0; i < limit->key.count; i++)
        if (words[i])
            add_part(setup, limit, words[i], key_node(limit, i));
}

static void check_rate(struct filter_setup *setup, struct rate_limit *limit)
{
    if (limit->rate.count == 0)
        return; /* missing or malformed: told by the option table */
    if (limit->burst == 0)
        limit->burst = limit->rate.count;
    if (!gcra_limit_make(limit->rate.count, limit->rate.period_ms, limit->burst, &limit->gcra))
        conf_error_at(setup->errors, limit->node, "a burst of %" PRId64 " at this rate would reach further than %d days", limit->burst,
                      GCRA_HORIZON_DAYS);
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

static void add_fact(struct filter_setup *setup, struct rate_limit *limit)
{
    struct fact_def *def = arena_alloc(setup->arena, sizeof *def);
    if (!limit->name || !is_name(slice_of(limit->name))) {
        conf_error_at(setup->errors, limit->node, "a limit's name is letters, digits, \"_\" and \"-\", at most %d", NAME_MAX_BYTES);
        return;
    }
    *def = (struct fact_def){
        .name = arena_format(setup->arena, "rate.%s", limit->name),
        .type = FACT_WORD,
        .since = STAGE_RCPT,
        .scope = FACT_RECIPIENT,
        .words = rate_limit_words,
        .doc = "Whether this limit is over; absent if it does not apply.",
    };
    int id = fact_schema_add(setup->schema, def);
    if (id < 0)
        conf_error_at(setup->errors, limit->node, "the name \"%s\" is taken: there is a fact \"%s\" already", limit->name, def->name);
    else
        limit->fact = id - setup->fact_base;
}

void rate_limit_configure(struct filter_setup *setup)
{
    struct rate_limit_config *config = setup->config;
    struct rate_limit *limits = config->limits.items;
    if (config->limits.count > LIMITS_MAX)
        conf_error_at(setup->errors, setup->node, "%zu limits, more than %d", config->limits.count, LIMITS_MAX);
    for (size_t i = 0; i < config->limits.count; i++) {
        check_key(setup, &limits[i]);
        check_rate(setup, &limits[i]);
        add_fact(setup, &limits[i]);
    }
}
