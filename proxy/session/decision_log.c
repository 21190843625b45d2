/* decision_log: one line for each decision: who, what, every fact, the rule, the reply, the backend's word, how long.
 *
 * Refused recipients and early refusals get a line of their own; every message gets one. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "base/log.h"

enum { RCPTS_SHOWN = 20 };

static void log_envelope(struct log_record *r, struct session *s, const struct decision_outcome *o)
{
    const struct tx *tx = s->tx;
    if (!tx)
        return;
    log_number(r, "tx", tx->number);
    log_text(r, "from", arena_format(s->line_arena, "<%.*s>", SLICE_FMT(tx->mail.sender.text)));
    if (o->stage == STAGE_RCPT) {
        log_text(r, "to", arena_format(s->line_arena, "<%.*s>", SLICE_FMT(tx->mail.rcpt.text)));
        return;
    }
    struct buf to = {0};
    for (size_t i = 0; i < tx->mail.rcpt_count && i < RCPTS_SHOWN; i++)
        buf_add_format(&to, "%s<%.*s>", i ? "," : "", SLICE_FMT(tx->mail.rcpts[i].text));
    log_slice(r, "to", buf_slice(&to));
    buf_release(&to);
    log_number(r, "rcpts", (int64_t)tx->mail.rcpt_count);
    if (tx->refused)
        log_number(r, "rcpts.refused", (int64_t)tx->refused);
}

/* The envelope's own facts stand in from= and to=, the client's in front. */
static bool stands_elsewhere(const struct settings *settings, int id)
{
    const struct core_facts *c = &settings->core;
    return id == c->client_ip || id == c->client_port || id == c->helo || id == c->listener || id == c->mail_from || id == c->rcpt ||
           id == c->mail_from_domain || id == c->mail_from_local || id == c->rcpt_domain || id == c->rcpt_local || id == c->rcpt_count;
}

static void log_facts(struct log_record *r, struct session *s)
{
    size_t count = fact_schema_count(s->settings->facts);
    for (int id = 0; id < (int)count; id++) {
        const struct fact_def *def = fact_schema_def(s->settings->facts, id);
        const struct fact_value *value = facts_get(&s->facts, id);
        if (!value->present || stands_elsewhere(s->settings, id))
            continue;
        if (def->type == FACT_NUMBER)
            log_number(r, def->name, value->number);
        else
            log_slice(r, def->name, facts_to_text(&s->facts, id, s->line_arena));
    }
}

static void join(struct buf *list, const char *text)
{
    buf_add_format(list, "%s%s", list->len ? "; " : "", text);
}

/* What would have been done, had it not been shadow: by single rules, and by the policy as a whole. */
static void log_shadow(struct log_record *r, const struct decision *d)
{
    struct buf rules = {0}, actions = {0};
    for (const struct policy_shadow *w = d->shadow; w; w = w->next) {
        join(&rules, w->rule);
        join(&actions, action_name(w->action));
    }
    if (d->shadowed && d->action != ACTION_ACCEPT) {
        join(&rules, d->rule);
        join(&actions, action_name(d->action));
    }
    if (rules.len) {
        log_slice(r, "shadow.rule", buf_slice(&rules));
        log_slice(r, "shadow.would", buf_slice(&actions));
    }
    buf_release(&rules);
    buf_release(&actions);
}

static void log_decision(struct log_record *r, const struct decision *d)
{
    if (!d)
        return;
    if (d->rule && !d->shadowed)
        log_text(r, "rule", d->rule);
    if (d->gave_up)
        log_text(r, "regex.gave_up", d->gave_up);
    log_shadow(r, d);
}

/* "queued as ID" is Postfix's word, "id=ID" Exim's. */
static struct slice queue_id(struct slice reply)
{
    static const char *const marks[] = {"queued as ", "id="};
    for (size_t m = 0; m < 2; m++) {
        struct slice mark = slice_of(marks[m]);
        for (size_t i = 0; i + mark.len < reply.len; i++)
            if (slice_starts(slice_skip(reply, i), mark)) {
                struct slice rest = slice_skip(reply, i + mark.len), id;
                slice_split(&rest, ' ', &id);
                return id;
            }
    }
    return (struct slice){NULL, 0};
}

static void log_outcome(struct log_record *r, struct session *s, const struct decision_outcome *o)
{
    log_text(r, "action", o->action);
    log_decision(r, o->decision);
    if (o->code)
        log_number(r, "code", o->code);
    if (o->code && o->text.len)
        log_text(r, "reply", arena_format(s->line_arena, "%d %.*s %.*s", o->code, SLICE_FMT(o->enhanced), SLICE_FMT(o->text)));
    if (o->error)
        log_text(r, "error", o->error);
    if (o->backend_reply.len) {
        log_slice(r, "backend.reply", o->backend_reply);
        struct slice id = queue_id(o->backend_reply);
        if (id.len)
            log_slice(r, "queue", id);
    }
    struct slice failures = chain_failures(s->chain, s->line_arena);
    if (failures.len)
        log_slice(r, "filters.failed", failures);
}

void decision_log(struct session *s, const struct decision_outcome *o)
{
    struct log_record r;
    if (s->tx && o->stage == STAGE_DATA)
        s->tx->logged = true;
    int64_t since = s->tx ? s->tx->started_us : s->started_us;
    log_begin(&r, LOG_LEVEL_INFO, "decision");
    log_text(&r, "session", s->id);
    log_text(&r, "stage", stage_name(o->stage));
    log_text(&r, "client.ip", s->mail.client_ip);
    log_number(&r, "client.port", s->mail.client.port);
    log_slice(&r, "helo", s->mail.helo);
    log_envelope(&r, s, o);
    log_outcome(&r, s, o);
    log_facts(&r, s);
    log_number(&r, "ms", (clock_monotonic_us() - since) / 1000);
    log_end(&r);
}
