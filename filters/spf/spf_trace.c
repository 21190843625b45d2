/* spf_trace: see spf_trace.h. */
#include "filters/spf/spf_trace.h"

void spf_trace_begin(struct spf_trace *trace)
{
    if (!trace)
        return;
    trace->top = (struct spf_trace_step){.text = SLICE("")};
    trace->top.last = &trace->top.first;
    trace->at = &trace->top;
    trace->terms = trace->voids = 0;
}

static struct spf_trace_step *add(struct spf_trace *trace, enum spf_step_kind kind)
{
    struct spf_trace_step *step = arena_alloc(trace->arena, sizeof *step);
    step->kind = kind;
    step->parent = trace->at;
    step->last = &step->first;
    *trace->at->last = step;
    trace->at->last = &step->next;
    return step;
}

void spf_trace_enter(struct spf_trace *trace, const char *prefix, struct slice text)
{
    if (!trace)
        return;
    struct spf_trace_step *step = add(trace, SPF_STEP_TERM);
    step->text = slice_of(arena_format(trace->arena, "%s%.*s", prefix, SLICE_FMT(text)));
    trace->at = step;
}

void spf_trace_leave(struct spf_trace *trace, enum spf_match match)
{
    if (!trace)
        return;
    trace->at->outcome = match == SPF_MATCH ? SPF_STEP_MATCHES : match == SPF_ENDED ? SPF_STEP_ERROR : SPF_STEP_NO_MATCH;
    trace->at = trace->at->parent;
}

static struct spf_trace_step *find(const struct spf_trace *trace, struct slice name, enum dns_type type)
{
    struct spf_trace_step *step = trace->at->first;
    while (step && !(step->kind == SPF_STEP_LOOKUP && step->type == type && slice_eq_nocase(step->text, name)))
        step = step->next;
    return step;
}

static struct spf_trace_step *last_lookup(const struct spf_trace *trace)
{
    struct spf_trace_step *last = trace->at;
    for (struct spf_trace_step *step = trace->at->first; step; step = step->next)
        if (step->kind == SPF_STEP_LOOKUP)
            last = step;
    return last;
}

void spf_trace_enter_record(struct spf_trace *trace)
{
    if (trace)
        trace->at = last_lookup(trace);
}

struct spf_trace_step *spf_trace_mark(struct spf_trace *trace)
{
    return trace ? trace->at : NULL;
}

void spf_trace_return(struct spf_trace *trace, struct spf_trace_step *mark)
{
    if (trace)
        trace->at = mark;
}

void spf_trace_gives(struct spf_trace *trace, enum spf_result result)
{
    if (trace)
        trace->at->gives = spf_result_word(result);
}

void spf_trace_lookup(struct spf_trace *trace, struct slice name, enum dns_type type, const struct dns_answer *answer)
{
    if (!trace || find(trace, name, type))
        return;
    struct spf_trace_step *step = add(trace, SPF_STEP_LOOKUP);
    step->text = arena_copy(trace->arena, name);
    step->type = type;
    step->answer = answer;
}

const struct dns_answer *spf_trace_find(const struct spf_query *query, struct dns_view *view, struct slice name, enum dns_type type)
{
    const struct dns_answer *answer = dns_view_find(view, name, type);
    spf_trace_lookup(query->trace, name, type, answer);
    return answer;
}
