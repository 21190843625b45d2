/* policytest_stage: what sessions are played with: an event loop, name servers that know one file each, and the messages. The only
 * part that opens files which cases name. */
#ifndef PROXY_POLICYTEST_STAGE_H
#define PROXY_POLICYTEST_STAGE_H

#include "proxy/policytest/policytest.h"

struct policytest_zone {
    const char *path; /* NULL: no name exists */
    struct dns *dns;
    struct policytest_zone *next;
};

struct policytest_stage {
    struct arena *arena; /* what is played */
    struct event_base *base;
    struct policytest_zone *zones;
};

void policytest_stage_open(struct policytest_stage *stage);
void policytest_stage_close(struct policytest_stage *stage);
/** Reads the message and opens the zone of a case. What is missing or broken is noted. */
void policytest_stage_prepare(struct policytest_stage *stage, const struct settings *settings, struct policytest_case *c,
                              struct arena *arena, struct conf_errors *errors);
/** The resolver for a case that was prepared. */
struct dns *policytest_stage_dns(const struct policytest_stage *stage, const struct policytest_case *c);

#endif
