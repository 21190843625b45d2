/* tree_walk: see tree_walk.h. */
#include "filters/dmarc/tree_walk.h"

#include "filters/domain_name.h"

enum { LABELS_WALKED = 7 /* what is left of a name of 8 labels or more after the first step */ };

static const struct slice prefix = {"_dmarc.", 7};

/* Empty: domain has one label. */
static struct slice parent_of(struct slice domain)
{
    ptrdiff_t dot = slice_index(domain, '.');
    return dot < 0 ? slice_skip(domain, domain.len) : slice_skip(domain, (size_t)dot + 1);
}

static size_t count_labels(struct slice domain)
{
    size_t labels = domain.len > 0;
    for (size_t i = 0; i < domain.len; i++)
        labels += domain.ptr[i] == '.';
    return labels;
}

/* The steps 3, 4 and 7 of §4.10. */
static void list_domains(struct slice domain, struct tree_walk *walk)
{
    size_t labels = count_labels(domain);
    walk->count = 0;
    while (domain.len && walk->count < TREE_WALK_QUERIES_MAX) {
        walk->nodes[walk->count++] = (struct tree_node){.domain = domain};
        do
            domain = parent_of(domain);
        while (--labels > LABELS_WALKED);
    }
}

static const struct dns_answer *ask(struct slice domain, struct dns_view *view)
{
    static const struct dns_answer too_long = {.status = DNS_NXDOMAIN};
    char name[sizeof "_dmarc." + DOMAIN_NAME_MAX];
    if (domain.len > DOMAIN_NAME_MAX)
        return &too_long;
    memcpy(name, prefix.ptr, prefix.len);
    memcpy(name + prefix.len, domain.ptr, domain.len);
    return dns_view_find(view, slice_make(name, prefix.len + domain.len), DNS_TYPE_TXT);
}

/* The steps 2 and 6. */
static void read_answer(struct tree_node *node, const struct dns_answer *answer)
{
    struct slice text;
    node->exists = answer->status == DNS_OK || answer->status == DNS_NODATA;
    if (answer->status == DNS_FAILURE)
        node->state = TREE_NODE_FAILED;
    size_t records = dmarc_record_select(answer, &text);
    node->several = records > 1;
    if (records != 1)
        return;
    node->state = TREE_NODE_RECORD;
    node->usable = dmarc_record_parse(text, &node->record);
}

static bool ends_walk(const struct tree_node *node)
{
    return node->state == TREE_NODE_RECORD && node->record.psd != DMARC_PSD_UNKNOWN;
}

/* One label more of the domain the walk started at than the node has; that domain itself if the node is where it started. */
static struct slice one_below(const struct tree_walk *walk, const struct tree_node *node)
{
    struct slice start = walk->nodes[0].domain, below = start;
    while (below.len > node->domain.len && parent_of(below).len > node->domain.len)
        below = parent_of(below);
    return below;
}

/* What the organizational domain would be were this node the last to say anything. A node that failed might be that domain; a
 * single label that failed cannot: if there is a record, it has psd=y, for that is a public suffix operator's duty (§5.2). */
static struct slice org_by(const struct tree_walk *walk, const struct tree_node *node)
{
    bool suffix = node->state == TREE_NODE_FAILED ? slice_index(node->domain, '.') < 0 : node->record.psd == DMARC_PSD_YES;
    return suffix ? one_below(walk, node) : node->domain;
}

/* §4.10.2. Nodes are taken from the longest to the shortest, and what stands last wins. */
static void find_org(struct tree_walk *walk)
{
    walk->org = walk->nodes[0].domain;
    walk->certain = true;
    for (size_t i = 0; i < walk->count; i++) {
        const struct tree_node *node = &walk->nodes[i];
        if (node->state == TREE_NODE_EMPTY)
            continue;
        struct slice org = org_by(walk, node);
        if (node->state == TREE_NODE_FAILED && (slice_index(node->domain, '.') >= 0 || org.len != walk->org.len))
            walk->certain = false;
        walk->org = org;
    }
}

void tree_walk_run(struct slice domain, struct dns_view *view, struct tree_walk *walk)
{
    const struct dns_answer *answers[TREE_WALK_QUERIES_MAX];
    walk->missing = false;
    list_domains(domain, walk);
    for (size_t i = 0; i < walk->count; i++) {
        answers[i] = ask(walk->nodes[i].domain, view);
        walk->missing = walk->missing || !answers[i];
    }
    if (walk->missing)
        return;
    for (size_t i = 0; i < walk->count; i++) {
        read_answer(&walk->nodes[i], answers[i]);
        if (ends_walk(&walk->nodes[i]))
            walk->count = i + 1;
    }
    find_org(walk);
}

static const struct tree_node *record_at(const struct tree_walk *walk, struct slice domain)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->nodes[i].domain.len == domain.len)
            return walk->nodes[i].state == TREE_NODE_RECORD ? &walk->nodes[i] : NULL;
    return NULL;
}

static bool any_failed(const struct tree_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->nodes[i].state == TREE_NODE_FAILED)
            return true;
    return false;
}

enum tree_policy tree_walk_policy(const struct tree_walk *walk, const struct tree_node **node)
{
    const struct tree_node *first = walk->nodes, *last = &walk->nodes[walk->count - 1];
    *node = first;
    if (first->state == TREE_NODE_RECORD)
        return TREE_POLICY_FOUND;
    if (first->state == TREE_NODE_FAILED || !walk->certain)
        return TREE_POLICY_UNKNOWN;
    *node = record_at(walk, walk->org);
    if (!*node && ends_walk(last))
        *node = last; /* psd=y: with psd=n it would be the organizational domain */
    if (*node)
        return TREE_POLICY_FOUND;
    return any_failed(walk) ? TREE_POLICY_UNKNOWN : TREE_POLICY_NONE;
}
