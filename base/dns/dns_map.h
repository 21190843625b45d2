/* dns_map: the answers known for one message. Pure: no I/O.
 *
 * Evaluators (SPF, DKIM, DMARC) are pure functions over this map: what they miss is noted as wanted, and they
 * give up until it is there (see replay.h). The map owns the budget of queries for one message: a name costs one, and one more for
 * each link of a chain of CNAMEs that it begins. Beyond it every further name is answered DNS_FAILURE at once. A session has a map,
 * too, for what is asked before there is a message; what that one costs can be charged to a message (dns_map_charge). Offline tools
 * fill a map by hand, or print it. */
#ifndef BASE_DNS_MAP_H
#define BASE_DNS_MAP_H

#include "base/dns/dns.h"

struct dns_map;

/** Lives in the arena. budget: queries that it may cost in all. */
struct dns_map *dns_map_new(struct arena *arena, unsigned budget);
/** Copies the answer into the map's arena. The first answer for a name and type stays. */
void dns_map_put(struct dns_map *map, struct slice name, enum dns_type type, const struct dns_answer *answer);
/** How many names were wanted so far, what they have cost with all they led to, and how many lookups the budget has refused. */
unsigned dns_map_wanted(const struct dns_map *map);
unsigned dns_map_spent(const struct dns_map *map);
unsigned dns_map_refused(const struct dns_map *map);
/** What the other map spends counts in this one's budget, too: all that it may still spend while one of its names is unanswered.
 *  The other must live as long. */
void dns_map_charge(struct dns_map *map, const struct dns_map *other);

/** On whose behalf names are asked (dns_load_asker); 0 unless set. */
void dns_map_set_asker(struct dns_map *map, uint64_t asker);
uint64_t dns_map_asker(const struct dns_map *map);
/** A lookup failed because of our own load (dns_answer.refused): what was concluded from this map is no verdict. */
bool dns_map_starved(const struct dns_map *map);

/** One evaluator's look at the map during one run: collects what it missed. */
struct dns_view {
    struct dns_map *map;
    unsigned missed;  /* names looked up in this run that have no answer yet */
    unsigned reserve; /* of the map's budget, to be left for evaluators that come later; the evaluator sets it */
};

/** The answer, or NULL if it is not known yet: then it is noted as wanted, and missed is one more.
 *  name is compared without case; one final dot is ignored. DNS_TYPE_SPF is always DNS_NODATA, an illegal name DNS_NXDOMAIN. */
const struct dns_answer *dns_view_find(struct dns_view *view, struct slice name, enum dns_type type);

/** One name of the map. */
struct dns_map_entry {
    struct slice name;
    enum dns_type type;
    unsigned queries;                /* what it has cost so far; 0 if it was put in by hand */
    unsigned reserve;                /* of the view that wanted it first */
    const struct dns_answer *answer; /* NULL: wanted, not answered yet */
    void *asker;                     /* used by replay.c: who has asked already; NULL if nobody has */
    struct dns_map_entry *next;      /* in the order in which they were first wanted */
};

/** All entries, oldest first; for replay.c, for explain and for tests. */
struct dns_map_entry *dns_map_entries(const struct dns_map *map);
struct arena *dns_map_arena(const struct dns_map *map);
/** One more query for a name that is being asked for. False: beyond the budget. */
bool dns_map_spend(struct dns_map *map, struct dns_map_entry *entry);

/** For replay.c: what is told of the names that are missed, and whether looking up more is over. */
struct dns_map_watch {
    void (*missed)(void *ctx, struct dns_map_entry *entry); /* or NULL */
    void *ctx;
    bool closed; /* what is not known is answered DNS_FAILURE, and nothing is wanted any more */
};

/** Sets the watch and returns the one before. */
struct dns_map_watch dns_map_watch(struct dns_map *map, struct dns_map_watch watch);

#endif
