/* topic: everything that has a name and can be asked about: options, sections, filters, facts, and the words of the policy language.
 * Used by config_help.c. */
#ifndef PROXY_TOPIC_H
#define PROXY_TOPIC_H

#include "base/arena.h"

#include <stdio.h>

/** Tells all that the name stands for ("spf": a filter and a fact). False: nothing; then nothing is printed. */
bool topic_print(const char *name, FILE *out);
/** The name that is likely to be meant by one that stands for nothing; or NULL. */
const char *topic_meant(const char *name, struct arena *arena);

#endif
