/* report: what both forms of a report have in common. See report.h. */
#include "proxy/offline/report.h"

const char *report_step_outcome(const struct rehearsal_step *step)
{
    bool decided = step->judged && !step->decision.shadowed;
    if (step->refused && !(decided && decision_refuses(&step->decision)))
        return step->reply.len && step->reply.ptr[0] == '4' ? "tempfail" : "reject";
    return decided ? action_name(step->decision.action) : "accept";
}

const char *report_outcome(const struct report *report)
{
    return report_step_outcome(report->rehearsal->end);
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
