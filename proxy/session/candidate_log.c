/* candidate_log: see candidate_log.h. */
#include "proxy/session/candidate_log.h"

#include "base/text_list.h"

enum { EFFECTS_MAX = 1000 };

static void log_differs(struct log_record *r, unsigned differs)
{
    static const char *const words[] = {"action", "rule", "reply", "target", "effects"};
    struct buf text = {0};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (differs & 1u << i)
            text_list_add(&text, ',', slice_of(words[i]), text.len == 0);
    log_slice(r, "candidate.differs", buf_slice(&text));
    buf_release(&text);
}

static void log_reply(struct log_record *r, const struct decision *d)
{
    struct buf text = {0};
    if (!d->reply_code)
        return;
    buf_add_format(&text, "%d %.*s %.*s", d->reply_code, SLICE_FMT(d->reply_enhanced), SLICE_FMT(d->reply_text));
    log_slice(r, "candidate.reply", buf_slice(&text));
    buf_release(&text);
}

static void add_effect(struct buf *out, const struct policy_effect *e)
{
    buf_add_format(out, "%s%s", out->len ? "; " : "", action_name(e->action));
    if (e->name.len)
        buf_add_format(out, " %.*s%s", SLICE_FMT(e->name), e->value.len ? ":" : "");
    if (e->value.len)
        buf_add_format(out, " %.*s", SLICE_FMT(e->value));
    if (e->action == ACTION_DELAY)
        buf_add_format(out, " %lldms", (long long)e->delay_ms);
}

static void log_effects(struct log_record *r, const char *key, const struct decision *d)
{
    struct buf text = {0};
    for (const struct policy_effect *e = d->effects; e && text.len < EFFECTS_MAX; e = e->next)
        add_effect(&text, e);
    log_slice(r, key, slice_first(buf_slice(&text), EFFECTS_MAX));
    buf_release(&text);
}

static void log_saw(struct log_record *r, const struct policy_difference *d, const struct fact_schema *schema)
{
    struct buf text = {0};
    for (size_t i = 0; i < d->saw_count; i++)
        text_list_add(&text, ',', slice_of(fact_schema_def(schema, d->saw[i])->name), i == 0);
    if (text.len)
        log_slice(r, "candidate.saw", buf_slice(&text));
    buf_release(&text);
}

void candidate_log(struct log_record *r, const struct policy_difference *d, const struct fact_schema *schema)
{
    log_text(r, "candidate", d->candidate);
    log_differs(r, d->differs);
    log_text(r, "live.action", action_name(d->live.action));
    if (d->live.rule)
        log_text(r, "live.rule", d->live.rule);
    log_text(r, "candidate.action", action_name(d->other.action));
    if (d->other.rule)
        log_text(r, "candidate.rule", d->other.rule);
    log_reply(r, &d->other);
    if (d->other.to.len)
        log_slice(r, "candidate.to", d->other.to);
    if (d->differs & DIFFERS_EFFECTS) {
        log_effects(r, "live.effects", &d->live);
        log_effects(r, "candidate.effects", &d->other);
    }
    log_saw(r, d, schema);
}
