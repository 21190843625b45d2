/* policytest_expect: see policytest_expect.h. */
#include "proxy/policytest/policytest_expect.h"

#include "base/config/option_units.h"

enum { RULES_MAX = 4096, DURATION_SHOWN = 40 };

struct expecting {
    struct policytest_reader *r;
    struct policytest_picture *out;
    const struct policy_settings *policy;
    enum policytest_aspect aspect;
};

static void expect_text(void *ctx, const struct conf_node *item)
{
    struct expecting *e = ctx;
    policytest_picture_add(e->out, e->aspect, item->text, e->r->arena);
}

static void expect_action(struct expecting *e, const struct conf_node *node)
{
    const char *names[ACTION_COUNT];
    size_t count = 0;
    for (int a = 0; a < ACTION_COUNT; a++)
        if (!action_goes_on((enum action)a))
            names[count++] = action_name((enum action)a);
    if (policytest_reader_word(e->r, node, "an action that decides", names, count) >= 0)
        expect_text(e, node);
}

static size_t add_rules(struct expecting *e, const struct policy *policy, const char **names, size_t count)
{
    size_t listed;
    const struct policy_listing *list = policy_list_rules(policy, e->r->arena, &listed);
    for (size_t i = 0; i < listed && count < RULES_MAX; i++)
        names[count++] = list[i].rule;
    return count;
}

/** A rule that does not exist can never decide: the case would fail for a reason that is hard to see. */
static void expect_rule(void *ctx, const struct conf_node *node)
{
    struct expecting *e = ctx;
    const struct settings *s = e->r->settings;
    const char **names = arena_alloc(e->r->arena, RULES_MAX * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < s->policy_count; i++)
        if (!e->policy || e->policy == &s->policies[i])
            count = add_rules(e, s->policies[i].policy, names, count);
    if (count == RULES_MAX || policytest_reader_word(e->r, node, "the name of a rule", names, count) >= 0)
        expect_text(e, node);
}

static void expect_tags(struct expecting *e, const struct conf_node *node)
{
    if (node->kind != CONF_MAP) {
        conf_error_at(e->r->errors, node, "fields are a mapping such as {X-Policy: \"spf=fail\"}, not %s", conf_kind_name(node->kind));
        return;
    }
    e->out->of[POLICYTEST_TAG].known = true;
    for (const struct conf_node *n = node->children; n; n = n->next)
        if (policytest_reader_scalar(e->r, n, "a text"))
            policytest_picture_add(e->out, POLICYTEST_TAG, slice_of(arena_format(e->r->arena, "%s: %s", n->key.ptr, n->text.ptr)),
                                   e->r->arena);
}

static void expect_delay(struct expecting *e, const struct conf_node *node)
{
    int64_t ms;
    struct slice number;
    const struct option_unit *unit;
    if (!policytest_reader_scalar(e->r, node, "a duration"))
        return;
    if (option_units_parse(option_durations, node->text, &ms, &number, &unit) == OPTION_UNITS_OK)
        policytest_picture_add(e->out, POLICYTEST_DELAY, policytest_duration(ms, e->r->arena), e->r->arena);
    else
        conf_error_at(e->r->errors, node, "\"%.*s\" is no duration with a unit (500ms, 30s, 5m)",
                      SLICE_FMT(slice_first(node->text, DURATION_SHOWN)));
}

/** Null, and an empty list, stand for "none". */
static void expect_list(struct expecting *e, const struct conf_node *node, void (*fn)(void *ctx, const struct conf_node *item),
                        const char *needed)
{
    e->out->of[e->aspect].known = true;
    if (!conf_is_null(node))
        policytest_reader_each(e->r, node, needed, fn, e);
}

static void expect_aspect(struct expecting *e, const struct conf_node *node)
{
    switch (e->aspect) {
    case POLICYTEST_ACTION:
        expect_action(e, node);
        break;
    case POLICYTEST_RULE:
    case POLICYTEST_SHADOW:
        expect_list(e, node, expect_rule, "the name of a rule");
        break;
    case POLICYTEST_TAG:
        expect_tags(e, node);
        break;
    case POLICYTEST_DELAY:
        expect_delay(e, node);
        break;
    default:
        expect_list(e, node, expect_text, "a text");
        break;
    }
}

static bool is_effect(enum policytest_aspect aspect)
{
    return aspect >= POLICYTEST_TAG && aspect <= POLICYTEST_DELAY;
}

static void expect_aspects(struct expecting *e, const struct conf_node *node, bool effects)
{
    for (int a = 0; a < POLICYTEST_ASPECTS; a++) {
        e->aspect = (enum policytest_aspect)a;
        const struct conf_node *value = conf_get(node, policytest_aspect_name(e->aspect));
        if (value && is_effect(e->aspect) == effects)
            expect_aspect(e, value);
    }
}

static void expect_effects(struct expecting *e, const struct conf_node *node)
{
    static const char *const keys[] = {"tag", "remove_header", "subject_tag", "add_recipient", "delay"};
    if (node->kind == CONF_SCALAR && slice_eq(node->text, SLICE("none"))) {
        for (int a = POLICYTEST_TAG; a <= POLICYTEST_DELAY; a++)
            e->out->of[a].known = true;
        return;
    }
    if (policytest_reader_map(e->r, node, "what the rules that go on do, or none,", keys, sizeof keys / sizeof keys[0]))
        expect_aspects(e, node, true);
}

void policytest_expect_load(struct policytest_reader *r, const struct conf_node *node, const struct policy_settings *policy,
                            struct policytest_picture *out)
{
    static const char *const keys[] = {"action", "rule", "reply", "to", "effects", "shadow"};
    struct expecting e = {.r = r, .out = out, .policy = policy, .aspect = POLICYTEST_ACTION};
    *out = (struct policytest_picture){0};
    if (node->kind == CONF_SCALAR) {
        expect_action(&e, node);
        return;
    }
    if (!policytest_reader_map(r, node, "an expectation", keys, sizeof keys / sizeof keys[0]))
        return;
    if (node->count == 0)
        conf_error_at(r->errors, node, "nothing is expected: this case could not fail");
    expect_aspects(&e, node, false);
    if (conf_get(node, "effects"))
        expect_effects(&e, conf_get(node, "effects"));
}
