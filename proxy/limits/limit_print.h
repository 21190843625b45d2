/* limit_print: what limit_view.h found, as text and as JSON. Bytes from outside are shown as the log shows them. Pure. */
#ifndef PROXY_LIMIT_PRINT_H
#define PROXY_LIMIT_PRINT_H

#include "proxy/limits/limit_view.h"

#include <stdio.h>

void limit_print(const struct rate_limit *limit, const struct limit_entry *entry, FILE *out);
void limit_print_json(const struct rate_limit *limit, const struct limit_entry *entry, FILE *out);
void limit_print_table(const struct rate_limit *limit, const struct limit_entry *entries, size_t count, FILE *out);
void limit_print_table_json(const struct rate_limit *limit, const struct limit_entry *entries, size_t count, FILE *out);

#endif
