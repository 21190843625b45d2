/* policytest_config: see policytest_config.h. */
#include "proxy/policytest/policytest_config.h"

#include "proxy/settings/settings_table.h"

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

void policytest_config_load(struct policytest_reader *r, const struct conf_node *root, const char **path, const struct conf_node **tree)
{
    static const char *const keys[] = {"config", "policy", "lists", "session", "zone", "cases"};
    const struct conf_node *config = conf_get(root, "config"), *policy = conf_get(root, "policy"), *lists = conf_get(root, "lists");
    bool here = policy && policy->kind == CONF_MAP;
    *path = NULL;
    *tree = NULL;
    if (!policytest_reader_map(r, root, "a test file", keys, sizeof keys / sizeof keys[0]))
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
