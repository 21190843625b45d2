/* engine_libopendmarc: DMARC of RFC 7489 with libopendmarc behind guards. See dmarc_eval.h.
 *
 * The library drops one-letter labels when it compares domains, so that x.com aligns with every .com; it lets strict alignment
 * pass subdomains, loses a pass when a fail follows, and goes on with half a record after a syntax error. So records are parsed
 * and written anew (dmarc_record.c), alignment is found with libpsl (org_domain.c), and the library is told only of what is
 * aligned, under the very name of the author's domain. It then has the last word on the policy; should it ever disagree with
 * the guards, the verdict is a temporary error and never pass. Its DNS, SPF and report functions are not used. */
#include "filters/dmarc/dmarc_eval.h"
#include "filters/dmarc/org_domain.h"

#include <opendmarc/dmarc.h>

/* A record that was found. */
struct found {
    struct slice domain;
    struct dmarc_record record;
    bool at_org; /* at the organizational domain of a subdomain: sp= applies */
};

static u_char *bytes_of(const char *text)
{
    return (u_char *)(uintptr_t)text;
}

static const struct dns_answer *ask(struct slice domain, struct dns_view *view, struct arena *arena)
{
    return dns_view_find(view, slice_of(arena_format(arena, "_dmarc.%.*s", SLICE_FMT(domain))), DNS_TYPE_TXT);
}

static void end_with(struct dmarc_verdict *verdict, enum dmarc_result result, const char *reason)
{
    verdict->result = result;
    verdict->reason = reason;
}

enum search { SEARCH_FOUND, SEARCH_EMPTY /* go on at the organizational domain */, SEARCH_ENDED /* verdict stands */ };

static enum search search_at(struct slice domain, struct dns_view *view, struct arena *arena, struct found *found,
                             struct dmarc_verdict *verdict)
{
    struct slice text;
    const struct dns_answer *answer = ask(domain, view, arena);
    if (!answer)
        return SEARCH_ENDED; /* to be run again */
    if (answer->status == DNS_FAILURE) {
        end_with(verdict, DMARC_IS_TEMPERROR, "record could not be looked up");
        return SEARCH_ENDED;
    }
    size_t records = dmarc_record_select(answer, &text);
    if (records == 0)
        return SEARCH_EMPTY;
    found->domain = domain;
    if (records == 1 && dmarc_record_parse(text, &found->record))
        return SEARCH_FOUND;
    if (records == 1)
        end_with(verdict, DMARC_IS_PERMERROR, "record is malformed");
    else
        end_with(verdict, DMARC_IS_NONE, "several records"); /* §6.6.3 step 5 */
    return SEARCH_ENDED;
}

/* Policy discovery (§6.6.3). Both names are asked for at once. */
static bool search(struct slice from, struct dns_view *view, struct arena *arena, struct found *found, struct dmarc_verdict *verdict)
{
    struct slice org = org_domain_of(from);
    bool below = !slice_eq(org, from);
    if (below)
        ask(org, view, arena);
    enum search at_from = search_at(from, view, arena, found, verdict);
    if (at_from != SEARCH_EMPTY)
        return at_from == SEARCH_FOUND;
    if (!below)
        return false;
    found->at_org = true;
    return search_at(org, view, arena, found, verdict) == SEARCH_FOUND;
}

/* Identifier alignment (§3.1). */
static bool is_aligned(struct slice from, struct slice identity, bool strict)
{
    if (identity.len == 0)
        return false;
    return strict ? slice_eq(from, identity) : slice_eq(org_domain_of(from), org_domain_of(identity));
}

static bool any_aligned(struct slice from, const struct slice *domains, size_t count, bool strict)
{
    for (size_t i = 0; i < count; i++)
        if (is_aligned(from, domains[i], strict))
            return true;
    return false;
}

static int ask_library(DMARC_POLICY_T *ctx, const char *from, const char *org, const char *record, const struct dmarc_verdict *aligned)
{
    if (opendmarc_policy_store_from_domain(ctx, bytes_of(from)) != DMARC_PARSE_OKAY ||
        opendmarc_policy_store_dmarc(ctx, bytes_of(record), bytes_of(from), bytes_of(org)) != DMARC_PARSE_OKAY)
        return DMARC_POLICY_ABSENT;
    if (aligned->spf_aligned && opendmarc_policy_store_spf(ctx, bytes_of(from), DMARC_POLICY_SPF_OUTCOME_PASS,
                                                           DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL) != DMARC_PARSE_OKAY)
        return DMARC_POLICY_ABSENT;
    if (aligned->dkim_aligned &&
        opendmarc_policy_store_dkim(ctx, bytes_of(from), NULL, DMARC_POLICY_DKIM_OUTCOME_PASS, NULL) != DMARC_PARSE_OKAY)
        return DMARC_POLICY_ABSENT;
    return opendmarc_get_policy_to_enforce(ctx);
}

/* What the library is expected to say, from the record and the alignment alone. */
static int expected_word(const struct dmarc_verdict *verdict)
{
    static const int words[] = {DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT};
    return verdict->spf_aligned || verdict->dkim_aligned ? DMARC_POLICY_PASS : words[verdict->policy];
}

static bool library_agrees(struct slice from, const struct found *found, const struct dmarc_verdict *verdict, struct arena *arena)
{
    DMARC_POLICY_T *ctx = opendmarc_policy_connect_init(bytes_of("192.0.2.1"), 0);
    if (!ctx)
        return false;
    const char *org = found->at_org ? arena_string(arena, found->domain) : NULL;
    int word = ask_library(ctx, arena_string(arena, from), org, dmarc_record_format(&found->record, arena), verdict);
    opendmarc_policy_connect_shutdown(ctx);
    return word == expected_word(verdict);
}

/* Something aligned that could not be checked may still speak for the message. */
static bool is_undecided(const struct dmarc_query *query, const struct dmarc_record *record)
{
    return is_aligned(query->from_domain, query->spf_unknown, record->strict_spf) ||
           any_aligned(query->from_domain, query->dkim_unknown, query->dkim_unknown_count, record->strict_dkim);
}

static void evaluate(const struct dmarc_query *query, struct dns_view *view, struct arena *arena, struct dmarc_verdict *verdict)
{
    struct slice from = query->from_domain;
    struct found found = {.at_org = false};
    *verdict = (struct dmarc_verdict){.result = DMARC_IS_NONE, .reason = "", .record_domain = SLICE(""), .org_domain = org_domain_of(from)};
    if (!search(from, view, arena, &found, verdict))
        return;
    verdict->record_domain = found.domain;
    verdict->policy = found.at_org ? found.record.sp : found.record.p;
    verdict->tag = found.at_org ? DMARC_TAG_SP : DMARC_TAG_P;
    verdict->spf_aligned = is_aligned(from, query->spf_domain, found.record.strict_spf);
    verdict->dkim_aligned = any_aligned(from, query->dkim_domains, query->dkim_count, found.record.strict_dkim);
    if (!library_agrees(from, &found, verdict, arena))
        end_with(verdict, DMARC_IS_TEMPERROR, "the DMARC library disagrees with its guards");
    else if (verdict->spf_aligned || verdict->dkim_aligned)
        verdict->result = DMARC_IS_PASS;
    else if (is_undecided(query, &found.record))
        end_with(verdict, DMARC_IS_TEMPERROR, "an aligned domain could not be checked");
    else
        verdict->result = DMARC_IS_FAIL;
}

const struct dmarc_engine dmarc_engine_libopendmarc = {"libopendmarc", org_domain_load, evaluate};
