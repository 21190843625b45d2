/* report_spf: see report_spf.h. */
#include "proxy/offline/report_spf.h"

#include "proxy/offline/report_layout.h"

enum { INDENT = 2, OUTCOME_WIDTH = 8 };

const char *report_spf_outcome(enum spf_step_outcome outcome)
{
    static const char *const words[] = {"followed", "no match", "matches", "error"};
    return words[outcome];
}

static void add_lookup(struct buf *out, size_t indent, const struct spf_trace_step *step, struct arena *arena)
{
    struct dns_map_entry entry = {.name = step->text, .type = step->type, .answer = step->answer};
    size_t line = out->len;
    report_column(out, indent, 0, slice_of(dns_type_name(step->type)));
    report_value(out, step->text, REPORT_VALUE_SHOWN);
    buf_add_text(out, "  ");
    if (step->answer)
        report_answer(out, &entry, out->len - line, arena);
    else
        buf_add_text(out, "not asked for: no name that could have one\n");
}

static void add_term(struct buf *out, size_t indent, const struct spf_trace_step *step)
{
    report_column(out, indent, OUTCOME_WIDTH, slice_of(report_spf_outcome(step->outcome)));
    buf_add(out, slice_first(step->text, REPORT_VALUE_SHOWN)); /* printable already */
    if (step->text.len > REPORT_VALUE_SHOWN)
        buf_add_format(out, "... (%zu bytes)", step->text.len);
    if (step->gives)
        buf_add_format(out, " (gives %s)", step->gives);
    buf_add_byte(out, '\n');
}

/* Records within records are at most as deep as terms may look up. */
static void add_steps(struct buf *out, size_t indent, const struct spf_trace_step *step, struct arena *arena)
{
    for (; step; step = step->next) {
        if (step->kind == SPF_STEP_LOOKUP)
            add_lookup(out, indent, step, arena);
        else
            add_term(out, indent, step);
        add_steps(out, indent + INDENT, step->first, arena);
    }
}

static void add_verdict(struct buf *out, const struct spf_verdict *verdict)
{
    buf_add_text(out, spf_result_word(verdict->result));
    if (verdict->mechanism.len)
        buf_add_format(out, ", by %.*s", SLICE_FMT(verdict->mechanism));
    if (verdict->reason[0])
        buf_add_format(out, ": %s", verdict->reason);
    if (verdict->compared)
        buf_add_format(out, "; libspf2 says %s", spf_result_word(verdict->second));
    buf_add_byte(out, '\n');
}

static void add_told(struct buf *out, const char *identity, const struct spf_told *told, bool tells, struct arena *arena)
{
    report_column(out, INDENT, 9, slice_of(identity));
    if (told->domain.len == 0) {
        buf_add_text(out, "none: no domain to check\n");
        return;
    }
    report_value(out, told->domain, REPORT_VALUE_SHOWN);
    buf_add_text(out, " gives ");
    add_verdict(out, &told->verdict);
    if (!tells)
        return;
    add_steps(out, 2 * INDENT, told->trace.top.first, arena);
    buf_add_format(out, "%*s%u of at most %d terms with lookups, %u of at most %d void lookups\n", 2 * INDENT, "", told->trace.terms,
                   SPF_TERMS_MAX, told->trace.voids, SPF_VOIDS_MAX);
}

void report_spf_text(const struct spf_story *story, struct buf *out)
{
    if (!story->engine)
        return;
    struct arena *arena = arena_new();
    report_section(out, "SPF, term by term");
    add_told(out, "mail from", &story->mail_from, story->engine->tells, arena);
    add_told(out, "helo", &story->helo, story->engine->tells, arena);
    if (!story->engine->tells)
        buf_add_format(out, "  engine %s cannot tell which terms led there; engine strict can\n", story->engine->name);
    arena_free(&arena);
}
