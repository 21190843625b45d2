/* status_report: for people. See status_report.h. */
#include "proxy/status/status_report.h"

#include "base/log.h"
#include "proxy/offline/report_layout.h"
#include "proxy/status/status_name.h"

#include <inttypes.h>
#include <time.h>

const char *status_time(int64_t unix_ms, struct arena *arena)
{
    char text[40];
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return "unknown";
    return arena_string(arena, slice_of(text));
}

static const char *escaped(const char *text, struct arena *arena)
{
    struct buf out = {0};
    log_escape(&out, slice_of(text));
    const char *copy = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return copy;
}

static void add_head(struct buf *out, const struct status_report *r, struct arena *arena)
{
    report_section(out, "Mailweir");
    buf_add_format(out, "  version        %s\n", escaped(r->note.version, arena));
    buf_add_format(out, "  process        %d%s\n", (int)r->view->owner, r->alive ? "" : ", which is gone: these are its last counts");
    buf_add_format(out, "  counts since   %s\n", status_time(r->view->since_ms, arena));
    buf_add_format(out, "  configuration  %s, in use since %s\n", escaped(r->note.file, arena), status_time(r->note.loaded_ms, arena));
    if (r->note.refused_ms)
        buf_add_format(out, "  last refused   %s: %s\n", status_time(r->note.refused_ms, arena), escaped(r->note.refused_why, arena));
}

static void add_workers(struct buf *out, const struct status_report *r, struct arena *arena)
{
    report_section(out, "Workers");
    for (size_t i = 0; i < r->note.worker_count; i++) {
        const struct status_worker *w = &r->note.workers[i];
        if (w->pid)
            buf_add_format(out, "  process %d since %s, %s: sessions %" PRIu64 " open, %" PRIu64 " seen", (int)w->pid,
                           status_time(w->started_ms, arena), status_worker_state_name(w->state), w->sessions_open, w->sessions);
        else
            buf_add_text(out, "  not running, is to be started again");
        if (w->restarts)
            buf_add_format(out, "; restarts %" PRIu64, w->restarts);
        buf_add_byte(out, '\n');
    }
}

/* ---- tables: one row for all counters whose names differ in the last part only ---- */

struct table {
    const char *kind, *title;
    bool empty_rows; /* rows in which nothing was counted yet are shown, too */
};

static const struct table tables[] = {
    {"listener", "Listeners", true},
    {"backend", "Backends, as so many workers find them", true},
    {"fact", "Facts, once for each session, message or recipient", false},
    {"action", "Decisions", false},
    {"stage", "Policies", false},
    {"candidate", "Candidates", false},
    {"rule", "Rules", true},
};

/* The parts between kind and item, as one text; "": no such row. */
static struct slice row_name(const struct status_name *name, const struct table *table, struct arena *arena)
{
    struct buf text = {0};
    if (!slice_eq(name->parts[0], slice_of(table->kind)))
        return SLICE("");
    for (size_t i = 1; i + 1 < name->count; i++) {
        buf_add_text(&text, i > 1 ? " " : "");
        log_escape(&text, name->parts[i]);
    }
    struct slice copy = arena_copy(arena, buf_slice(&text));
    buf_release(&text);
    return copy;
}

struct row {
    struct slice name;
    struct buf items;
};

static size_t table_width(const struct stats_view *view, const struct table *table, struct arena *arena)
{
    size_t width = 0;
    struct status_name name;
    for (size_t i = 0; i < view->count; i++)
        if (status_name_read(view->totals[i].name, &name))
            width = report_wider(width, row_name(&name, table, arena));
    return width;
}

static void end_row(struct buf *out, struct row *row, const struct table *table, size_t width)
{
    if (row->name.len && (row->items.len || table->empty_rows)) {
        report_column(out, 2, width, row->name);
        buf_add(out, row->items.len ? buf_slice(&row->items) : SLICE("never"));
        buf_add_byte(out, '\n');
    }
    buf_clear(&row->items);
}

static void add_item(struct row *row, const struct status_name *name, uint64_t value)
{
    struct slice item = name->parts[name->count - 1];
    if (value)
        buf_add_format(&row->items, "%s%.*s %" PRIu64, row->items.len ? ", " : "", SLICE_FMT(item), value);
}

static void add_table(struct buf *out, const struct stats_view *view, const struct table *table, struct arena *arena)
{
    size_t width = table_width(view, table, arena);
    struct row row = {.name = SLICE("")};
    struct status_name name;
    report_section(out, table->title);
    size_t before = out->len;
    for (size_t i = 0; i < view->count; i++) {
        if (!status_name_read(view->totals[i].name, &name))
            continue;
        struct slice text = row_name(&name, table, arena);
        if (!slice_eq(text, row.name))
            end_row(out, &row, table, width);
        row.name = text;
        if (text.len)
            add_item(&row, &name, view->totals[i].value);
    }
    end_row(out, &row, table, width);
    buf_release(&row.items);
    if (out->len == before)
        buf_add_text(out, "  none\n");
}

static void add_totals(struct buf *out, const struct stats_view *view)
{
    struct status_name name;
    report_section(out, "Sessions, recipients and messages");
    for (size_t i = 0; i < view->count; i++) {
        if (!status_name_read(view->totals[i].name, &name) || name.count != 2 || !slice_eq(name.parts[0], SLICE("total")))
            continue;
        report_column(out, 2, 20, name.parts[1]);
        buf_add_format(out, "%" PRIu64 "\n", view->totals[i].value);
    }
}

void status_report_text(const struct status_report *report, struct buf *out)
{
    struct arena *arena = arena_new();
    add_head(out, report, arena);
    add_workers(out, report, arena);
    add_totals(out, report->view);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        add_table(out, report->view, &tables[i], arena);
    arena_free(&arena);
}
