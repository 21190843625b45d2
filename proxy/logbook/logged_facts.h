/* logged_facts: the facts that stand in a decision line. Pure. The inverse of log_facts in decision_log.c. */
#ifndef PROXY_LOGGED_FACTS_H
#define PROXY_LOGGED_FACTS_H

#include "proxy/logbook/log_line.h"
#include "proxy/settings/settings.h"

/** The text of one fact; ptr NULL: the line has no such fact. */
struct slice logged_facts_value(const struct log_line *line, struct slice name, struct arena *arena);

/** Told of what could not be taken over; name: of a fact. */
typedef void (*logged_facts_lost_fn)(void *ctx, struct slice name, const char *why);

/** Sets the facts, which must be empty. Their texts are views into the line, or live in arena. */
void logged_facts_read(const struct log_line *line, const struct settings *settings, enum stage stage, struct arena *arena,
                       struct facts *facts, logged_facts_lost_fn lost, void *ctx);

#endif
