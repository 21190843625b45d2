/* policytest_given: see policytest_given.h. */
#include "proxy/policytest/policytest_given.h"

#include "filters/lists/pattern.h"
#include "policy/policy_number.h"
#include "proxy/offline/rehearsal_cast.h"
#include "proxy/settings/core_facts.h"

enum { SHOWN_MAX = 80 };

struct giving {
    struct policytest_reader *r;
    struct facts *facts;
    int id;
    struct slice *items; /* of a list */
    size_t count;
};

static void refuse(struct giving *g, const struct conf_node *node, const char *needed)
{
    conf_error_at(g->r->errors, node, "\"%s\" needs %s, not \"%.*s\"", fact_schema_def(g->facts->schema, g->id)->name, needed,
                  SLICE_FMT(slice_first(node->text, SHOWN_MAX)));
}

static void give_word(struct giving *g, const struct conf_node *node)
{
    const struct fact_def *def = fact_schema_def(g->facts->schema, g->id);
    size_t count = 0;
    while (def->words[count])
        count++;
    int i = policytest_reader_word(g->r, node, arena_format(g->r->arena, "a word that \"%s\" can be", def->name), def->words, count);
    if (i >= 0)
        facts_set_text(g->facts, g->id, slice_of(def->words[i]));
}

static void give_number(struct giving *g, const struct conf_node *node)
{
    int64_t number;
    if (policy_number_parse(node->text, &number))
        facts_set_number(g->facts, g->id, number);
    else
        refuse(g, node, "a number (such as 100, 50MiB or 5m)");
}

static void give_address(struct giving *g, const struct conf_node *node)
{
    struct net_addr addr;
    if (net_addr_parse_ip(node->text, &addr))
        facts_set_address(g->facts, g->id, &addr);
    else
        refuse(g, node, "an IP address");
}

/** A domain is known in lower case, also that of a mailbox. */
static struct slice lower_domain(struct giving *g, struct slice name)
{
    size_t local = (size_t)(slice_last_index(name, '@') + 1);
    struct slice domain = arena_lower(g->r->arena, slice_skip(name, local));
    return slice_of(arena_format(g->r->arena, "%.*s%.*s", (int)local, name.ptr, SLICE_FMT(domain)));
}

static void give_name(struct giving *g, const struct conf_node *node, enum pattern_kind kind, const char *needed)
{
    struct pattern p;
    bool pattern = node->text.ptr[0] == '@' || slice_index(node->text, '*') >= 0;
    if (!pattern && !pattern_parse(node->text, g->r->arena, &p) && p.kind == kind && p.covers == PATTERN_SELF)
        facts_set_text(g->facts, g->id, lower_domain(g, node->text));
    else
        refuse(g, node, needed);
}

/** Reverse-path and forward-path by the grammar of the session, which knows <> and <postmaster>. */
static void give_path(struct giving *g, const struct conf_node *node, enum smtp_verb verb)
{
    const struct settings *s = g->r->settings;
    struct smtp_command command = {.verb = verb};
    const char *wrong = rehearsal_cast_command(node->text.ptr, s, g->r->arena, &command);
    if (wrong) {
        conf_error_at(g->r->errors, node, "%s", wrong);
    } else if (verb == SMTP_MAIL) {
        core_facts_publish_sender(s, &command.path, g->r->arena, g->facts);
    } else {
        struct mail_transaction tx = {.rcpt = command.path, .arena = g->r->arena};
        core_facts_publish_rcpt(s, &tx, g->facts);
    }
}

/** As a session has it: a listener of the configuration, by address and port. */
static void give_listener(struct giving *g, const struct conf_node *node)
{
    const struct listener_settings *listener;
    char text[NET_ADDR_TEXT];
    const char *wrong = rehearsal_cast_listener(node->text.ptr, g->r->settings, &listener);
    if (wrong)
        conf_error_at(g->r->errors, node, "%s", wrong);
    else
        facts_set_text(g->facts, g->id, slice_of(arena_string(g->r->arena, slice_of(net_addr_format(&listener->address, text)))));
}

