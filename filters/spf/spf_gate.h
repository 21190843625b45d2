/* spf_gate: what of a check libspf2 is allowed to see, and what its lookups mean. Pure; used by engine_libspf2.c.
 *
 * The library is unsafe with records, macros and senders from outside (CVE-2023-42118 and more), drops what does not fit into
 * 511 compiled bytes, and has no limit over the whole evaluation. So each record is parsed by spf_record.c, its macros are
 * expanded by spf_macro.c, and the library gets a new record in which names are numbers ("a:#3/24 include:#4"), cut into
 * pieces joined by redirect= so that nothing is dropped. exp= never enters it. When it looks a number up, the number becomes
 * a name again, and the limits of RFC 7208 §4.6.4 are counted for the evaluation as a whole. */
#ifndef FILTERS_SPF_SPF_GATE_H
#define FILTERS_SPF_SPF_GATE_H

#include "filters/spf/spf_eval.h"

struct gate_entry;

/** One evaluation. */
struct spf_gate {
    const struct spf_query *query;
    struct dns_view *view;
    struct arena *arena;
    struct gate_entry *entries; /* by number; 0 is the domain to check */
    size_t count, cap;
    unsigned terms, voids;
    bool ended; /* verdict is final, whatever the library goes on to do */
    struct spf_verdict verdict;
};

/** What a lookup is to return to the library. Text is in the arena. */
enum gate_status { GATE_FOUND, GATE_NOTHING, GATE_LATER /* missed, or a temporary error */ };
struct gate_answer {
    enum gate_status status;
    const char **texts;                 /* TXT, MX, PTR */
    const struct dns_record *addresses; /* A, AAAA */
    size_t count;
};

void spf_gate_init(struct spf_gate *gate, const struct spf_query *query, struct dns_view *view, struct arena *arena);
/** name: as it stood in a record or an answer of the gate's own. */
struct gate_answer spf_gate_lookup(struct spf_gate *gate, const char *name, enum dns_type type);

#endif
