/* report_json_value: values and parts of a report for programs. Pure.
 *
 * Bytes from outside that are no UTF-8 become \xXX, as in the log. */
#ifndef PROXY_REPORT_JSON_VALUE_H
#define PROXY_REPORT_JSON_VALUE_H

#include "base/buf.h"
#include "base/dns/dns_map.h"
#include "filters/spf/spf_trace.h"
#include "proxy/offline/rehearsal.h"

#include <jansson.h>

json_t *report_json_slice(struct slice s);
/** null for NULL. */
json_t *report_json_text(const char *text);
/** null for the empty one. */
json_t *report_json_if_any(struct slice s);
void report_json_set(json_t *object, const char *key, const char *text);
/** One name and its answer, null while there is none. */
json_t *report_json_answer(const struct dns_map_entry *e, struct arena *arena);

/** All facts by name, absent ones as null; and a step with the rules tried, the decision and the reply (report_json.c). */
json_t *report_json_facts(const struct rehearsal_facts *facts);
json_t *report_json_step(const struct rehearsal_step *step);

/** Appends it, ASCII only, with a line end. */
void report_json_print(const json_t *json, struct buf *out);

/** The rules that were tried in a step, with the facts that settled each (report_json.c). */
json_t *report_json_trials(const struct rehearsal_step *step);
/** How SPF came to its verdicts (report_json_spf.c); null if the filter did not run. */
json_t *report_json_spf(const struct spf_story *story);

#endif
