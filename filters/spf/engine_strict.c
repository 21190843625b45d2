/* engine_strict: RFC 7208 to the letter: check_host() (§4), include (§5.2), redirect (§6.1). Pure. See spf_eval.h, spf_run.h.
 *
 * Every limit is one for the whole evaluation. Where the RFC leaves a choice: a name that DNS does not allow matches nothing
 * (§4.8); a loopback client is checked like any other; a record over SPF_RECORD_MAX bytes is an error; the p macro is no term of
 * its own (all macros together ask once for the names of the client); and the hosts of an mx are no void lookups (§4.6.4
 * counts terms). */
#include "base/dns/dns_name.h"
#include "filters/spf/spf_explain.h"
#include "filters/spf/spf_mechanism.h"
#include "filters/spf/spf_trace.h"

/* Where an evaluation came to its end. */
struct finding {
    enum spf_result result;
    const struct spf_term *term; /* NULL: no term matched */
    struct spf_record record;    /* the one that the term stands in: after redirects, but not of an include */
    struct slice domain;         /* whose record it is */
};

static enum spf_match check_domain(struct spf_run *run, struct slice domain, struct finding *finding);

/* §4.3: a name of several labels, each allowed in DNS. */
static bool can_have_record(struct slice domain)
{
    return dns_name_legal(domain) && slice_index(domain, '.') >= 0;
}

/* §4.4, §4.5. SPF_NO_MATCH: the domain has no record. */
static enum spf_match fetch_record(struct spf_run *run, struct slice domain, struct spf_record *record)
{
    struct slice text;
    if (!can_have_record(domain)) {
        spf_trace_lookup(run->query->trace, domain, DNS_TYPE_TXT, NULL);
        return SPF_NO_MATCH;
    }
    const struct dns_answer *answer = spf_run_ask(run, domain, DNS_TYPE_TXT);
    if (!answer)
        return SPF_OPEN;
    if (answer->status == DNS_FAILURE)
        return spf_run_end(run, SPF_IS_TEMPERROR, "DNS failure");
    size_t found = spf_record_select(answer, &text);
    if (found == 0)
        return SPF_NO_MATCH;
    if (found > 1)
        return spf_run_end(run, SPF_IS_PERMERROR, "several SPF records");
    const char *error = spf_record_parse(text, run->arena, record);
    spf_trace_enter_record(run->query->trace);
    return error ? spf_run_end(run, SPF_IS_PERMERROR, error) : SPF_MATCH;
}

static enum spf_match no_record(struct spf_run *run)
{
    return spf_run_end(run, SPF_IS_PERMERROR, "included or redirected domain has no SPF record");
}

/* The table of §5.2. */
static enum spf_match match_include(struct spf_run *run, const struct spf_term *term, struct slice domain)
{
    struct finding finding;
    struct slice name;
    if (!spf_run_count_term(run))
        return SPF_ENDED;
    enum spf_match target = spf_run_target(run, term->domain, domain, &name);
    if (target != SPF_MATCH)
        return target;
    enum spf_match checked = check_domain(run, name, &finding);
    if (checked == SPF_NO_MATCH)
        return no_record(run);
    if (checked != SPF_MATCH)
        return checked;
    spf_trace_gives(run->query->trace, finding.result);
    return finding.result == SPF_IS_PASS ? SPF_MATCH : SPF_NO_MATCH;
}

static enum spf_result result_of(char qualifier)
{
    switch (qualifier) {
    case '+':
        return SPF_IS_PASS;
    case '-':
        return SPF_IS_FAIL;
    case '~':
        return SPF_IS_SOFTFAIL;
    default:
        return SPF_IS_NEUTRAL;
    }
}

static enum spf_match match_term(struct spf_run *run, const struct spf_term *term, struct slice domain)
{
    spf_trace_enter(run->query->trace, "", term->text);
    enum spf_match match = term->mechanism == SPF_INCLUDE ? match_include(run, term, domain) : spf_mechanism_match(run, term, domain);
    spf_trace_leave(run->query->trace, match);
    return match;
}

/* The mechanisms of one record (§4.6.2), from left to right. SPF_OPEN: at least one is not known yet, and those after it that
 * may be reached have been looked at too. */