static void add_item(void *ctx, const struct conf_node *item)
{
    struct giving *g = ctx;
    g->items[g->count++] = item->text;
}

static void give_list(struct giving *g, const struct conf_node *node)
{
    g->items = arena_alloc(g->r->arena, (node->count + 1) * sizeof *g->items);
    policytest_reader_each(g->r, node, "a text", add_item, g);
    facts_set_list(g->facts, g->id, g->items, g->count);
}

static void give_scalar(struct giving *g, const struct conf_node *node, enum fact_type type)
{
    switch (type) {
    case FACT_WORD:
        give_word(g, node);
        break;
    case FACT_NUMBER:
        give_number(g, node);
        break;
    case FACT_ADDRESS:
        give_address(g, node);
        break;
    case FACT_DOMAIN:
        give_name(g, node, PATTERN_DOMAIN, "a domain");
        break;
    case FACT_MAILBOX:
        give_name(g, node, PATTERN_MAILBOX, "a mailbox");
        break;
    default:
        facts_set_text(g->facts, g->id, node->text);
        break;
    }
}

static void warn_if_off(struct giving *g, const struct conf_node *node)
{
    const char *filter = fact_schema_off(g->facts->schema, g->id);
    if (filter)
        conf_warning_at_key(g->r->errors, node, "\"%s\" is always absent: filter %s is off", node->key.ptr, filter);
}

static enum stage give(struct giving *g, const struct conf_node *node)
{
    const struct fact_def *def = fact_schema_def(g->facts->schema, g->id);
    const struct core_facts *core = &g->r->settings->core;
    warn_if_off(g, node);
    if (def->type == FACT_LIST)
        give_list(g, node);
    else if (!policytest_reader_scalar(g->r, node, "a value"))
        ;
    else if (g->id == core->mail_from || g->id == core->rcpt)
        give_path(g, node, g->id == core->rcpt ? SMTP_RCPT : SMTP_MAIL);
    else if (g->id == core->listener)
        give_listener(g, node);
    else
        give_scalar(g, node, def->type);
    return def->since;
}

/** A header field that no rule looks at is no fact; that may be a slip of the pen. */
static void complain(struct giving *g, const struct conf_node *node)
{
    const struct settings *s = g->r->settings;
    struct slice name = slice_first(node->key, SHOWN_MAX), field = slice_skip(name, strlen("header."));
    bool header = slice_starts_nocase(name, SLICE("header."));
    const char *near = header ? conf_nearest(field, s->header_names, s->header_fact_count) : fact_schema_nearest(s->facts, name);
    const char *hint = near ? arena_format(g->r->arena, "; did you mean \"%s%s\"?", header ? "header." : "", near) : "";
    if (header)
        conf_warning_at_key(g->r->errors, node, "no rule looks at \"%.*s\"%s", SLICE_FMT(name), hint);
    else
        conf_error_at_key(g->r->errors, node, "unknown fact \"%.*s\"%s", SLICE_FMT(name),
                          near ? hint : "; `mailweir config facts` lists them");
}

/** The paths go first: a fact that they bring along may be given otherwise. */
static bool is_path(const struct giving *g)
{
    return g->id == g->r->settings->core.mail_from || g->id == g->r->settings->core.rcpt;
}

enum stage policytest_given_load(struct policytest_reader *r, const struct conf_node *node, struct facts *facts)
{
    enum stage since = STAGE_CONNECT;
    facts_init(facts, r->settings->facts, r->arena);
    if (node->kind != CONF_MAP) {
        conf_error_at(r->errors, node, "facts are a mapping such as {spf: fail}, not %s", conf_kind_name(node->kind));
        return since;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (const struct conf_node *n = node->children; n; n = n->next) {
            struct giving g = {.r = r, .facts = facts, .id = fact_schema_find(r->settings->facts, n->key)};
            if (g.id < 0 && pass == 0)
                complain(&g, n);
            if (g.id < 0 || is_path(&g) != (pass == 0))
                continue;
            enum stage known = give(&g, n);
            since = known > since ? known : since;
        }
    }
    return since;
}
