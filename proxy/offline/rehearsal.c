/* rehearsal: see rehearsal.h. One function for each thing the client says, in the order in which it says them. */
#include "proxy/offline/rehearsal_changes.h"
#include "proxy/offline/rehearsal_record.h"

#include "proxy/settings/core_facts.h"
#include "proxy/smtp/message_head.h"

struct acting {
    const struct settings *settings;
    const struct chain_tools *tools;
    const struct rehearsal_script *script;
    struct rehearsal *out;
    struct rehearsal_recorder recorder;
    struct arena *arena;
    struct mail_session mail;
    struct facts facts;
    struct chain *chain;
    struct tx *tx;          /* NULL before MAIL */
    struct buf spool;       /* the message as it would be passed on */
    const char *trusted_by; /* the rule that trusts this session, or NULL */
    bool phase_over;
};

static void on_chain_done(void *ctx)
{
    struct acting *a = ctx;
    a->phase_over = true;
}

/* Filters that wait always have a deadline, so the loop always has an event. */
static void run_phase(struct acting *a, enum chain_phase phase)
{
    a->phase_over = chain_run(a->chain, phase);
    while (!a->phase_over && event_base_loop(a->tools->base, EVLOOP_ONCE) == 0)
        ;
}

static bool refuse(struct acting *a, const struct tx_refusal *r)
{
    rehearsal_record_reply(&a->recorder, r->code, r->enhanced, slice_of(r->text));
    a->recorder.step->refused = true;
    return false;
}

/* False: a filter that must not fail has failed. */
static bool can_decide(struct acting *a)
{
    const char *filter = chain_deferred(a->chain);
    if (!filter || a->trusted_by || !a->script->judged)
        return true;
    struct tx_refusal r = tx_deferral(filter, a->arena);
    a->recorder.step->remark = "filter failed, and its on_error is tempfail";
    return refuse(a, &r);
}

static void decide(struct acting *a, struct rehearsal_step *step)
{
    struct policy_trace trace = {rehearsal_record_trial, &a->recorder};
    struct decision *d = &step->decision;
    step->judged = true;
    if (a->trusted_by) {
        *d = (struct decision){.action = ACTION_TRUST, .rule = a->trusted_by};
        return;
    }
    bool shadow = a->settings->mode == MODE_SHADOW;
    const struct listener_settings *listener = a->script->listener;
    const struct policy *policy = step->stage == STAGE_RCPT ? tx_rcpt_policy(a->tx, listener) : listener->policy_loaded;
    if (step->stage == STAGE_DATA)
        tx_decide(a->tx, listener, &a->facts, shadow, d, &trace);
    else
        policy_decide_traced(policy, step->stage, &a->facts, shadow, a->arena, d, &trace);
    if (d->action == ACTION_TRUST && !d->shadowed) {
        a->trusted_by = d->rule;
        chain_disable(a->chain);
    }
}

/* False: the policy refuses, and the client was told. */
static bool judge(struct acting *a)
{
    struct rehearsal_step *step = a->recorder.step;
    if (!a->script->judged)
        return true;
    decide(a, step);
    if (!decision_refuses(&step->decision))
        return true;
    const struct decision *d = &step->decision;
    struct tx_refusal r = {d->reply_code, arena_string(a->arena, d->reply_enhanced), arena_string(a->arena, d->reply_text)};
    return refuse(a, &r);
}

static bool play_connect(struct acting *a)
{
    rehearsal_record_step(&a->recorder, STAGE_CONNECT);
    core_facts_publish_client(a->settings, &a->mail, &a->facts);
    run_phase(a, CHAIN_CONNECT);
    if (!judge(a))
        return false;
    rehearsal_record_reply(&a->recorder, 220, NULL, slice_of(arena_format(a->arena, "%s ESMTP", a->settings->hostname)));
    return true;
}