static enum spf_match check_terms(struct spf_run *run, struct finding *finding)
{
    bool open = false;
    finding->term = NULL;
    for (const struct spf_term *term = finding->record.terms; term; term = term->next) {
        enum spf_match match = match_term(run, term, finding->domain);
        if (match == SPF_ENDED)
            return SPF_ENDED;
        if (match == SPF_MATCH) {
            finding->term = term;
            finding->result = result_of(term->qualifier);
            break;
        }
        open = open || match == SPF_OPEN;
    }
    return open ? SPF_OPEN : finding->term ? SPF_MATCH : SPF_NO_MATCH;
}

/* §6.1. SPF_MATCH: *next is the domain to go on with. */
static enum spf_match follow_redirect(struct spf_run *run, const struct finding *finding, struct slice *next)
{
    spf_trace_enter(run->query->trace, "redirect=", finding->record.redirect);
    if (!spf_run_count_term(run))
        return SPF_ENDED;
    enum spf_match target = spf_run_target(run, finding->record.redirect, finding->domain, next);
    return target == SPF_NO_MATCH ? no_record(run) : target;
}

static enum spf_match check_redirected(struct spf_run *run, struct slice domain, struct finding *finding)
{
    bool open = false, redirected = false;
    for (;; redirected = true) {
        finding->domain = domain;
        enum spf_match fetched = fetch_record(run, domain, &finding->record);
        if (fetched == SPF_NO_MATCH && redirected)
            return no_record(run);
        if (fetched != SPF_MATCH)
            return fetched;
        enum spf_match checked = check_terms(run, finding);
        if (checked == SPF_ENDED)
            return SPF_ENDED;
        open = open || checked == SPF_OPEN;
        if (finding->term || !finding->record.has_redirect)
            break;
        enum spf_match followed = follow_redirect(run, finding, &domain);
        if (followed != SPF_MATCH)
            return followed;
    }
    if (!finding->term)
        finding->result = SPF_IS_NEUTRAL; /* §4.7 */
    return open ? SPF_OPEN : SPF_MATCH;
}

/* One domain with its redirects. SPF_NO_MATCH: it has no record; SPF_MATCH: finding is filled. */
static enum spf_match check_domain(struct spf_run *run, struct slice domain, struct finding *finding)
{
    struct spf_trace_step *mark = spf_trace_mark(run->query->trace);
    enum spf_match checked = check_redirected(run, domain, finding);
    spf_trace_return(run->query->trace, mark);
    return checked;
}

static struct slice explain(struct spf_run *run, const struct finding *finding, struct arena *arena)
{
    struct spf_trace_step *mark = spf_trace_mark(run->query->trace);
    spf_trace_enter(run->query->trace, "exp=", finding->record.exp);
    struct slice text = spf_explain(run, finding->record.exp, finding->domain, arena);
    spf_trace_return(run->query->trace, mark);
    return text;
}

static void count_up(const struct spf_run *run)
{
    if (!run->query->trace)
        return;
    run->query->trace->terms = run->terms;
    run->query->trace->voids = run->voids;
}

static void fill_verdict(struct spf_run *run, enum spf_match checked, const struct finding *finding, struct arena *arena,
                         struct spf_verdict *verdict)
{
    if (checked == SPF_ENDED) {
        verdict->result = run->error;
        verdict->reason = run->reason;
    } else if (checked == SPF_MATCH) {
        verdict->result = finding->result;
        if (finding->term)
            verdict->mechanism = arena_copy(arena, slice_first(finding->term->text, SPF_MECHANISM_TEXT));
        if (finding->result == SPF_IS_FAIL && finding->record.has_exp && run->query->explain)
            verdict->explanation = explain(run, finding, arena);
    }
}

static void evaluate(const struct spf_query *query, struct dns_view *view, struct arena *arena, struct spf_verdict *verdict)
{
    *verdict = (struct spf_verdict){.result = SPF_IS_NONE, .reason = ""};
    spf_trace_begin(query->trace);
    if (query->domain.len == 0 || query->client.family == 0)
        return;
    struct arena *scratch = arena_new();
    struct spf_run run = {.query = query, .view = view, .arena = scratch, .missed_at_start = view->missed};
    struct finding finding;
    enum spf_match checked = check_domain(&run, query->domain, &finding);
    if (!spf_run_is_open(&run))
        fill_verdict(&run, checked, &finding, arena, verdict);
    count_up(&run);
    arena_free(&scratch);
}

const struct spf_engine spf_engine_strict = {"strict", evaluate, true};
