/* spf_eval: one SPF check (RFC 7208 §4), and the engines that can do it. Pure: all DNS comes from the view.
 *
 * Engines are chosen by name (option `engine`). An engine that misses an answer may return anything: it is run again. */
#ifndef FILTERS_SPF_SPF_EVAL_H
#define FILTERS_SPF_SPF_EVAL_H

#include "base/dns/dns_map.h"
#include "base/net_addr.h"

enum spf_result { SPF_IS_NONE, SPF_IS_NEUTRAL, SPF_IS_PASS, SPF_IS_FAIL, SPF_IS_SOFTFAIL, SPF_IS_TEMPERROR, SPF_IS_PERMERROR };

enum { SPF_MECHANISM_TEXT = 255 }; /* bytes of spf_verdict.mechanism */

/** RFC 7208 §4.6.4, for one whole evaluation. */
enum { SPF_TERMS_MAX = 10, SPF_VOIDS_MAX = 2, SPF_NAMES_MAX = 10 };

struct spf_trace;

/** One identity of one client. */
struct spf_query {
    struct net_addr client;
    struct slice helo;   /* as given by the client */
    struct slice local;  /* "postmaster" for the HELO identity and the null reverse-path */
    struct slice domain; /* the domain to check; normalised (domain_name.h), or empty: nothing to check */
    bool explain;        /* fetch the text of exp= if the result is fail (§6.2) */
    /* For explanations only: */
    struct slice receiver; /* our own name */
    int64_t now;           /* seconds since 1970 */

    struct spf_trace *trace; /* is told how the verdict came about (spf_trace.h); NULL: nobody asks */
};

struct spf_verdict {
    enum spf_result result;
    const char *reason;       /* a few words in printable ASCII, in the arena or static; "" if there is nothing to add */
    struct slice mechanism;   /* what matched, as written in the record; empty: nothing, or the engine does not say */
    struct slice explanation; /* printable ASCII, bounded; empty: none */
    bool compared;            /* two engines were run: */
    enum spf_result second;   /* what the other one says */
};

struct spf_engine {
    const char *name;
    void (*evaluate)(const struct spf_query *query, struct dns_view *view, struct arena *arena, struct spf_verdict *verdict);
    bool tells; /* it fills a trace */
};

extern const struct spf_engine spf_engine_strict;  /* RFC 7208 to the letter; the only one with mechanism and explanation */
extern const struct spf_engine spf_engine_libspf2; /* behind a gate, see spf_gate.h */
extern const struct spf_engine spf_engine_both;    /* the verdict of strict; libspf2 is the second */

/** "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror" */
const char *spf_result_word(enum spf_result result);
/** The words of all engines, NULL-terminated, for the option table; an index into it selects the engine. */
extern const char *const spf_engine_words[];
const struct spf_engine *spf_engine_at(int index);

#endif
