/* core_facts: the facts that the proxy itself publishes: connection, envelope, message. */
#ifndef PROXY_CORE_FACTS_H
#define PROXY_CORE_FACTS_H

#include "filters/facts.h"
#include "proxy/settings.h"

/** Adds them to the schema, which must be empty, and fills in their ids. */
void core_facts_add(struct fact_schema *schema, struct core_facts *ids);

#endif
