/* status_report_json: for programs. See status_report.h. */
#include "proxy/offline/report_json_value.h"
#include "proxy/status/status_name.h"
#include "proxy/status/status_report.h"

/* Our own words become keys as programs like them. */
static const char *key_of(struct slice word, struct arena *arena)
{
    char *key = arena_string(arena, word);
    for (char *c = key; *c; c++)
        if (*c == ' ')
            *c = '_';
    return key;
}

/* The object below another one, made if it is not there. */
static json_t *below(json_t *object, const char *key)
{
    json_t *child = json_object_get(object, key);
    if (!child) {
        child = json_object();
        json_object_set_new(object, key, child);
    }
    return child;
}

static json_t *stage_of(json_t *root, const struct status_name *n, struct arena *arena)
{
    json_t *policy = below(below(root, "policies"), arena_string(arena, n->parts[1]));
    return below(policy, arena_string(arena, n->parts[2]));
}

/* Where the last part of a name belongs; NULL: nowhere. */
static json_t *place_of(json_t *root, const struct status_name *n, struct arena *arena)
{
    struct slice kind = n->parts[0];
    if (slice_eq(kind, SLICE("total")) && n->count == 2)
        return below(root, "totals");
    if (slice_eq(kind, SLICE("fact")) && n->count == 3)
        return below(below(root, "facts"), arena_string(arena, n->parts[1]));
    if (slice_eq(kind, SLICE("listener")) && n->count == 3)
        return below(below(root, "listeners"), arena_string(arena, n->parts[1]));
    if (slice_eq(kind, SLICE("backend")) && n->count == 4)
        return below(below(below(root, "backends"), arena_string(arena, n->parts[1])), arena_string(arena, n->parts[2]));
    if (slice_eq(kind, SLICE("action")) && n->count == 3)
        return below(below(root, "decisions"), arena_string(arena, n->parts[1]));
    if (slice_eq(kind, SLICE("stage")) && n->count == 4)
        return stage_of(root, n, arena);
    if (slice_eq(kind, SLICE("rule")) && n->count == 5)
        return below(below(stage_of(root, n, arena), "rules"), arena_string(arena, n->parts[3]));
    if (!slice_eq(kind, SLICE("candidate")) || n->count != 5 || n->parts[3].len == 0)
        return NULL;
    json_t *candidate = below(stage_of(root, n, arena), "candidate");
    json_object_set_new(candidate, "policy", report_json_slice(n->parts[3]));
    return candidate;
}

static void add_total(json_t *root, const struct stats_total *total, struct arena *arena)
{
    struct status_name name;
    json_t *place = status_name_read(total->name, &name) ? place_of(root, &name, arena) : NULL;
    if (place)
        json_object_set_new(place, key_of(name.parts[name.count - 1], arena), json_integer((json_int_t)total->value));
}

static json_t *workers_of(const struct status_note *note, struct arena *arena)
{
    json_t *list = json_array();
    for (size_t i = 0; i < note->worker_count; i++) {
        const struct status_worker *w = &note->workers[i];
        json_t *worker = json_object();
        json_object_set_new(worker, "process", w->pid ? json_integer(w->pid) : json_null());
        json_object_set_new(worker, "since", report_json_text(w->pid ? status_time(w->started_ms, arena) : NULL));
        report_json_set(worker, "state", status_worker_state_name(w->state));
        json_object_set_new(worker, "restarts", json_integer((json_int_t)w->restarts));
        json_object_set_new(worker, "sessions_open", json_integer((json_int_t)w->sessions_open));
        json_object_set_new(worker, "sessions", json_integer((json_int_t)w->sessions));
        json_array_append_new(list, worker);
    }
    return list;
}

static json_t *refusal_of(const struct status_note *note, struct arena *arena)
{
    if (!note->refused_ms)
        return json_null();
    json_t *refusal = json_object();
    report_json_set(refusal, "time", status_time(note->refused_ms, arena));
    report_json_set(refusal, "reason", note->refused_why);
    return refusal;
}

void status_report_json(const struct status_report *report, struct buf *out)
{
    struct arena *arena = arena_new();
    json_t *root = json_object();
    json_object_set_new(root, "process", json_integer(report->view->owner));
    json_object_set_new(root, "alive", json_boolean(report->alive));
    report_json_set(root, "counts_since", status_time(report->view->since_ms, arena));
    report_json_set(root, "version", report->note.version);
    report_json_set(root, "configuration", report->note.file);
    report_json_set(root, "configuration_since", status_time(report->note.loaded_ms, arena));
    json_object_set_new(root, "reload_refused", refusal_of(&report->note, arena));
    json_object_set_new(root, "workers", workers_of(&report->note, arena));
    for (size_t i = 0; i < report->view->count; i++)
        add_total(root, &report->view->totals[i], arena);
    report_json_print(root, out);
    json_decref(root);
    arena_free(&arena);
}
