/* shadow_tally: see shadow_tally.h. */
#include "proxy/logbook/shadow_tally.h"

#include "base/text_list.h"
#include "proxy/logbook/logged_facts.h"

enum { BASES_MAX = 1000, TEXT_KEPT = 300, FACTS_SHOWN = 12 };

void shadow_tally_init(struct shadow_tally *t, struct arena *arena, struct slice since, size_t examples)
{
    *t = (struct shadow_tally){.arena = arena, .since = since, .example_room = examples};
    t->last_case = &t->cases;
}

void shadow_tally_release(struct shadow_tally *t)
{
    for (struct shadow_case *c = t->cases; c; c = c->next) {
        distinct_release(&c->senders);
        distinct_release(&c->clients);
        for (size_t i = 0; i < t->example_room; i++)
            arena_free(&c->kept[i]);
    }
}

static struct slice keep(struct arena *arena, struct slice text)
{
    return text.ptr ? arena_copy(arena, slice_first(text, TEXT_KEPT)) : slice_make(NULL, 0);
}

static void copy_time(char *out, struct slice time)
{
    memcpy(out, time.ptr, time.len);
    out[time.len] = '\0';
}

/* Files may come in any order. */
static void note_time(struct shadow_period *p, struct slice time)
{
    time = slice_first(time, sizeof p->first - 1);
    if (time.len && (!p->first[0] || slice_compare(time, slice_of(p->first)) < 0))
        copy_time(p->first, time);
    if (time.len && slice_compare(time, slice_of(p->last)) > 0)
        copy_time(p->last, time);
}

/* ---- how many decisions there were ---- */

static void add_base(struct shadow_tally *t, struct slice policy, const char *stage, uint64_t n)
{
    size_t count = 0;
    for (struct shadow_base *b = t->bases; b; b = b->next, count++)
        if (slice_eq(b->policy, policy) && slice_eq(b->stage, slice_of(stage))) {
            b->count += n;
            return;
        }
    if (count == BASES_MAX)
        return;
    struct shadow_base *b = arena_alloc(t->arena, sizeof *b);
    *b = (struct shadow_base){keep(t->arena, policy), slice_of(stage), n, t->bases};
    t->bases = b;
}

/* A recipient that passed has no line of its own: the message's line counts it. */
static void add_counts(struct shadow_tally *t, const struct log_line *line)
{
    struct slice policy = log_line_get(line, "policy");
    uint64_t recipients = 0;
    if (log_line_is(line, "stage", "data")) {
        t->messages++;
        recipients = (uint64_t)log_line_number(line, "rcpts");
        add_base(t, policy, "data", 1);
    } else if (log_line_is(line, "stage", "rcpt") && log_line_number(line, "code") >= 400)
        recipients = 1;
    t->recipients += recipients;
    if (recipients)
        add_base(t, policy, "rcpt", recipients);
}

uint64_t shadow_tally_base(const struct shadow_tally *t, const struct shadow_case *c)
{
    for (const struct shadow_base *b = t->bases; b; b = b->next)
        if (slice_eq(b->policy, c->key.policy) && slice_eq(b->stage, c->key.stage) && b->count >= c->count)
            return b->count;
    return 0;
}

/* ---- examples ---- */

size_t shadow_case_examples(const struct shadow_tally *t, const struct shadow_case *c)
{
    return c->count < t->example_room ? (size_t)c->count : t->example_room;
}

const struct shadow_example *shadow_case_example(const struct shadow_tally *t, const struct shadow_case *c, size_t i)
{
    size_t oldest = c->count > t->example_room ? (size_t)(c->count % t->example_room) : 0;
    return &c->examples[(oldest + i) % t->example_room];
}

static struct shadow_fact *read_facts(const struct log_line *line, struct arena *arena)
{
    struct shadow_fact *first = NULL, **last = &first;
    struct slice rest = log_line_get(line, "candidate.saw"), name;
    for (size_t i = 0; i < FACTS_SHOWN && text_list_next(&rest, ',', &name, arena); i++) {
        struct shadow_fact *f = arena_alloc(arena, sizeof *f);
        f->name = keep(arena, name);
        f->value = keep(arena, logged_facts_value(line, name, arena));
        *last = f;
        last = &f->next;
    }
    return first;
}

static void keep_example(const struct shadow_tally *t, struct shadow_case *c, const struct log_line *line)
{
    if (t->example_room == 0)
        return;
    size_t place = (size_t)((c->count - 1) % t->example_room);
    if (c->kept[place])
        arena_clear(c->kept[place]);
    else
        c->kept[place] = arena_new();
    struct arena *a = c->kept[place];
    c->examples[place] = (struct shadow_example){
        .time = keep(a, log_line_get(line, "time")),
        .session = keep(a, log_line_get(line, "session")),
        .tx = keep(a, log_line_get(line, "tx")),
        .client = keep(a, log_line_get(line, "client.ip")),
        .from = keep(a, log_line_get(line, "from")),
        .to = keep(a, log_line_get(line, "to")),
        .reply = c->key.kind == SHADOW_CANDIDATE ? keep(a, log_line_get(line, "candidate.reply")) : slice_make(NULL, 0),
        .facts = c->key.kind == SHADOW_CANDIDATE ? read_facts(line, a) : NULL,
    };
}

