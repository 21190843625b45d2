/* report_json_spf: how SPF came to its verdicts, for programs. See report_json_value.h. */
#include "proxy/offline/report_json_value.h"

#include "proxy/offline/report_spf.h"

static json_t *steps_of(const struct spf_trace_step *step, struct arena *arena);

static json_t *lookup_of(const struct spf_trace_step *step, struct arena *arena)
{
    struct dns_map_entry entry = {.name = step->text, .type = step->type, .answer = step->answer};
    json_t *lookup = report_json_answer(&entry, arena);
    if (step->first)
        json_object_set_new(lookup, "steps", steps_of(step->first, arena));
    return lookup;
}

static json_t *term_of(const struct spf_trace_step *step, struct arena *arena)
{
    json_t *term = json_object();
    json_object_set_new(term, "term", report_json_slice(step->text));
    report_json_set(term, "outcome", report_spf_outcome(step->outcome));
    if (step->gives)
        report_json_set(term, "gives", step->gives);
    if (step->first)
        json_object_set_new(term, "steps", steps_of(step->first, arena));
    return term;
}

static json_t *steps_of(const struct spf_trace_step *step, struct arena *arena)
{
    json_t *list = json_array();
    for (; step; step = step->next)
        json_array_append_new(list, step->kind == SPF_STEP_LOOKUP ? lookup_of(step, arena) : term_of(step, arena));
    return list;
}

static void set_steps(json_t *json, const struct spf_trace *trace)
{
    struct arena *arena = arena_new();
    json_object_set_new(json, "terms_counted", json_integer(trace->terms));
    json_object_set_new(json, "terms_most", json_integer(SPF_TERMS_MAX));
    json_object_set_new(json, "voids_counted", json_integer(trace->voids));
    json_object_set_new(json, "voids_most", json_integer(SPF_VOIDS_MAX));
    json_object_set_new(json, "steps", steps_of(trace->top.first, arena));
    arena_free(&arena);
}

static json_t *told_of(const struct spf_told *told, bool tells)
{
    json_t *json = json_object();
    json_object_set_new(json, "domain", report_json_if_any(told->domain));
    report_json_set(json, "result", spf_result_word(told->verdict.result));
    json_object_set_new(json, "reason", report_json_if_any(slice_of(told->verdict.reason)));
    json_object_set_new(json, "mechanism", report_json_if_any(told->verdict.mechanism));
    if (told->verdict.compared)
        report_json_set(json, "second", spf_result_word(told->verdict.second));
    if (tells)
        set_steps(json, &told->trace);
    return json;
}

json_t *report_json_spf(const struct spf_story *story)
{
    if (!story->engine)
        return json_null();
    json_t *json = json_object();
    report_json_set(json, "engine", story->engine->name);
    json_object_set_new(json, "tells_terms", json_boolean(story->engine->tells));
    json_object_set_new(json, "mail_from", told_of(&story->mail_from, story->engine->tells));
    json_object_set_new(json, "helo", told_of(&story->helo, story->engine->tells));
    return json;
}
