/* report_text: a report for people: sections, columns, and long values cut. See report.h. */
#include "proxy/offline/report.h"

#include "base/log.h"
#include "proxy/offline/report_dns.h"
#include "proxy/offline/report_layout.h"
#include "proxy/offline/report_rules.h"
#include "proxy/offline/report_spf.h"

enum { NAME_SHOWN = 60 }; /* bytes of what the client calls itself */

static void row(struct buf *out, const char *name, const char *value)
{
    report_column(out, 2, 9, slice_of(name));
    buf_add_text(out, value);
    buf_add_byte(out, '\n');
}

static void add_path(struct buf *out, struct slice path)
{
    buf_add_byte(out, '<');
    if (path.len)
        report_value(out, path, REPORT_VALUE_SHOWN);
    buf_add_byte(out, '>');
}

/* A table of facts; absent ones have no row. */
static void add_facts(struct buf *out, size_t indent, const struct rehearsal_facts *facts, const struct report *report)
{
    size_t width = 0;
    for (size_t i = 0; i < facts->count; i++)
        if (report_shows_fact(report, facts->items[i].id))
            width = report_wider(width, slice_of(facts->items[i].def->name));
    for (size_t i = 0; i < facts->count; i++) {
        if (!report_shows_fact(report, facts->items[i].id))
            continue;
        report_column(out, indent, width, slice_of(facts->items[i].def->name));
        report_value(out, facts->items[i].text, REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
}

/* ---- who, with what ---- */

static void add_client(struct buf *out, const struct report *report)
{
    const struct rehearsal_script *script = report->script;
    char client[NET_ADDR_TEXT];
    row(out, "client", net_addr_format_ip(&script->client, client));
    report_column(out, 2, 9, SLICE("helo"));
    report_value(out, script->hello.argument, REPORT_VALUE_SHOWN);
    buf_add_byte(out, '\n');
    report_column(out, 2, 9, SLICE("mail from"));
    add_path(out, script->mail.path.text);
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < script->rcpt_count && script->judged; i++) {
        report_column(out, 2, 9, SLICE("rcpt to"));
        add_path(out, script->rcpts[i].path.text);
        buf_add_byte(out, '\n');
    }
}

static void add_session(struct buf *out, const struct report *report)
{
    const struct listener_settings *listener = report->script->listener;
    char address[NET_ADDR_TEXT];
    report_section(out, "Session");
    if (report->client_given)
        add_client(out, report);
    row(out, "settings", report->settings);
    if (!report->script->judged)
        return;
    row(out, "listener", net_addr_format(&listener->address, address));
    row(out, "policy", listener->policy);
    row(out, "mode", report->used->mode == MODE_SHADOW ? "shadow: what the policy refuses is accepted all the same" : "enforce");
}

static void add_notes(struct buf *out, const struct report *report)
{
    if (report->notes)
        report_section(out, "Notes");
    for (const struct report_note *n = report->notes; n; n = n->next)
        buf_add_format(out, "  %s.\n", n->text);
}

/* ---- what was said ---- */

static void add_said(struct buf *out, const struct rehearsal_step *step, const struct report *report)
{
    static const char *const said[STAGE_COUNT] = {"(connects)", "EHLO ", "MAIL FROM:", "RCPT TO:", "(message)"};
    buf_add_text(out, said[step->stage]);
    if (step->stage == STAGE_HELO)
        report_value(out, report->script->hello.argument, NAME_SHOWN);
    else if (step->stage == STAGE_MAIL)
        add_path(out, report->script->mail.path.text);
    else if (step->stage == STAGE_RCPT)
        add_path(out, step->rcpt);
}

static void add_answer(struct buf *out, const struct rehearsal_step *step)
{
    buf_add(out, step->reply); /* printable already */
    if (step->remark[0])
        buf_add_format(out, "%s(%s)", step->reply.len ? " " : "", step->remark);
    buf_add_byte(out, '\n');
}

static size_t said_width(const struct report *report)
{
    struct buf said = {0};
    size_t width = 0;
    for (const struct rehearsal_step *step = report->rehearsal->steps; step; step = step->next) {
        buf_clear(&said);
        add_said(&said, step, report);
        width = report_wider(width, buf_slice(&said));
    }
    buf_release(&said);
    return width;
}

static void add_dialogue(struct buf *out, const struct report *report)
{
    size_t width = said_width(report);
    struct buf said = {0};
    report_section(out, "Dialogue");
    for (const struct rehearsal_step *step = report->rehearsal->steps; step; step = step->next) {
        buf_clear(&said);
        add_said(&said, step, report);
        report_column(out, 2, width, buf_slice(&said));
        add_answer(out, step);
    }
    buf_release(&said);
}

/* ---- the rules ---- */

static void add_rules(struct buf *out, const struct report *report)
{
    report_section(out, "Rules");
    for (const struct rehearsal_step *step = report->rehearsal->steps; step; step = step->next) {
        if (!step->judged || (!step->trials && !step->decision.rule))
            continue;
        buf_add_format(out, "  %s", stage_name(step->stage));
        if (step->stage == STAGE_RCPT) {
            buf_add_byte(out, ' ');
            add_path(out, step->rcpt);
        }
        buf_add_byte(out, '\n');
        report_trials(out, 4, step);
        report_verdict(out, 4, step);
    }
}

/* ---- what was found ---- */

static void add_found(struct buf *out, const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    report_section(out, "Facts");
    size_t before = out->len;
    add_facts(out, 2, &r->facts, report);
    if (out->len == before)
        buf_add_text(out, "  none\n");
    for (const struct rehearsal_step *step = r->steps; step && report->script->judged; step = step->next) {
        if (step->stage != STAGE_RCPT)
            continue;
        buf_add_text(out, "  of the recipient ");
        add_path(out, step->rcpt);
        buf_add_byte(out, '\n');
        add_facts(out, 4, &step->facts, report);
    }
    if (r->failures.len) {
        buf_add_text(out, "  filters failed: ");
        buf_add(out, r->failures);
        buf_add_byte(out, '\n');
    }
}

/* Header fields of ours, line by line. */
static void add_field_lines(struct buf *out, struct slice fields)
{
    struct slice line;
    while (fields.len && slice_split(&fields, '\n', &line)) {
        buf_add_text(out, "  ");
        buf_add(out, line.len && line.ptr[line.len - 1] == '\r' ? slice_first(line, line.len - 1) : line);
        buf_add_byte(out, '\n');
    }
}

/* Fields that came with the message. */
static void add_message_fields(struct buf *out, const char *title, const struct rehearsal_field *fields)
{
    if (fields)
        report_section(out, title);
    for (const struct rehearsal_field *f = fields; f; f = f->next) {
        buf_add_text(out, "  ");
        report_value(out, slice_trim(f->field), REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
}

static void add_fields(struct buf *out, const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    if (r->marks.len) {
        report_section(out, "Marks of the policy");
        add_field_lines(out, r->marks);
    }
    if (r->trace_fields.len) {
        report_section(out, "Trace fields of filters");
        add_field_lines(out, r->trace_fields);
    }
    if (r->auth_results.len) {
        report_section(out, r->passed_on || !report->script->judged
                                ? "Authentication-Results"
                                : "Authentication-Results (not written, since the message is not passed on)");
        add_field_lines(out, r->auth_results);
    }
    add_message_fields(out, "Fields left out, since they claim to be ours or a rule wants it", r->removed);
    add_message_fields(out, "Fields changed", r->changed);
    if (r->delivered_to.len) {
        report_section(out, "Delivered to");
        buf_add_text(out, "  ");
        report_value(out, r->delivered_to, REPORT_VALUE_SHOWN);
        buf_add_byte(out, '\n');
    }
}

/* ---- DNS ---- */

static void add_dns_entry(struct buf *out, const struct dns_map_entry *e, size_t width, struct arena *arena)
{
    struct buf name = {0};
    size_t line = out->len;
    log_escape(&name, e->name);
    report_column(out, 2, 5, slice_of(dns_type_name(e->type)));
    report_column(out, 0, width, buf_slice(&name));
    buf_release(&name);
    size_t column = out->len - line;
    report_answer(out, e, column, arena);
    if (e->queries > 1)
        buf_add_format(out, "%*s(%u queries: it leads on)\n", (int)column, "", e->queries);
}

static void add_dns_cost(struct buf *out, const struct report *report)
{
    struct report_dns_cost cost = report_dns_cost(report->rehearsal);
    if (report->rehearsal->answers || cost.queries)
        buf_add_format(out, "  %u of at most %u queries\n", cost.queries, (unsigned)report->used->dns.queries_per_message);
    else
        buf_add_text(out, "  none\n");
    if (cost.refused)
        buf_add_format(out, "  %u lookups were refused beyond that\n", cost.refused);
}

static void add_dns(struct buf *out, const struct report *report)
{
    const struct rehearsal *r = report->rehearsal;
    struct arena *arena = arena_new();
    size_t width = 0;
    report_section(out, "DNS");
    for (const struct dns_map_entry *e = report_dns_first(r); e; e = report_dns_next(r, e))
        width = report_wider(width, e->name);
    for (const struct dns_map_entry *e = report_dns_first(r); e; e = report_dns_next(r, e))
        add_dns_entry(out, e, width, arena);
    add_dns_cost(out, report);
    arena_free(&arena);
}

/* ---- and so ---- */

static void add_result(struct buf *out, const struct report *report)
{
    const struct rehearsal_step *end = report->rehearsal->end;
    report_section(out, "Result");
    buf_add_format(out, "  %s at stage %s", report_outcome(report), stage_name(end->stage));
    if (end->judged && end->decision.rule)
        buf_add_format(out, ", by rule \"%s\"", end->decision.rule);
    buf_add_text(out, "\n  the client gets: ");
    add_answer(out, end);
}

void report_text(const struct report *report, struct buf *out)
{
    bool judged = report->script->judged;
    add_session(out, report);
    add_notes(out, report);
    if (judged) {
        add_dialogue(out, report);
        add_rules(out, report);
    }
    add_found(out, report);
    add_fields(out, report);
    report_spf_text(&report->rehearsal->spf, out);
    add_dns(out, report);
    if (judged || report->rehearsal->end->refused)
        add_result(out, report);
}
