/* fact_list: shows which facts exist: for people in columns, for programs as JSON. Used by command_config.c. */
#ifndef PROXY_FACT_LIST_H
#define PROXY_FACT_LIST_H

#include "filters/facts.h"

#include <stdio.h>

void fact_list_print(const struct fact_schema *schema, FILE *out);
/** {"facts": [{"name", "type", "words" (of a word, else null), "stage", "doc", "off" (the filter that is off, or null)}]} */
void fact_list_print_json(const struct fact_schema *schema, FILE *out);

#endif
