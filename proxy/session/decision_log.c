/* decision_log: one line for each decision: who, what, every fact, the rule, the reply, the backend's word, how long.
 *
 * Refused recipients and early refusals get a line of their own; every message gets one. */
#include "proxy/session/session_state.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text_list.h"
#include "filters/facts_record.h"
#include "proxy/session/candidate_log.h"

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

/* These stand in front, under their own names or in from= and to=; logged_facts.c takes them from there. */
static bool stands_elsewhere(const struct settings *settings, enum stage stage, int id)
{
    const struct core_facts *c = &settings->core;
    return id == c->client_ip || id == c->client_port || id == c->helo || id == c->mail_from || id == c->mail_from_domain ||
           id == c->mail_from_local || (id == c->rcpt && stage == STAGE_RCPT) || id == c->rcpt_domain || id == c->rcpt_local;
}

static bool log_fact(struct log_record *r, struct session *s, int id)
{
    bool cut;
    const struct fact_def *def = fact_schema_def(s->settings->facts, id);
    struct slice text = facts_to_record(&s->facts, id, s->line_arena, &cut);
    if (def->type == FACT_NUMBER)
        log_number(r, def->name, facts_get(&s->facts, id)->number);
    else
        log_slice(r, def->name, text);
    return cut;
}

/* Every fact that the policy could see, so that the decision can be explained again from the line alone. */
static void log_facts(struct log_record *r, struct session *s, enum stage stage)
{
    struct buf cut = {0};
    size_t count = fact_schema_count(s->settings->facts);
    for (int id = 0; id < (int)count; id++)
        if (facts_get(&s->facts, id)->present && !stands_elsewhere(s->settings, stage, id) && log_fact(r, s, id))
            text_list_add(&cut, ',', slice_of(fact_schema_def(s->settings->facts, id)->name), cut.len == 0);
    if (cut.len)
        log_slice(r, "facts.cut", buf_slice(&cut));
    buf_release(&cut);
}

static void join(struct buf *list, const char *text)
{
    if (list->len)
        buf_add_text(list, "; ");
    text_list_add(list, ';', slice_of(text), true);
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

/* A rule that names several fields or mailboxes has an effect for each. */
static bool is_repeated(const struct policy_effect *e)
{
    return e->next && e->next->action == e->action && strcmp(e->next->rule, e->rule) == 0;
}

/* What rules asked for that let others decide. A message that is refused was held back at most. */
static void log_effects(struct log_record *r, const struct decision *d)
{
    bool passed = !decision_refuses(d) && d->action != ACTION_DISCARD;
    struct buf effects = {0};
    for (const struct policy_effect *e = d->effects; e; e = e->next)
        if ((passed || e->action == ACTION_DELAY) && !is_repeated(e))
            buf_add_format(&effects, "%s%s (%s)", effects.len ? "; " : "", action_name(e->action), e->rule);
    if (effects.len)
        log_slice(r, "effects", buf_slice(&effects));
    buf_release(&effects);
}

static void log_decision(struct log_record *r, const struct session *s, const struct decision *d)
{
    if (!d)
        return;
    if (d->rule && !d->shadowed)
        log_text(r, "rule", d->rule);
    log_effects(r, d);
    log_shadow(r, d);
    if (d->gave_up)
        log_text(r, "regex.gave_up", d->gave_up);
    if (d->candidate)
        candidate_log(r, d->candidate, s->settings->facts);
}

static void add_mailbox(struct buf *list, struct slice mailbox)
{
    buf_add_format(list, "%s<%.*s>", list->len ? "," : "", SLICE_FMT(mailbox));
}

/* At stage rcpt: what the policy wants; at stage data: what the backend was told. */
static void log_delivered(struct log_record *r, const struct tx *tx, const struct decision_outcome *o)
{
    const struct decision *d = o->decision;
    struct buf to = {0};
    if (!tx || !d || d->shadowed || d->action == ACTION_DISCARD || o->code >= 300)
        return;
    for (size_t i = 0; o->stage == STAGE_DATA && tx_goes_elsewhere(tx) && i < tx->envelope.count && i < RCPTS_SHOWN; i++)
        add_mailbox(&to, tx->envelope.rcpts[i].path.text);
    if (o->stage == STAGE_RCPT && d->action == ACTION_REDIRECT)
        add_mailbox(&to, d->to);
    for (const struct policy_effect *e = d->effects; e && o->stage == STAGE_RCPT; e = e->next)
        if (e->action == ACTION_ADD_RECIPIENT)
            add_mailbox(&to, e->value);
    if (to.len)
        log_slice(r, "delivered.to", buf_slice(&to));
    buf_release(&to);
}

/* With whose keys, or why with none. */
static void log_signing(struct log_record *r, const struct tx *tx)
{
    if (tx && tx->signatures.names.len)
        log_slice(r, "signed", tx->signatures.names);
    if (tx && tx->signatures.unsigned_why)
        log_text(r, "unsigned", tx->signatures.unsigned_why);
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
    log_decision(r, s, o->decision);
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

/* Where the policy was not asked, the one that would have been. */
static const struct policy *policy_of(const struct session *s, const struct decision_outcome *o)
{
    if (o->decision && o->decision->policy)
        return o->decision->policy;
    return s->tx && o->stage >= STAGE_RCPT ? tx_rcpt_policy(s->tx, s->listener) : s->listener->policy_loaded;
}

static void count_message(const struct session *s, const struct decision_outcome *o)
{
    static const enum status_total by_code[] = {
        [2] = STATUS_MESSAGES_ACCEPTED, [4] = STATUS_MESSAGES_DEFERRED, [5] = STATUS_MESSAGES_REFUSED};
    unsigned class = (unsigned)o->code / 100;
    if (strcmp(o->action, "unconfirmed") == 0)
        status_add(&s->worker->status, STATUS_MESSAGES_UNCONFIRMED);
    else if (class == 2 || class == 4 || class == 5)
        status_add(&s->worker->status, by_code[class]);
    else
        status_add(&s->worker->status, STATUS_MESSAGES_ABORTED);
}

void decision_log(struct session *s, const struct decision_outcome *o)
{
    struct log_record r;
    if (s->tx && o->stage == STAGE_DATA)
        count_message(s, o);
    if (s->tx && o->stage == STAGE_DATA)
        s->tx->logged = true;
    int64_t since = s->tx ? s->tx->started_us : s->started_us;
    log_begin(&r, LOG_LEVEL_INFO, "decision");
    log_text(&r, "session", s->id);
    log_text(&r, "stage", stage_name(o->stage));
    log_text(&r, "policy", policy_name(policy_of(s, o)));
    log_text(&r, "client.ip", s->mail.client_ip);
    log_number(&r, "client.port", s->mail.client.port);
    log_slice(&r, "helo", s->mail.helo);
    log_envelope(&r, s, o);
    log_outcome(&r, s, o);
    log_delivered(&r, s->tx, o);
    log_signing(&r, s->tx);
    log_facts(&r, s, o->stage);
    log_number(&r, "ms", (clock_monotonic_us() - since) / 1000);
    log_end(&r);
}
