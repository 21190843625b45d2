/* dmarc_eval: one DMARC check, and the engines that can do it. Pure: all DNS comes from the view.
 *
 * Engines are chosen by name (option `engine`). An engine that misses an answer may return anything: it is run again. It is
 * also run at the end of the headers with the author's domain alone, so that its lookups overlap the body. */
#ifndef FILTERS_DMARC_DMARC_EVAL_H
#define FILTERS_DMARC_DMARC_EVAL_H

#include "base/dns_map.h"
#include "filters/dmarc/dmarc_record.h"

enum dmarc_result { DMARC_IS_NONE, DMARC_IS_PASS, DMARC_IS_FAIL, DMARC_IS_TEMPERROR, DMARC_IS_PERMERROR };

/** A domain for which something speaks, or would, could it be checked. All domains normalised (domain_name.h). */
struct dmarc_query {
    struct slice from_domain;
    struct slice spf_domain;          /* that passed; or empty */
    struct slice spf_unknown;         /* that got a temporary error; or empty */
    const struct slice *dkim_domains; /* that passed */
    size_t dkim_count;
    const struct slice *dkim_unknown; /* that got a temporary error */
    size_t dkim_unknown_count;
};

struct dmarc_verdict {
    enum dmarc_result result;
    const char *reason;         /* static; "" if there is nothing to add */
    struct slice record_domain; /* where the record was found; empty: there is none, and so no policy */
    enum dmarc_policy policy;   /* that the record has for the author's domain */
    bool spf_aligned, dkim_aligned;
};

struct dmarc_engine {
    const char *name;
    void (*evaluate)(const struct dmarc_query *query, struct dns_view *view, struct arena *arena, struct dmarc_verdict *verdict);
};

extern const struct dmarc_engine dmarc_engine_libopendmarc;

const char *dmarc_result_word(enum dmarc_result result);
/** The words of all engines, NULL-terminated, for the option table; an index into it selects the engine. */
extern const char *const dmarc_engine_words[];
const struct dmarc_engine *dmarc_engine_at(int index);

#endif
