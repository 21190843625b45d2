/* policy_tag: see policy_tag.h. */
#include "policy/policy_tag.h"

#include "policy/policy_loader.h"

/** Fields that may stand only once (RFC 5322 §3.6, RFC 2045 §3), or that others must be able to believe. */
static const char *const reserved[] = {
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

static bool is_reserved(struct slice name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (slice_eq_nocase(name, slice_of(reserved[i])))
            return true;
    return false;
}

/** Letters, digits and hyphens: narrower than RFC 5322 §3.6.8, as wide as anybody's needs. */
static bool is_field_name(struct slice name)
{
    if (name.len == 0 || name.len > TAG_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return true;
}

static struct tag_header *load_one(struct policy_loader *l, const struct conf_node *node)
{
    if (!is_field_name(node->key)) {
        conf_error_at_key(l->errors, node, "a field name is letters, digits and hyphens, at most %d", TAG_NAME_MAX);
        return NULL;
    }
    if (is_reserved(node->key)) {
        conf_error_at_key(l->errors, node, "a rule may not add this field; use a name of your own, such as X-Policy");
        return NULL;
    }
    struct tag_header *h = arena_alloc(l->arena, sizeof *h);
    h->name = node->key;
    bool good = policy_loader_scalar(l, node, "a text") && template_load(l, node, node->text, TAG_VALUE_MAX, &h->value);
    return good ? h : NULL;
}

struct tag_header *tag_load(struct policy_loader *l, const struct conf_node *node)
{
    struct tag_header *first = NULL, **last = &first;
    bool good = true;
    if (node->kind != CONF_MAP || node->count == 0) {
        conf_error_at(l->errors, node, "a mapping of field names to texts is needed");
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