static bool play_hello(struct acting *a)
{
    rehearsal_record_step(&a->recorder, STAGE_HELO);
    a->mail.helo = a->script->hello.argument;
    a->mail.esmtp = a->script->hello.verb == SMTP_EHLO;
    core_facts_publish_hello(a->settings, &a->mail, &a->facts);
    run_phase(a, CHAIN_HELO);
    if (!judge(a))
        return false;
    rehearsal_record_reply(&a->recorder, 250, NULL, slice_of(a->settings->hostname));
    a->recorder.step->remark = "and what the backend offers";
    return true;
}

static bool play_mail(struct acting *a)
{
    struct tx *tx = tx_new(a->arena, &a->script->mail, (unsigned)a->settings->dns.queries_per_message);
    rehearsal_record_step(&a->recorder, STAGE_MAIL);
    a->tx = tx;
    a->out->answers = tx->answers;
    tx->mail.spf_story = &a->out->spf;
    core_facts_publish_sender(a->settings, &tx->mail.sender, a->arena, &a->facts);
    chain_begin(a->chain, &tx->mail, &tx->results, tx->answers);
    run_phase(a, CHAIN_MAIL);
    if (!can_decide(a) || !judge(a))
        return false;
    rehearsal_record_reply(&a->recorder, 250, "2.1.0", SLICE("Ok"));
    return true;
}

/* False: this recipient would have to come in a transaction of its own. */
static bool mix(struct acting *a)
{
    if (a->trusted_by || !a->script->judged)
        return true;
    if (tx_classify_rcpt(a->tx, a->script->listener, &a->facts) || a->settings->mode == MODE_SHADOW)
        return true;
    struct tx_refusal r = tx_split(a->tx);
    a->recorder.step->remark = "it is of another class than the recipients before it";
    return refuse(a, &r);
}

static bool decide_rcpt(struct acting *a)
{
    struct tx_refusal full = tx_full(a->tx, &a->settings->limits);
    if (full.code)
        return refuse(a, &full);
    core_facts_publish_rcpt(a->settings, &a->tx->mail, &a->facts);
    run_phase(a, CHAIN_RCPT);
    return can_decide(a) && judge(a) && mix(a);
}

static void play_rcpt(struct acting *a, const struct smtp_command *rcpt)
{
    struct rehearsal_step *step = rehearsal_record_step(&a->recorder, STAGE_RCPT);
    tx_offer_rcpt(a->tx, &rcpt->path);
    step->rcpt = a->tx->mail.rcpt.text;
    if (decide_rcpt(a)) {
        step->remark = "the backend's own answer, taken to be 250";
        tx_plan_rcpt(a->tx, &step->decision);
        tx_accept_rcpt(a->tx, &a->facts);
    }
    step->facts = rehearsal_record_facts(&a->recorder, FACT_RECIPIENT, false);
}

/* False: nobody is left to send the message to. */
static bool play_rcpts(struct acting *a)
{
    for (size_t i = 0; i < a->script->rcpt_count; i++)
        play_rcpt(a, &a->script->rcpts[i]);
    return a->tx->mail.rcpt_count > 0;
}

static void on_field(void *ctx, const struct mail_header *field)
{
    struct acting *a = ctx;
    chain_header(a->chain, field);
    core_facts_publish_field(a->settings, field, a->arena, &a->facts);
}

static void on_header_end(void *ctx)
{
    struct acting *a = ctx;
    core_facts_publish_header(a->settings, &a->tx->message, &a->facts);
    chain_eoh(a->chain);
}

static void send_message(struct acting *a)
{
    struct slice rest = a->script->wire;
    struct smtp_data_run run;
    do {
        run = smtp_data_next(&a->tx->data, rest);
        struct slice body = tx_take_data(a->tx, &a->settings->limits, run.wire, run.text);
        if (body.len)
            chain_body(a->chain, body);
        if (!tx_hopeless(a->tx))
            buf_add(&a->spool, run.wire);
        rest = slice_skip(rest, run.consumed);
    } while (!run.end && run.consumed);
    if (tx_hopeless(a->tx))
        return;
    struct slice held = message_finish(&a->tx->message);
    if (held.len)
        chain_body(a->chain, held);
}

