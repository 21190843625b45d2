/* fact_list: shows which facts exist: for people in columns, for programs as JSON. Used by config_facts.c and proxy/reference/. */
#ifndef PROXY_FACT_LIST_H
#define PROXY_FACT_LIST_H

#include "filters/facts.h"

#include <stdio.h>

/** Stands for the facts of all header fields: "header.NAME". */
extern const struct fact_def fact_list_header;

void fact_list_print(const struct fact_schema *schema, FILE *out);
/** {"facts": [{"name", "type", "words" (of a word, else null), "stage", "doc", "off" (the filter that is off, or null)}]} */
void fact_list_print_json(const struct fact_schema *schema, FILE *out);

#endif
