/* policytest_load: see policytest_load.h. */
#include "proxy/policytest/policytest_load.h"

#include "proxy/policytest/policytest_expect.h"
#include "proxy/policytest/policytest_given.h"
#include "proxy/policytest/policytest_session.h"

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
        policytest_session_load(r, c, root);
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
    if (!policytest_reader_map(r, node, "a case", keys, sizeof keys / sizeof keys[0]))
        return c;
    c->name = load_name(r, file, node);
    c->policy = find_policy(r, own ? own : top && top->kind == CONF_SCALAR ? top : NULL);
    if (stage)
        load_stage(r, stage, c);
    policytest_session_check(r, session);
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
    policytest_session_check(r, session);
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
