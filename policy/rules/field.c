/* field: see field.h. */
#include "policy/rules/field.h"

#include "policy/policy_loader.h"

/** Fields that may stand only once (RFC 5322 §3.6, RFC 2045 §3), or that others must be able to believe. */
static const char *const not_added[] = {
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "Date",
    "MIME-Version",
    "Received",
    "Return-Path",
    "DKIM-Signature",
    "Authentication-Results",
    "Content-Type",
    "ARC-Seal",
    "Received-SPF",
    "Delivered-To",
    "Content-Transfer-Encoding",
    "Content-Disposition",
};

/** Fields that no rule removes: the trace, which only grows on the way (RFC 5321 §4.4), those that every message must have (RFC 5322
 *  §3.6), and those that tell how its body is to be read (RFC 2045). */
static const char *const not_removed[] = {
    "Received", "Return-Path", "From", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

enum { NOT_ADDED = sizeof not_added / sizeof not_added[0], NOT_REMOVED = sizeof not_removed / sizeof not_removed[0], FIELD_ADDED_MAX = 64 };

static bool is_one_of(struct slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_nocase(name, slice_of(names[i])))
            return true;
    return false;
}

/** Letters, digits and hyphens: narrower than RFC 5322 §3.6.8, as wide as anybody's needs. */
static bool is_plain_name(struct slice name)
{
    if (name.len == 0 || name.len > FIELD_ADDED_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return true;
}

static struct rule_effect *load_added(struct policy_loader *l, const struct conf_node *node)
{
    if (!is_plain_name(node->key)) {
        conf_error_at_key(l->errors, node, "a field name is letters, digits and hyphens, at most %d", FIELD_ADDED_MAX);
        return NULL;
    }
    if (is_one_of(node->key, not_added, NOT_ADDED)) {
        conf_error_at_key(l->errors, node, "a rule may not add this field; use a name of your own, such as X-Policy");
        return NULL;
    }
    struct rule_effect *e = effect_new(l, node->key);
    bool good = policy_loader_scalar(l, node, "a text") && template_load(l, node, node->text, TAG_VALUE_MAX, &e->value);
    return good ? e : NULL;
}

/** RFC 5322 §3.6.8: printable ASCII but the colon; a "*" only at the end, behind something. */
static bool is_removable_name(struct slice name)
{
    if (name.len == 0 || name.len > HEADER_FIELD_MAX || name.ptr[0] == '*')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == ':' || (name.ptr[i] == '*' && i + 1 < name.len))
            return false;
    return true;
}

static bool covers(struct slice name, struct slice field)
{
    if (name.ptr[name.len - 1] == '*')
        return slice_starts_nocase(field, slice_first(name, name.len - 1));
    return slice_eq_nocase(name, field);
}

static struct rule_effect *load_removed(struct policy_loader *l, const struct conf_node *node)
{
    if (!policy_loader_scalar(l, node, "a field's name"))
        return NULL;
    if (!is_removable_name(node->text)) {
        conf_error_at(l->errors, node, "\"%.*s\" is no field name such as X-Spam-Flag or X-Spam-*", SLICE_FMT(slice_first(node->text, 80)));
        return NULL;
    }
    for (size_t i = 0; i < NOT_REMOVED; i++)
        if (covers(node->text, slice_of(not_removed[i]))) {
            conf_error_at(l->errors, node, "a rule may not remove %s", not_removed[i]);
            return NULL;
        }
    return effect_new(l, node->text);
}

typedef struct rule_effect *(*load_field_fn)(struct policy_loader *l, const struct conf_node *node);

static struct rule_effect *load_all(struct policy_loader *l, const struct conf_node *node, load_field_fn load)
{
    struct rule_effect *first = NULL, **last = &first;
    bool good = true;
    for (const struct conf_node *n = node->children; n; n = n->next) {
        *last = load(l, n);
        good &= *last != NULL;
        if (*last)
            last = &(*last)->next;
    }
    return good ? first : NULL;
}

struct rule_effect *field_load_added(struct policy_loader *l, const struct conf_node *node)
{
    if (node->kind == CONF_MAP && node->count > 0)
        return load_all(l, node, load_added);
    conf_error_at(l->errors, node, "a mapping of field names to texts is needed");
    return NULL;
}

struct rule_effect *field_load_removed(struct policy_loader *l, const struct conf_node *node)
{
    if (node->kind == CONF_SCALAR)
        return load_removed(l, node);
    if (node->kind == CONF_LIST && node->count > 0)
        return load_all(l, node, load_removed);
    conf_error_at(l->errors, node, "a list of field names is needed");
    return NULL;
}
