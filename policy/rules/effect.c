/* effect: see effect.h. Fields are read by field.c, mailboxes by target.c. */
#include "policy/rules/effect.h"

#include "base/config/option_units.h"
#include "policy/policy_loader.h"
#include "policy/rules/field.h"
#include "policy/rules/target.h"

struct rule_effect *effect_new(struct policy_loader *l, struct slice name)
{
    struct rule_effect *e = arena_alloc(l->arena, sizeof *e);
    e->name = name;
    return e;
}

static struct rule_effect *load_subject(struct policy_loader *l, const struct conf_node *node)
{
    struct rule_effect *e = effect_new(l, SLICE(""));
    if (!policy_loader_scalar(l, node, "a text"))
        return NULL;
    if (slice_empty(slice_trim(node->text))) {
        conf_error_at(l->errors, node, "a text is needed, such as \"[SUSPECT] \"");
        return NULL;
    }
    return template_load(l, node, node->text, SUBJECT_TAG_MAX, &e->value) ? e : NULL;
}

static struct rule_effect *load_delay(struct policy_loader *l, const struct conf_node *node)
{
    struct rule_effect *e = effect_new(l, SLICE(""));
    struct slice number;
    const struct option_unit *meant;
    if (!policy_loader_scalar(l, node, "a duration"))
        return NULL;
    if (option_units_parse(option_durations, node->text, &e->delay_ms, &number, &meant) != OPTION_UNITS_OK) {
        conf_error_at(l->errors, node, "\"%.*s\" is no duration (such as 500ms or 5s)", SLICE_FMT(slice_first(node->text, 40)));
        return NULL;
    }
    if (e->delay_ms >= 1 && e->delay_ms <= DELAY_MS_MAX)
        return e;
    conf_error_at(l->errors, node, "a delay is between 1ms and 60s: clients give up on a server that is silent for long");
    return NULL;
}

struct rule_effect *effects_load(struct policy_loader *l, const struct conf_node *rule, enum action action)
{
    switch (action) {
    case ACTION_TAG:
        return field_load_added(l, conf_get(rule, "header"));
    case ACTION_REMOVE_HEADER:
        return field_load_removed(l, conf_get(rule, "names"));
    case ACTION_SUBJECT_TAG:
        return load_subject(l, conf_get(rule, "text"));
    case ACTION_ADD_RECIPIENT:
        return target_load_effects(l, conf_get(rule, "to"));
    case ACTION_DELAY:
        return load_delay(l, conf_get(rule, "for"));
    default:
        return NULL;
    }
}
