/* report_layout: see report_layout.h. */
#include "proxy/offline/report_layout.h"

#include "base/log.h"
#include "proxy/offline/report_dns.h"

enum { NAME_WIDTH_MAX = 44 }; /* of a column of names */

void report_section(struct buf *out, const char *title)
{
    buf_add_format(out, "%s%s\n", out->len ? "\n" : "", title);
}

void report_column(struct buf *out, size_t indent, size_t width, struct slice name)
{
    size_t before = out->len;
    buf_add_format(out, "%*s", (int)indent, "");
    buf_add(out, name);
    while (out->len - before < indent + width)
        buf_add_byte(out, ' ');
    buf_add_text(out, "  ");
}

size_t report_wider(size_t width, struct slice name)
{
    size_t own = name.len < NAME_WIDTH_MAX ? name.len : NAME_WIDTH_MAX;
    return own > width ? own : width;
}

void report_value(struct buf *out, struct slice value, size_t most)
{
    log_escape(out, slice_first(value, most));
    if (value.len > most)
        buf_add_format(out, "... (%zu bytes)", value.len);
}

static void add_records(struct buf *out, const struct dns_map_entry *e, size_t column, struct arena *arena)
{
    for (size_t i = 0; i < e->answer->count; i++) {
        if (i > 0)
            buf_add_format(out, "%*s", (int)column, "");
        report_value(out, report_dns_record(e->type, &e->answer->records[i], arena), REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
}

void report_answer(struct buf *out, const struct dns_map_entry *e, size_t column, struct arena *arena)
{
    if (e->answer && e->answer->status == DNS_OK) {
        add_records(out, e, column, arena);
        return;
    }
    buf_add_text(out, report_dns_status(e->answer));
    if (e->answer && e->answer->why)
        buf_add_format(out, ": %s", e->answer->why);
    buf_add_byte(out, '\n');
}
