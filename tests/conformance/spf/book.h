/* book: SPF test cases and the zones they are about, read from lines of text. Used by spf_conformance and spf_bench.
 *
 * A line is a word and fields divided by blanks; %XX stands for a byte, a lone % for the empty field:
 *   suite NAME | scenario TITLE | name NAME | record NAME TYPE DATA | case NAME CLIENT HELO SENDER RESULT[,RESULT...] EXPLANATION
 * A scenario has zones of its own. TYPE is A, AAAA, TXT, MX ("10 name"), PTR, CNAME, or FAIL: whatever the name has no records
 * of is a DNS failure. EXPLANATION is empty where none is checked, DEFAULT where there must be none. */
#ifndef TESTS_CONFORMANCE_SPF_BOOK_H
#define TESTS_CONFORMANCE_SPF_BOOK_H

#include "base/dns/dns_map.h"
#include "filters/spf/spf_eval.h"

struct book_record {
    struct slice name, type, data;
    const struct book_record *next;
};

struct book_scenario {
    struct slice suite, title;
    const struct book_record *records; /* a name alone has an empty type */
};

struct book_case {
    const struct book_scenario *scenario;
    struct slice name, client, helo, sender, results, explanation;
    struct book_case *next;
};

/** Reads a whole file; exits with a message if that is impossible. Everything is in the arena. */
struct book_case *book_read(const char *path, struct arena *arena);
/** What the scenario's zones hold, CNAMEs followed. */
struct dns_answer book_answer(const struct book_scenario *scenario, struct slice name, enum dns_type type, struct arena *arena);
/** The query that the SPF filter would make of the case; an empty sender stands for the HELO identity. False: no address. */
bool book_query(const struct book_case *c, struct arena *arena, struct spf_query *query);
/** Evaluates until nothing is missed; returns the number of runs. */
unsigned book_evaluate(const struct spf_engine *engine, const struct book_case *c, const struct spf_query *query, struct dns_map *map,
                       struct arena *arena, struct spf_verdict *verdict);

#endif
