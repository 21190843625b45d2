/* dmarc_eval: one DMARC check (RFC 9989 §5.3), and the engines that can do it. Pure: all DNS comes from the view.
 *
 * Engines are chosen by name (option `engine`). An engine that misses an answer may return anything: it is run again. It is
 * also run at the end of the headers with the author's domain alone, so that its lookups overlap the body. */
#ifndef FILTERS_DMARC_DMARC_EVAL_H
#define FILTERS_DMARC_DMARC_EVAL_H

#include "base/dns/dns_map.h"
#include "filters/dmarc/dmarc_record.h"

enum dmarc_result { DMARC_IS_NONE, DMARC_IS_PASS, DMARC_IS_FAIL, DMARC_IS_TEMPERROR, DMARC_IS_PERMERROR };

/** The tag that the policy was taken from. */
enum dmarc_tag { DMARC_TAG_P, DMARC_TAG_SP, DMARC_TAG_NP };

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
    enum dmarc_policy policy;   /* that applies to the author's domain, t=y considered */
    enum dmarc_tag tag;
    bool test;               /* t=y: the record asks for one step more than `policy` */
    struct slice org_domain; /* the author's organizational domain; empty: not known */
    bool spf_aligned, dkim_aligned;
};

struct dmarc_engine {
    const char *name;
    void (*prepare)(void); /* reads files, before privileges are dropped; or NULL */
    void (*evaluate)(const struct dmarc_query *query, struct dns_view *view, struct arena *arena, struct dmarc_verdict *verdict);
};

extern const struct dmarc_engine dmarc_engine_rfc9989, dmarc_engine_libopendmarc;

const char *dmarc_result_word(enum dmarc_result result);
const char *dmarc_tag_word(enum dmarc_tag tag);
/** The words of all engines, NULL-terminated, for the option table; an index into it selects the engine. */
extern const char *const dmarc_engine_words[];
const struct dmarc_engine *dmarc_engine_at(int index);

#endif
