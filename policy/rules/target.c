/* target: see target.h. */
#include "policy/rules/target.h"

#include "filters/mailbox_fold.h"
#include "filters/smtp_mailbox.h"
#include "policy/policy_loader.h"

/** The domain in lower case, as it stands in facts and is sent to the backend. */
static struct slice normalise(struct policy_loader *l, struct slice mailbox)
{
    struct slice domain = mailbox_domain(mailbox), lower = arena_lower(l->arena, domain);
    char *copy = arena_string(l->arena, mailbox);
    memcpy(copy + mailbox.len - domain.len, lower.ptr, domain.len);
    return slice_make(copy, mailbox.len);
}

bool target_load(struct policy_loader *l, const struct conf_node *node, struct slice *mailbox)
{
    if (!policy_loader_scalar(l, node, "a mailbox"))
        return false;
    struct slice shown = slice_first(node->text, 80);
    const char *wrong = smtp_mailbox_check(node->text);
    if (slice_index(node->text, '{') >= 0) /* valid (RFC 5322 §3.2.3), but hardly meant */
        wrong = "it stands as it is, without {facts}";
    if (wrong)
        conf_error_at(l->errors, node, "\"%.*s\" is no mailbox: %s", SLICE_FMT(shown), wrong);
    else
        *mailbox = normalise(l, node->text);
    return !wrong;
}

static struct rule_effect *load_one(struct policy_loader *l, const struct conf_node *node)
{
    struct rule_effect *e = effect_new(l, SLICE(""));
    struct slice mailbox;
    if (!target_load(l, node, &mailbox))
        return NULL;
    e->value = template_verbatim(mailbox, l->arena);
    return e;
}

struct rule_effect *target_load_effects(struct policy_loader *l, const struct conf_node *node)
{
    struct rule_effect *first = NULL, **last = &first;
    bool good = true;
    if (node->kind == CONF_SCALAR)
        return load_one(l, node);
    if (node->kind == CONF_MAP || node->count == 0) {
        conf_error_at(l->errors, node, "a mailbox or a list of mailboxes is needed");
        return NULL;
    }
    for (const struct conf_node *n = node->children; n; n = n->next) {
        *last = load_one(l, n);
        good &= *last != NULL;
        if (*last)
            last = &(*last)->next;
    }
    return good ? first : NULL;
}