static void record_marks(struct acting *a, const struct decision *d)
{
    struct buf marks = {0};
    message_head_add_marks(&marks, d, &a->tx->message, &a->tx->mail);
    a->out->marks = arena_copy(a->arena, buf_slice(&marks));
    buf_release(&marks);
}

static void record_results(struct acting *a)
{
    struct buf field = {0};
    auth_results_format_fields(&a->tx->results, &field);
    a->out->trace_fields = arena_copy(a->arena, buf_slice(&field));
    buf_clear(&field);
    auth_results_format(&a->tx->results, a->settings->hostname, &field);
    a->out->auth_results = arena_copy(a->arena, buf_slice(&field));
    buf_release(&field);
}

static void pass_on(struct acting *a, struct rehearsal_step *step)
{
    if (step->judged && step->decision.action == ACTION_DISCARD && !step->decision.shadowed) {
        rehearsal_record_reply(&a->recorder, 250, "2.0.0", SLICE("Ok"));
        step->remark = "and the message is thrown away";
        return;
    }
    step->remark = "the backend's own answer to the message";
    a->out->passed_on = true;
}

static bool measure(struct acting *a)
{
    struct tx_refusal r = tx_unacceptable(a->tx, &a->settings->limits);
    if (r.code)
        return refuse(a, &r);
    facts_set_number(&a->facts, a->settings->core.size, (int64_t)a->tx->size);
    run_phase(a, CHAIN_EOM);
    a->out->measured = true;
    return true;
}

static void play_data(struct acting *a)
{
    struct rehearsal_step *step = rehearsal_record_step(&a->recorder, STAGE_DATA);
    run_phase(a, CHAIN_DATA);
    core_facts_publish_data(a->settings, &a->tx->mail, &a->facts);
    tx_start_data(a->tx, a->settings, on_field, on_header_end, a);
    send_message(a);
    a->out->size = a->tx->size;
    if (!measure(a))
        return;
    if (can_decide(a) && judge(a))
        pass_on(a, step);
    rehearsal_note_changes(a->out, a->tx, &step->decision, buf_slice(&a->spool), a->arena);
    if (step->judged)
        record_marks(a, &step->decision);
}

static void close_session(struct acting *a)
{
    if (a->tx && !a->trusted_by && (a->out->measured || !a->script->wire.ptr))
        record_results(a);
    a->out->end = a->recorder.step;
    a->out->facts = rehearsal_record_facts(&a->recorder, FACT_RECIPIENT, true);
    a->out->failures = chain_failures(a->chain, a->arena);
    chain_close(a->chain);
    buf_release(&a->spool);
}

static void enter_client(struct acting *a)
{
    char ip[NET_ADDR_TEXT];
    a->mail = (struct mail_session){
        .client = a->script->client,
        .listener = a->script->listener->address,
        .client_ip = arena_string(a->arena, slice_of(net_addr_format_ip(&a->script->client, ip))),
        .helo = SLICE(""),
        .auth_user = SLICE(""),
        .hostname = a->settings->hostname,
        .arena = a->arena,
    };
}

void rehearsal_play(const struct settings *settings, const struct chain_tools *tools, const struct rehearsal_script *script,
                    struct arena *arena, struct rehearsal *out)
{
    *out = (struct rehearsal){
        .marks = SLICE(""), .delivered_to = SLICE(""), .trace_fields = SLICE(""), .auth_results = SLICE(""), .failures = SLICE("")};
    struct acting *a = arena_alloc(arena, sizeof *a); /* the chain's deadline belongs to it as long as the arena lives */
    *a = (struct acting){.settings = settings, .tools = tools, .script = script, .out = out, .arena = arena};
    a->recorder = (struct rehearsal_recorder){.arena = arena, .facts = &a->facts, .last_step = &out->steps};
    enter_client(a);
    facts_init(&a->facts, settings->facts, arena);
    a->chain = chain_new(settings, tools, &a->mail, &a->facts, on_chain_done, a);
    out->session_answers = chain_answers(a->chain);
    bool sends = play_connect(a) && play_hello(a) && play_mail(a) && play_rcpts(a);
    if (sends && script->wire.ptr)
        play_data(a);
    close_session(a);
}
