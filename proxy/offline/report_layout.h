/* report_layout: what the sections of a report for people are laid out with. Pure. */
#ifndef PROXY_REPORT_LAYOUT_H
#define PROXY_REPORT_LAYOUT_H

#include "base/buf.h"
#include "base/dns/dns_map.h"

enum { REPORT_VALUE_SHOWN = 200 }; /* bytes of a fact or record */

/** A title, with an empty line before it. */
void report_section(struct buf *out, const char *title);
/** "  name  ": the name in a column. */
void report_column(struct buf *out, size_t indent, size_t width, struct slice name);
/** The width of a column that has this name, too. */
size_t report_wider(size_t width, struct slice name);
/** Escaped, and cut with a word about it. */
void report_value(struct buf *out, struct slice value, size_t most);
/** The records, line by line in a column, or why there are none. */
void report_answer(struct buf *out, const struct dns_map_entry *e, size_t column, struct arena *arena);

#endif
