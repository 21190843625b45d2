/* report: what both forms of a report have in common. See report.h. */
#include "proxy/offline/report.h"

const char *report_outcome(const struct report *report)
{
    const struct rehearsal_step *end = report->rehearsal->end;
    bool decided = end->judged && !end->decision.shadowed;
    if (end->refused && !(decided && decision_refuses(&end->decision)))
        return end->reply.len && end->reply.ptr[0] == '4' ? "tempfail" : "reject";
    return decided ? action_name(end->decision.action) : "accept";
}

bool report_shows_fact(const struct report *report, int id)
{
    const struct settings *s = report->used;
    for (size_t i = 0; i < s->filter_count; i++) {
        int base = s->filters[i].fact_base;
        if (s->filters[i].enabled && id >= base && id < base + (int)s->filters[i].filter->fact_count)
            return true;
    }
    return report->script->judged;
}
