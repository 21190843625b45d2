/* policytest_load: see policytest_load.h. */
#include "proxy/policytest/policytest_load.h"

#include "proxy/offline/rehearsal_cast.h"
#include "proxy/policytest/policytest_expect.h"
#include "proxy/policytest/policytest_given.h"
#include "proxy/settings/settings_table.h"

enum { SHOWN_MAX = 80 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- the top ---- */

static struct conf_node *copy_node(struct arena *arena, const struct conf_node *node, const char *key)
{
    struct conf_node *copy = arena_alloc(arena, sizeof *copy);
    *copy = *node;
    copy->key = slice_of(key);
    copy->next = NULL;
    return copy;
}

/** A policy needs no listener to be tested, but a configuration does. */
static const struct conf_node *make_tree(struct policytest_reader *r, const struct conf_node *policy, const struct conf_node *lists)
{
    struct conf_node *tree = conf_read_text(SLICE("hostname: mx.example.org\n"
                                                  "listeners: [\"127.0.0.1:25\"]\n"
                                                  "backends: {none: \"127.0.0.1:10025\"}\n"
                                                  "state: {directory: null}\n"),
                                            policy->file, r->arena, r->errors);
    struct conf_node *policies = copy_node(r->arena, policy, "policies"), *last = tree->children;
    policies->kind = CONF_MAP;
    policies->children = copy_node(r->arena, policy, SETTINGS_DEFAULT_POLICY);
    policies->count = 1;
    policies->next = lists ? copy_node(r->arena, lists, "lists") : NULL;
    while (last->next)
        last = last->next;
    last->next = policies;
    tree->count += lists ? 2 : 1;
    return tree;
}

void policytest_load_config(struct policytest_reader *r, const struct conf_node *root, const char **path, const struct conf_node **tree)
{
    static const char *const keys[] = {"config", "policy", "lists", "session", "zone", "cases"};
    const struct conf_node *config = conf_get(root, "config"), *policy = conf_get(root, "policy"), *lists = conf_get(root, "lists");
    bool here = policy && policy->kind == CONF_MAP;
    *path = NULL;
    *tree = NULL;
    if (!policytest_reader_map(r, root, "a test file", keys, COUNT(keys)))
        return;
    if (config && here)
        conf_error_at_key(r->errors, config, "the policy stands in this file already, under `policy`");
    if (lists && !here)
        conf_error_at_key(r->errors, lists, "lists stand beside a policy in this file; others are those of the configuration");
    if (here)
        *tree = make_tree(r, policy, lists);
    else if (config && policytest_reader_scalar(r, config, "a configuration's file"))
        *path = policytest_reader_path(r, config);
}

/* ---- sessions ---- */

static const char *const session_keys[] = {"ip", "helo", "mail_from", "rcpt", "listener"};

struct casting {
    struct policytest_reader *r;
    struct policytest_case *c;
    const struct conf_node *root;
    struct smtp_command *rcpts;
};

/** A key of the case's session, or of the one that the file has for all. */
static const struct conf_node *session_value(const struct casting *t, const char *key)
{
    const struct conf_node *own = conf_get(conf_get(t->c->node, "session"), key);
    return own ? own : conf_get(conf_get(t->root, "session"), key);
}

static const struct conf_node *needed_value(const struct casting *t, const char *key)
{
    const struct conf_node *value = session_value(t, key);
    if (!value)
        conf_error_at(t->r->errors, t->c->node, "session.%s is missing", key);
    return value;
}

static void cast(const struct casting *t, const struct conf_node *node, enum smtp_verb verb, struct smtp_command *out)
{
    out->verb = verb;
    const char *wrong = rehearsal_cast_command(node->text.ptr, t->r->settings, t->r->arena, out);
    if (wrong)
        conf_error_at(t->r->errors, node, "%s", wrong);
}

static void cast_rcpt(void *ctx, const struct conf_node *item)
{
    struct casting *t = ctx;
    cast(t, item, SMTP_RCPT, &t->rcpts[t->c->script.rcpt_count++]);
}

static void cast_rcpts(struct casting *t)
{
    const struct conf_node *node = needed_value(t, "rcpt");
    if (!node)
        return;
    t->rcpts = arena_alloc(t->r->arena, (node->count + 1) * sizeof *t->rcpts);
    t->c->script.rcpts = t->rcpts;
    policytest_reader_each(t->r, node, "a recipient", cast_rcpt, t);
}

static void cast_ip(const struct casting *t)
{
    const struct conf_node *node = needed_value(t, "ip");
    if (node && policytest_reader_scalar(t->r, node, "an IP address") && !net_addr_parse_ip(node->text, &t->c->script.client))
        conf_error_at(t->r->errors, node, "\"%.*s\" is no IP address", SLICE_FMT(slice_first(node->text, SHOWN_MAX)));
}

/** A policy that the case names takes the place of the listener's and of those of its recipients. */
static void cast_listener(const struct casting *t)
{
    struct policytest_case *c = t->c;
    const struct listener_settings *chosen;
    const struct conf_node *node = session_value(t, "listener");
    const char *text = node && policytest_reader_scalar(t->r, node, "an address with port") ? node->text.ptr : NULL;
    const char *wrong = rehearsal_cast_listener(text, t->r->settings, &chosen);
    if (wrong)
        conf_error_at(t->r->errors, node, "%s", wrong);
    c->listener = *chosen;
    if (c->policy) {
        c->listener.policy = c->policy->name;
        c->listener.policy_loaded = c->policy->policy;
        c->listener.routes.count = 0;
    }
    c->script.listener = &c->listener;
}

static void load_session(struct policytest_reader *r, struct policytest_case *c, const struct conf_node *root)
{
    struct casting t = {.r = r, .c = c, .root = root};
    const struct conf_node *helo = needed_value(&t, "helo"), *sender = needed_value(&t, "mail_from");
    c->plays = true;
    c->script.judged = true;
    cast_ip(&t);
    cast_listener(&t);
    if (helo && policytest_reader_scalar(r, helo, "a name"))
        cast(&t, helo, SMTP_EHLO, &c->script.hello);
    if (sender && policytest_reader_scalar(r, sender, "an address, or <>"))
        cast(&t, sender, SMTP_MAIL, &c->script.mail);
    cast_rcpts(&t);
}

/* ---- cases ---- */

static const struct policy_settings *find_policy(struct policytest_reader *r, const struct conf_node *node)
{
    const struct settings *s = r->settings;
    const char **names = arena_alloc(r->arena, (s->policy_count + 1) * sizeof *names);
    if (!node)
        return NULL;
    for (size_t i = 0; i < s->policy_count; i++)
        names[i] = s->policies[i].name;
    int index = policytest_reader_word(r, node, "the name of a policy", names, s->policy_count);
    return index < 0 ? NULL : &s->policies[index];
}

static void load_stage(struct policytest_reader *r, const struct conf_node *node, struct policytest_case *c)
{
    const char *names[STAGE_COUNT];
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        names[stage] = stage_name((enum stage)stage);
    int stage = policytest_reader_word(r, node, "a stage", names, STAGE_COUNT);
    c->has_stage = stage >= 0;
    if (c->has_stage)
        c->stage = (enum stage)stage;
}

/** A fact that comes later would be looked at by no rule of this stage. */
static void check_since(struct policytest_reader *r, const struct conf_node *given, enum stage stage)
{
    for (const struct conf_node *n = given->kind == CONF_MAP ? given->children : NULL; n; n = n->next) {
        int id = fact_schema_find(r->settings->facts, n->key);
        const struct fact_def *def = id < 0 ? NULL : fact_schema_def(r->settings->facts, id);
        if (def && def->since > stage)
            conf_error_at_key(r->errors, n, "\"%s\" is not known yet at stage %s; it is from stage %s on", def->name, stage_name(stage),
                              stage_name(def->since));
    }
}

static void load_given(struct policytest_reader *r, const struct conf_node *given, struct policytest_case *c)
{
    enum stage known = policytest_given_load(r, given, &c->facts);
    if (c->has_stage)
        check_since(r, given, c->stage);
    else
        c->stage = known;
}

static void load_input(struct policytest_reader *r, struct policytest_case *c, const struct conf_node *root)
{
    const struct conf_node *given = conf_get(c->node, "given"), *zone = conf_get(c->node, "zone");
    c->message = conf_get(c->node, "message");
    bool session = c->message || conf_get(c->node, "session");
    zone = zone ? zone : conf_get(root, "zone");
    if (given && (session || conf_get(c->node, "zone")))
        conf_error_at_key(r->errors, given, "facts are given, or found out in a session; not both");
    if (!given && !session)
        conf_error_at(r->errors, c->node, "`given` with facts is missing, or `session` with or without a `message`");
    if (given)
        load_given(r, given, c);
    else if (session)
        load_session(r, c, root);
    if (c->message && !policytest_reader_scalar(r, c->message, "a message's file"))
        c->message = NULL;
    if (zone && policytest_reader_scalar(r, zone, "a zone's file"))
        c->zone = policytest_reader_path(r, zone);
}

static void check_name(struct policytest_reader *r, const struct policytest_file *file, const struct conf_node *name)
{
    for (const struct policytest_case *c = file->cases; c; c = c->next)
        if (slice_eq(name->text, slice_of(c->name)))
            conf_error_at(r->errors, name, "there is a case of this name already, in line %u", c->node->line);
}

static const char *load_name(struct policytest_reader *r, const struct policytest_file *file, const struct conf_node *node)
{
    const struct conf_node *name = conf_get(node, "name");
    if (!name) {
        conf_error_at(r->errors, node, "\"name\" is missing: it says what the case proves");
        return "";
    }
    if (!policytest_reader_scalar(r, name, "a name"))
        return "";
    check_name(r, file, name);
    return name->text.ptr;
}

static struct policytest_case *load_case(struct policytest_reader *r, const struct policytest_file *file, const struct conf_node *node)
{
    static const char *const keys[] = {"name", "policy", "stage", "given", "session", "message", "zone", "expect"};
    struct policytest_case *c = arena_alloc(r->arena, sizeof *c);
    const struct conf_node *top = conf_get(file->root, "policy"), *own = conf_get(node, "policy"), *stage = conf_get(node, "stage");
    const struct conf_node *expect = conf_get(node, "expect"), *session = conf_get(node, "session");
    c->node = node;
    c->name = "";
    if (!policytest_reader_map(r, node, "a case", keys, COUNT(keys)))
        return c;
    c->name = load_name(r, file, node);
    c->policy = find_policy(r, own ? own : top && top->kind == CONF_SCALAR ? top : NULL);
    if (stage)
        load_stage(r, stage, c);
    if (session)
        policytest_reader_map(r, session, "a session", session_keys, COUNT(session_keys));
    load_input(r, c, file->root);
    if (expect)
        policytest_expect_load(r, expect, c->policy, &c->expected);
    else
        conf_error_at(r->errors, node, "\"expect\" is missing");
    return c;
}

void policytest_load_cases(struct policytest_reader *r, struct policytest_file *file)
{
    const struct conf_node *cases = conf_get(file->root, "cases"), *session = conf_get(file->root, "session");
    struct policytest_case **last = &file->cases;
    if (session)
        policytest_reader_map(r, session, "a session", session_keys, COUNT(session_keys));
    if (!cases || cases->kind != CONF_LIST || cases->count == 0) {
        conf_error_at(r->errors, cases ? cases : file->root, "\"cases\" is a list of at least one case");
        return;
    }
    for (const struct conf_node *n = cases->children; n; n = n->next) {
        *last = load_case(r, file, n);
        last = &(*last)->next;
        file->count++;
    }
}