/* ---- cases ---- */

static bool same_key(const struct shadow_key *a, const struct shadow_key *b)
{
    return a->kind == b->kind && slice_eq(a->policy, b->policy) && slice_eq(a->stage, b->stage) && slice_eq(a->candidate, b->candidate) &&
           slice_eq(a->differs, b->differs) && slice_eq(a->live_action, b->live_action) && slice_eq(a->live_rule, b->live_rule) &&
           slice_eq(a->action, b->action) && slice_eq(a->rule, b->rule);
}

static struct shadow_case *new_case(struct shadow_tally *t, const struct shadow_key *key)
{
    struct shadow_case *c = arena_alloc(t->arena, sizeof *c);
    c->key = (struct shadow_key){
        .kind = key->kind,
        .policy = keep(t->arena, key->policy),
        .stage = keep(t->arena, key->stage),
        .candidate = keep(t->arena, key->candidate),
        .differs = keep(t->arena, key->differs),
        .live_action = keep(t->arena, key->live_action),
        .live_rule = keep(t->arena, key->live_rule),
        .action = keep(t->arena, key->action),
        .rule = keep(t->arena, key->rule),
    };
    c->kept = arena_alloc(t->arena, (t->example_room + 1) * sizeof *c->kept);
    c->examples = arena_alloc(t->arena, (t->example_room + 1) * sizeof *c->examples);
    *t->last_case = c;
    t->last_case = &c->next;
    t->case_count++;
    return c;
}

static struct shadow_case *find_case(struct shadow_tally *t, const struct shadow_key *key)
{
    for (struct shadow_case *c = t->cases; c; c = c->next)
        if (same_key(&c->key, key))
            return c;
    return t->case_count < SHADOW_CASES_MAX ? new_case(t, key) : NULL;
}

/* Texts of a key are compared as they are kept. */
static struct slice key_text(const struct log_line *line, const char *key)
{
    return slice_first(log_line_get(line, key), TEXT_KEPT);
}

static void add_case(struct shadow_tally *t, const struct shadow_key *key, const struct log_line *line)
{
    struct shadow_case *c = find_case(t, key);
    if (!c) {
        t->beyond++;
        return;
    }
    c->count++;
    note_time(&c->period, log_line_get(line, "time"));
    c->refused += log_line_number(line, "code") >= 400;
    if (log_line_get(line, "from").ptr)
        distinct_add(&c->senders, log_line_get(line, "from"));
    distinct_add(&c->clients, log_line_get(line, "client.ip"));
    keep_example(t, c, line);
}

static void add_candidate(struct shadow_tally *t, const struct log_line *line)
{
    if (!log_line_get(line, "candidate").ptr)
        return;
    if (log_line_is(line, "candidate.differs", "rule")) {
        t->same_outcome++;
        return;
    }
    t->differing++;
    struct shadow_key key = {
        .kind = SHADOW_CANDIDATE,
        .policy = key_text(line, "policy"),
        .stage = key_text(line, "stage"),
        .candidate = key_text(line, "candidate"),
        .differs = key_text(line, "candidate.differs"),
        .live_action = key_text(line, "live.action"),
        .live_rule = key_text(line, "live.rule"),
        .action = key_text(line, "candidate.action"),
        .rule = key_text(line, "candidate.rule"),
    };
    add_case(t, &key, line);
}

/* "a; b" beside "reject; tempfail": what the first rule would have done, and the second. */
static void add_shadow_rules(struct shadow_tally *t, const struct log_line *line, struct arena *arena)
{
    struct slice rules = log_line_get(line, "shadow.rule"), actions = log_line_get(line, "shadow.would"), rule, action;
    t->shadowed += rules.ptr != NULL;
    while (text_list_next(&rules, ';', &rule, arena) && text_list_next(&actions, ';', &action, arena)) {
        struct shadow_key key = {
            .kind = SHADOW_RULE,
            .policy = key_text(line, "policy"),
            .stage = key_text(line, "stage"),
            .action = slice_first(slice_trim(action), TEXT_KEPT),
            .rule = slice_first(slice_trim(rule), TEXT_KEPT),
        };
        add_case(t, &key, line);
    }
}

void shadow_tally_add(struct shadow_tally *t, const struct log_line *line)
{
    struct slice time = log_line_get(line, "time");
    if (!log_line_is(line, "event", "decision") || slice_compare(time, t->since) < 0)
        return;
    t->decisions++;
    note_time(&t->period, time);
    add_counts(t, line);
    add_candidate(t, line);
    struct arena *scratch = arena_new();
    add_shadow_rules(t, line, scratch);
    arena_free(&scratch);
}

static bool stands_before(const struct shadow_case *a, const struct shadow_case *b)
{
    return a->key.kind != b->key.kind ? a->key.kind < b->key.kind : a->count > b->count;
}

/* Insertion: there are few, and equals keep their order. */
void shadow_tally_sort(struct shadow_tally *t)
{
    struct shadow_case *sorted = NULL;
    for (struct shadow_case *c = t->cases, *next; c; c = next) {
        struct shadow_case **link = &sorted;
        next = c->next;
        while (*link && !stands_before(c, *link))
            link = &(*link)->next;
        c->next = *link;
        *link = c;
    }
    t->cases = sorted;
    t->last_case = NULL;
}
