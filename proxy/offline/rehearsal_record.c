/* rehearsal_record: see rehearsal_record.h. */
#include "proxy/offline/rehearsal_record.h"

#include "proxy/smtp/smtp_reply.h"

struct rehearsal_step *rehearsal_record_step(struct rehearsal_recorder *r, enum stage stage)
{
    struct rehearsal_step *step = arena_alloc(r->arena, sizeof *step);
    step->stage = stage;
    step->rcpt = step->reply = SLICE("");
    step->remark = "";
    *r->last_step = step;
    r->last_step = &step->next;
    r->last_trial = &step->trials;
    r->step = step;
    return step;
}

static struct rehearsal_fact read_fact(const struct rehearsal_recorder *r, int id)
{
    return (struct rehearsal_fact){
        .id = id,
        .def = fact_schema_def(r->facts->schema, id),
        .value = *facts_get(r->facts, id),
        .text = facts_to_text(r->facts, id, r->arena),
    };
}

void rehearsal_record_trial(void *ctx, const struct policy_trial *trial)
{
    struct rehearsal_recorder *r = ctx;
    struct rehearsal_trial *t = arena_alloc(r->arena, sizeof *t);
    *t = (struct rehearsal_trial){.rule = trial->rule, .action = trial->action, .shadow = trial->shadow, .matched = trial->matched};
    t->seen.items = arena_alloc(r->arena, trial->fact_count * sizeof *t->seen.items);
    for (size_t i = 0; i < trial->fact_count; i++)
        t->seen.items[t->seen.count++] = read_fact(r, trial->facts[i]);
    *r->last_trial = t;
    r->last_trial = &t->next;
}

void rehearsal_record_reply(struct rehearsal_recorder *r, int code, const char *enhanced, struct slice text)
{
    struct buf line = {0};
    smtp_reply_make(&line, code, enhanced, text);
    r->step->reply = arena_copy(r->arena, slice_trim(buf_slice(&line)));
    buf_release(&line);
}

struct rehearsal_facts rehearsal_record_facts(const struct rehearsal_recorder *r, enum fact_scope scope, bool others)
{
    size_t all = fact_schema_count(r->facts->schema);
    struct rehearsal_facts facts = {.items = arena_alloc(r->arena, all * sizeof *facts.items)};
    for (int id = 0; id < (int)all; id++) {
        bool wanted = (fact_schema_def(r->facts->schema, id)->scope == scope) != others;
        if (wanted && facts_get(r->facts, id)->present)
            facts.items[facts.count++] = read_fact(r, id);
    }
    return facts;
}
