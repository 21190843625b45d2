/* policytest_picture: see policytest_picture.h. */
#include "proxy/policytest/policytest_picture.h"

#include "base/config/conf_text.h"
#include "base/config/option_units.h"
#include "proxy/offline/report.h"

#include <inttypes.h>

enum { TEXT_SHOWN = 500 };

const char *policytest_aspect_name(enum policytest_aspect aspect)
{
    static const char *const names[POLICYTEST_ASPECTS] = {"action",        "rule",        "reply",         "to",    "tag",
                                                          "remove_header", "subject_tag", "add_recipient", "delay", "shadow"};
    return names[aspect];
}

void policytest_picture_add(struct policytest_picture *picture, enum policytest_aspect aspect, struct slice text, struct arena *arena)
{
    struct policytest_texts *t = &picture->of[aspect];
    struct slice *items = arena_alloc(arena, (t->count + 1) * sizeof *items);
    if (t->count)
        memcpy(items, t->items, t->count * sizeof *items);
    items[t->count++] = text;
    t->items = items;
    t->known = true;
}

struct slice policytest_duration(int64_t ms, struct arena *arena)
{
    const struct option_unit *unit = option_units_for(option_durations, ms);
    if (!unit || ms == 0)
        return SLICE("0s");
    return slice_of(arena_format(arena, "%" PRId64 "%s", ms / unit->factor, unit->name));
}

static void add_effect(struct policytest_picture *p, const struct policy_effect *e, struct arena *arena)
{
    switch (e->action) {
    case ACTION_TAG:
        policytest_picture_add(p, POLICYTEST_TAG, slice_of(arena_format(arena, "%.*s: %.*s", SLICE_FMT(e->name), SLICE_FMT(e->value))),
                               arena);
        break;
    case ACTION_REMOVE_HEADER:
        policytest_picture_add(p, POLICYTEST_REMOVE_HEADER, e->name, arena);
        break;
    case ACTION_SUBJECT_TAG:
        policytest_picture_add(p, POLICYTEST_SUBJECT_TAG, e->value, arena);
        break;
    case ACTION_ADD_RECIPIENT:
        policytest_picture_add(p, POLICYTEST_ADD_RECIPIENT, e->value, arena);
        break;
    default:
        break; /* the delays are told together */
    }
}

static void add_decision(struct policytest_picture *p, const struct decision *d, struct arena *arena)
{
    if (d->rule)
        policytest_picture_add(p, POLICYTEST_RULE, slice_of(d->rule), arena);
    if (d->to.len)
        policytest_picture_add(p, POLICYTEST_TO, d->to, arena);
    for (const struct policy_effect *e = d->effects; e; e = e->next)
        add_effect(p, e, arena);
    if (decision_delay_ms(d))
        policytest_picture_add(p, POLICYTEST_DELAY, policytest_duration(decision_delay_ms(d), arena), arena);
    for (const struct policy_shadow *s = d->shadow; s; s = s->next)
        policytest_picture_add(p, POLICYTEST_SHADOW, slice_of(s->rule), arena);
}

struct policytest_picture policytest_picture_of(const struct rehearsal_step *step, struct arena *arena)
{
    struct policytest_picture p = {0};
    for (size_t i = 0; i < POLICYTEST_ASPECTS; i++)
        p.of[i].known = true;
    policytest_picture_add(&p, POLICYTEST_ACTION, slice_of(report_step_outcome(step)), arena);
    if (step->refused)
        policytest_picture_add(&p, POLICYTEST_REPLY, step->reply, arena);
    if (step->judged)
        add_decision(&p, &step->decision, arena);
    return p;
}

/** "550" or "550 5.7.1": no text behind the codes. */
static bool is_codes_only(struct slice reply)
{
    for (size_t i = 0; i < reply.len; i++)
        if (!ascii_is_digit(reply.ptr[i]) && reply.ptr[i] != '.' && reply.ptr[i] != ' ')
            return false;
    return reply.len >= 3;
}

static bool is_same_reply(struct slice expected, struct slice got)
{
    if (slice_eq(expected, got))
        return true;
    return is_codes_only(expected) && got.len > expected.len && slice_starts(got, expected) && got.ptr[expected.len] == ' ';
}

/** The names of header fields and of mailboxes have no case. */
static bool is_same_tag(struct slice expected, struct slice got)
{
    ptrdiff_t a = slice_index(expected, ':'), b = slice_index(got, ':');
    if (a < 0 || a != b)
        return false;
    return slice_eq_nocase(slice_first(expected, (size_t)a), slice_first(got, (size_t)b)) &&
           slice_eq(slice_skip(expected, (size_t)a), slice_skip(got, (size_t)b));
}

static bool is_same(enum policytest_aspect aspect, struct slice expected, struct slice got)
{
    switch (aspect) {
    case POLICYTEST_REPLY:
        return is_same_reply(expected, got);
    case POLICYTEST_TAG:
        return is_same_tag(expected, got);
    case POLICYTEST_REMOVE_HEADER:
    case POLICYTEST_ADD_RECIPIENT:
    case POLICYTEST_TO:
        return slice_eq_nocase(expected, got);
    default:
        return slice_eq(expected, got);
    }
}

static size_t count_same(enum policytest_aspect aspect, const struct policytest_texts *texts, struct slice wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++)
        count += is_same(aspect, wanted, texts->items[i]);
    return count;
}

/** As many texts, and each expected one as often as it is expected: then there are no others. */
bool policytest_picture_holds(enum policytest_aspect aspect, const struct policytest_texts *expected, const struct policytest_texts *got)
{
    if (expected->count != got->count)
        return false;
    for (size_t i = 0; i < expected->count; i++)
        if (count_same(aspect, got, expected->items[i]) != count_same(aspect, expected, expected->items[i]))
            return false;
    return true;
}

void policytest_texts_show(struct buf *out, const struct policytest_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        buf_add_text(out, i ? ", " : "");
        conf_text_show(out, texts->items[i], TEXT_SHOWN);
    }
    if (texts->count == 0)
        buf_add_text(out, "none");
}
