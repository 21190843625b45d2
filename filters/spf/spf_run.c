/* spf_run: see spf_run.h. */
#include "filters/spf/spf_run.h"

#include "base/dns/dns_name.h"
#include "filters/spf/spf_macro.h"
#include "filters/spf/spf_trace.h"

enum spf_match spf_run_end(struct spf_run *run, enum spf_result error, const char *reason)
{
    run->error = error;
    run->reason = reason;
    return SPF_ENDED;
}

bool spf_run_is_open(const struct spf_run *run)
{
    return run->view->missed != run->missed_at_start;
}

bool spf_run_count_term(struct spf_run *run)
{
    if (++run->terms > SPF_TERMS_MAX)
        spf_run_end(run, SPF_IS_PERMERROR, "more than 10 terms with DNS lookups");
    else if (spf_run_is_open(run) && dns_map_wanted(run->view->map) >= SPF_AHEAD_NAMES)
        spf_run_end(run, SPF_IS_TEMPERROR, "far enough ahead"); /* never published: the run is open */
    else
        return true;
    return false;
}

const struct dns_answer *spf_run_ask(struct spf_run *run, struct slice name, enum dns_type type)
{
    static const struct dns_answer no_such_name = {.status = DNS_NXDOMAIN};
    if (dns_name_legal(name))
        return spf_trace_find(run->query, run->view, name, type);
    spf_trace_lookup(run->query->trace, name, type, NULL);
    return &no_such_name;
}

enum spf_match spf_run_ask_for_term(struct spf_run *run, struct slice name, enum dns_type type, const struct dns_answer **answer)
{
    if (!dns_name_legal(name)) {
        spf_trace_lookup(run->query->trace, name, type, NULL);
        return SPF_NO_MATCH;
    }
    *answer = spf_trace_find(run->query, run->view, name, type);
    if (!*answer)
        return SPF_OPEN;
    if ((*answer)->status == DNS_FAILURE)
        return spf_run_end(run, SPF_IS_TEMPERROR, "DNS failure");
    if ((*answer)->status == DNS_OK && (*answer)->count)
        return SPF_MATCH;
    if (++run->voids > SPF_VOIDS_MAX)
        return spf_run_end(run, SPF_IS_PERMERROR, "more than 2 void DNS lookups");
    return SPF_NO_MATCH;
}

enum spf_match spf_run_target(struct spf_run *run, struct slice spec, struct slice domain, struct slice *name)
{
    unsigned missed = run->view->missed;
    *name = domain;
    if (spec.len && !spf_macro_expand(spec, run->query, domain, run->view, run->arena, name))
        return SPF_NO_MATCH;
    return run->view->missed == missed ? SPF_MATCH : SPF_OPEN; /* the p macro asks */
}
