/* policy_loader: see policy_loader.h. */
#include "policy/policy_loader.h"

enum { SHOWN_MAX = 80 };

static void note(struct policy_loader *l, const struct conf_node *node, enum loader_place place, const char *text)
{
    if (place == AT_KEY)
        conf_error_at_key(l->errors, node, "%s", text);
    else
        conf_error_at(l->errors, node, "%s", text);
}

static const char *unknown_fact(struct policy_loader *l, struct slice name)
{
    const char *near = fact_schema_nearest(l->schema, name);
    struct slice shown = slice_first(name, SHOWN_MAX);
    if (near)
        return arena_format(l->arena, "unknown fact \"%.*s\"; did you mean \"%s\"?", SLICE_FMT(shown), near);
    return arena_format(l->arena, "unknown fact \"%.*s\"; `mailweir config facts` lists them", SLICE_FMT(shown));
}

/** A rule that waits for a fact which never comes is likely to be a mistake. */
static void warn_if_off(struct policy_loader *l, const struct conf_node *node, enum loader_place place, int id)
{
    static const char format[] = "\"%s\" is always absent: filter %s is off; `filters: {%s: {enabled: true}}` turns it on";
    const char *name = fact_schema_def(l->schema, id)->name, *filter = fact_schema_off(l->schema, id);
    if (filter && place == AT_KEY)
        conf_warning_at_key(l->errors, node, format, name, filter, filter);
    else if (filter)
        conf_warning_at(l->errors, node, format, name, filter, filter);
}

int policy_loader_fact(struct policy_loader *l, const struct conf_node *node, enum loader_place place, struct slice name)
{
    int id = fact_schema_find(l->schema, name);
    if (id < 0) {
        note(l, node, place, unknown_fact(l, name));
        return -1;
    }
    const struct fact_def *def = fact_schema_def(l->schema, id);
    if (def->since > l->stage) {
        note(l, node, place,
             arena_format(l->arena, "\"%s\" is not known yet at stage %s; it is from stage %s on", def->name, stage_name(l->stage),
                          stage_name(def->since)));
        return -1;
    }
    warn_if_off(l, node, place, id);
    return id;
}

void policy_loader_check_split(struct policy_loader *l, const struct conf_node *node, int fact)
{
    const struct fact_def *def = fact_schema_def(l->schema, fact);
    if (l->stage != STAGE_DATA || def->scope != FACT_RECIPIENT || l->split || l->shadow)
        return;
    conf_error_at_key(l->errors, node,
                      "\"%s\" may differ between the recipients of one message, but one reply answers all of them at stage data: put "
                      "`split: defer` (recipients for whom it differs come one after the other) or `split: lenient` (the mildest decision "
                      "counts for all) into the policy, or the rule into stage rcpt",
                      def->name);
}

const char *policy_loader_join(struct policy_loader *l, const char *const *words, size_t count)
{
    const char *text = count > 0 ? words[0] : "";
    for (size_t i = 1; i < count; i++)
        text = arena_format(l->arena, "%s%s%s", text, i + 1 == count ? " and " : ", ", words[i]);
    return text;
}

void policy_loader_unknown(struct policy_loader *l, const struct conf_node *node, enum loader_place place, const char *what,
                           const char *const *candidates, size_t count)
{
    struct slice name = place == AT_KEY ? node->key : node->text, shown = slice_first(name, SHOWN_MAX);
    const char *near = conf_nearest(name, candidates, count);
    const char *text = near ? arena_format(l->arena, "unknown %s \"%.*s\"; did you mean \"%s\"?", what, SLICE_FMT(shown), near)
                            : arena_format(l->arena, "unknown %s \"%.*s\"; there are %s", what, SLICE_FMT(shown),
                                           policy_loader_join(l, candidates, count));
    note(l, node, place, text);
}

bool policy_loader_scalar(struct policy_loader *l, const struct conf_node *node, const char *needed)
{
    if (node->kind == CONF_SCALAR && !conf_is_null(node))
        return true;
    conf_error_at(l->errors, node, "%s is needed, not %s", needed,
                  node->kind == CONF_SCALAR ? "an empty value" : conf_kind_name(node->kind));
    return false;
}

int policy_loader_word(struct policy_loader *l, const struct conf_node *node, const char *what, const char *const *words)
{
    size_t count = 0;
    if (!policy_loader_scalar(l, node, arena_format(l->arena, "a %s", what)))
        return -1;
    for (; words[count]; count++)
        if (slice_eq(node->text, slice_of(words[count])))
            return (int)count;
    policy_loader_unknown(l, node, AT_VALUE, what, words, count);
    return -1;
}
