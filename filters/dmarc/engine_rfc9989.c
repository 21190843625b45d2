/* engine_rfc9989: DMARC as RFC 9989 has it, our own. See dmarc_eval.h.
 *
 * What is aligned stands below the author's organizational domain, so only such domains get a tree walk of their own: a forger's
 * domains cost nothing, and their silence excuses nothing. Where an answer could have made something align, but could not be
 * looked up, the verdict is a temporary error (§5.3.6). */
#include "filters/dmarc/dmarc_eval.h"
#include "filters/dmarc/tree_walk.h"
#include "filters/domain_name.h"

enum alignment { ALIGNED_NO, ALIGNED_MAYBE, ALIGNED_YES };

struct check {
    const struct dmarc_query *query;
    struct dns_view *view;
    struct dmarc_verdict *verdict;
    struct tree_walk author;
    bool existence_unknown; /* of the author's domain, and it matters */
};

static void end_with(struct check *c, enum dmarc_result result, const char *reason)
{
    c->verdict->result = result;
    c->verdict->reason = reason;
}

/* ---- the policy (§4.10.1) ---- */

/* np= instead of sp= (§3.2.13, Appendix A.4): any answer but NXDOMAIN means that the domain exists. */
static bool author_exists(struct check *c)
{
    if (c->author.nodes[0].exists)
        return true;
    const struct dns_answer *answer = dns_view_find(c->view, c->query->from_domain, DNS_TYPE_A);
    c->existence_unknown = answer && answer->status == DNS_FAILURE;
    return !answer || answer->status != DNS_NXDOMAIN;
}

static enum dmarc_tag choose_tag(struct check *c, const struct tree_node *node)
{
    if (node == c->author.nodes)
        return DMARC_TAG_P;
    return node->record.np == node->record.sp || author_exists(c) ? DMARC_TAG_SP : DMARC_TAG_NP;
}

/* t=y: one step lower (§4.7). */
static enum dmarc_policy lower(enum dmarc_policy policy)
{
    return policy == DMARC_POLICY_IS_REJECT ? DMARC_POLICY_IS_QUARANTINE : DMARC_POLICY_IS_NONE;
}

static void take_policy(struct check *c, const struct tree_node *node)
{
    const enum dmarc_policy policies[] = {
        [DMARC_TAG_P] = node->record.p, [DMARC_TAG_SP] = node->record.sp, [DMARC_TAG_NP] = node->record.np};
    c->verdict->record_domain = node->domain;
    c->verdict->tag = choose_tag(c, node);
    c->verdict->policy = policies[c->verdict->tag];
    c->verdict->test = node->record.test;
    if (node->record.test)
        c->verdict->policy = lower(c->verdict->policy);
}

static const char *why_no_record(const struct tree_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->nodes[i].several)
            return "several records";
    return "";
}

/* The record that applies; NULL: the verdict stands. */
static const struct tree_node *discover(struct check *c)
{
    const struct tree_node *node;
    switch (tree_walk_policy(&c->author, &node)) {
    case TREE_POLICY_UNKNOWN:
        end_with(c, DMARC_IS_TEMPERROR, "record could not be looked up");
        return NULL;
    case TREE_POLICY_NONE:
        end_with(c, DMARC_IS_NONE, why_no_record(&c->author));
        return NULL;
    case TREE_POLICY_FOUND:
        break;
    }
    if (node->usable)
        return node;
    end_with(c, DMARC_IS_PERMERROR, "record is malformed");
    return NULL;
}

/* ---- alignment (§4.10.2) ---- */

static enum alignment align(struct check *c, struct slice identity, bool strict)
{
    struct slice from = c->query->from_domain;
    struct tree_walk walk;
    if (identity.len == 0)
        return ALIGNED_NO;
    if (slice_eq(identity, from))
        return ALIGNED_YES;
    if (strict || !domain_name_is_within(identity, c->author.org))
        return ALIGNED_NO;
    tree_walk_run(identity, c->view, &walk);
    if (walk.missing || !walk.certain || !c->author.certain)
        return ALIGNED_MAYBE;
    return slice_eq(walk.org, c->author.org) ? ALIGNED_YES : ALIGNED_NO;
}

/* The best of several. All that lack an answer are looked at, so that everything is asked for at once. */
static enum alignment align_any(struct check *c, const struct slice *identities, size_t count, bool strict)
{
    enum alignment best = ALIGNED_NO;
    for (size_t i = 0; i < count && best != ALIGNED_YES; i++) {
        enum alignment one = align(c, identities[i], strict);
        if (one > best)
            best = one;
    }
    return best;
}

/* Something that got a temporary error, but would be aligned, may still speak for the message. */
static bool is_undecided(struct check *c, const struct dmarc_record *record)
{
    const struct dmarc_query *query = c->query;
    return align(c, query->spf_unknown, record->strict_spf) != ALIGNED_NO ||
           align_any(c, query->dkim_unknown, query->dkim_unknown_count, record->strict_dkim) != ALIGNED_NO;
}

static void judge(struct check *c, const struct dmarc_record *record)
{
    const struct dmarc_query *query = c->query;
    enum alignment spf = align(c, query->spf_domain, record->strict_spf);
    enum alignment dkim = align_any(c, query->dkim_domains, query->dkim_count, record->strict_dkim);
    c->verdict->spf_aligned = spf == ALIGNED_YES;
    c->verdict->dkim_aligned = dkim == ALIGNED_YES;
    if (spf == ALIGNED_YES || dkim == ALIGNED_YES)
        end_with(c, DMARC_IS_PASS, "");
    else if (spf == ALIGNED_MAYBE || dkim == ALIGNED_MAYBE)
        end_with(c, DMARC_IS_TEMPERROR, "alignment could not be looked up");
    else if (is_undecided(c, record))
        end_with(c, DMARC_IS_TEMPERROR, "an aligned domain could not be checked");
    else if (c->existence_unknown)
        end_with(c, DMARC_IS_TEMPERROR, "the author's domain could not be looked up");
    else
        end_with(c, DMARC_IS_FAIL, "");
}

static void evaluate(const struct dmarc_query *query, struct dns_view *view, struct arena *arena, struct dmarc_verdict *verdict)
{
    struct check c = {.query = query, .view = view, .verdict = verdict};
    *verdict = (struct dmarc_verdict){.result = DMARC_IS_NONE, .reason = "", .record_domain = SLICE(""), .org_domain = SLICE("")};
    tree_walk_run(query->from_domain, view, &c.author);
    if (c.author.missing || c.author.count == 0)
        return;
    if (c.author.certain)
        verdict->org_domain = c.author.org;
    const struct tree_node *node = discover(&c);
    if (!node)
        return;
    take_policy(&c, node);
    judge(&c, &node->record);
}

const struct dmarc_engine dmarc_engine_rfc9989 = {"rfc9989", NULL, evaluate};
