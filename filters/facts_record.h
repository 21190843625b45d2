/* facts_record: a fact written down so that it can be read back by its type: what the decision log writes and `explain --session-log`
 * reads. Pure.
 *
 * Texts of more than FACT_RECORD_MAX bytes are cut, lists after the last item that fits. Items of a list stand between commas, with a
 * backslash before a comma or backslash of their own; a list of one empty item reads back as an empty list. */
#ifndef FILTERS_FACTS_RECORD_H
#define FILTERS_FACTS_RECORD_H

#include "filters/facts.h"

enum { FACT_RECORD_MAX = 1000 };

/** The value of a present fact, not escaped. *cut: it was longer. */
struct slice facts_to_record(const struct facts *facts, int id, struct arena *arena, bool *cut);
/** Sets the fact; texts are kept by reference. False: its type cannot have this value, and nothing was set. */
bool facts_from_record(struct facts *facts, int id, struct slice text, struct arena *arena);

#endif
