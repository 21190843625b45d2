/* limit_view: see limit_view.h. */
#include "proxy/limits/limit_view.h"

#include "base/cidr_set.h"
#include "base/mem.h"
#include "filters/rate_limit/rate_limit_key.h"

/** The limits of the configuration, whether the filter is on or not. */
static struct option_list all_limits(const struct settings *settings)
{
    for (size_t i = 0; i < settings->filter_count; i++) {
        const struct rate_limit_config *config = settings->filters[i].config;
        if (strcmp(settings->filters[i].filter->name, "rate_limit") == 0)
            return config->limits;
    }
    return (struct option_list){0};
}

const struct rate_limit *limit_find(const struct settings *settings, const char *name, struct arena *arena, const char **meant)
{
    const struct option_list all = all_limits(settings);
    const struct rate_limit *limits = all.items;
    const char **names = arena_alloc(arena, (all.count + 1) * sizeof *names);
    for (size_t i = 0; i < all.count; i++) {
        names[i] = limits[i].name;
        if (strcmp(name, names[i]) == 0)
            return &limits[i];
    }
    *meant = conf_nearest(slice_of(name), names, all.count);
    return NULL;
}

const char *limit_value_read(const struct rate_part *part, const struct slice *text, struct fact_value *out)
{
    unsigned bits;
    uint64_t number = 0;
    *out = (struct fact_value){.present = true};
    switch (part->type) {
    case FACT_ADDRESS:
        if (cidr_parse(*text, &out->addr, &bits) && (part->net || bits == net_addr_bits(&out->addr)))
            return NULL;
        return part->net ? "not an address or network" : "not an address";
    case FACT_NUMBER:
        if (!slice_to_u64(*text, &number) || number > INT64_MAX)
            return "not a number";
        out->number = (int64_t)number;
        return NULL;
    case FACT_LIST:
        out->items = text;
        out->count = 1;
        break;
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_DOMAIN:
    case FACT_MAILBOX:
        out->text = *text;
    }
    return slice_empty(*text) ? "an empty value" : NULL;
}

struct waiting {
    struct event_base *base;
    bool over;
    enum state_result result;
};

static void on_done(void *ctx, enum state_result result)
{
    struct waiting *w = ctx;
    w->over = true;
    w->result = result;
    event_base_loopbreak(w->base);
}

/** The store's own deadline ends the wait. */
static bool run(const struct limit_view *view, struct state_op *op, bool *local)
{
    struct waiting w = {.base = view->base};
    struct state_batch batch = {.ops = op, .count = 1, .done = on_done, .ctx = &w};
    w.result = state_run(view->state, &batch);
    while (w.result == STATE_PENDING && !w.over && event_base_dispatch(view->base) == 0)
        ;
    state_cancel(view->state, &batch);
    *local = batch.local;
    return w.result == STATE_DONE;
}

static struct state_op make_op(const struct rate_limit *limit, const struct rate_terms *terms, enum limit_change change, int64_t used)
{
    struct state_op op = {.kind = STATE_LOOK, .limit = *terms->gcra, .most = terms->max, .cost = limit->cost};
    if (change == LIMIT_FORGET)
        op.kind = STATE_FORGET;
    else if (change == LIMIT_SET) {
        op.kind = STATE_SET;
        op.cost = used;
    } else if (limit->unit == RATE_SESSIONS)
        op.kind = STATE_PLACES;
    return op;
}

static void fill(const struct rate_limit *limit, const struct rate_terms *terms, const struct state_op *op, struct limit_entry *out)
{
    bool places = limit->unit == RATE_SESSIONS;
    out->most = places ? terms->max : terms->gcra->burst;
    out->used = op->used;
    out->over = places ? op->used >= out->most : op->over;
    out->retry_us = op->retry_us;
}

bool limit_ask(const struct limit_view *view, const struct fact_value *values, enum limit_change change, int64_t used,
               struct limit_entry *out, bool *local)
{
    struct buf key = {0};
    struct rate_terms terms = rate_limit_terms(view->limit, values);
    *local = false;
    *out = (struct limit_entry){.unlimited = terms.unlimited};
    bool good = rate_limit_key(view->limit, values, &key);
    struct slice kept = arena_copy(view->arena, buf_slice(&key));
    buf_release(&key);
    rate_limit_key_read(view->limit, kept, out->values);
    if (!good || terms.unlimited)
        return good;
    struct state_op op = make_op(view->limit, &terms, change, used);
    op.key = kept;
    good = run(view, &op, local);
    if (good && change != LIMIT_LOOK) {
        op = make_op(view->limit, &terms, LIMIT_LOOK, 0);
        op.key = kept;
        good = run(view, &op, local);
    }
    fill(view->limit, &terms, &op, out);
    return good;
}

struct top {
    const struct limit_view *view;
    struct limit_entry *entries; /* sorted, the fullest first */
    size_t most, count;
};

/** Whether a is fuller than b, each measured by its own limit. */
static bool is_fuller(const struct limit_entry *a, const struct limit_entry *b)
{
    double x = (double)a->used / (double)(a->most ? a->most : 1), y = (double)b->used / (double)(b->most ? b->most : 1);
    return x > y || (x == y && a->used > b->used);
}

static void insert(struct top *t, const struct limit_entry *entry)
{
    size_t at = t->count;
    while (at > 0 && is_fuller(entry, &t->entries[at - 1]))
        at--;
    if (at == t->most)
        return;
    size_t moved = (t->count < t->most ? t->count : t->most - 1) - at;
    memmove(&t->entries[at + 1], &t->entries[at], moved * sizeof *t->entries);
    t->entries[at] = *entry;
    for (size_t i = 0; i < t->view->limit->part_count; i++)
        t->entries[at].values[i] = arena_copy(t->view->arena, entry->values[i]);
    t->count += t->count < t->most;
}

static void on_entry(void *ctx, const struct state_entry *e)
{
    struct top *t = ctx;
    const struct rate_limit *limit = t->view->limit;
    struct limit_entry entry = {0};
    struct fact_value values[RATE_PARTS_MAX];
    if (!rate_limit_key_read(limit, e->key, entry.values))
        return;
    for (size_t i = 0; i < limit->part_count; i++)
        if (limit_value_read(&limit->parts[i], &entry.values[i], &values[i]))
            return;
    struct rate_terms terms = rate_limit_terms(limit, values);
    if (terms.unlimited)
        return;
    struct state_op op = {.used = e->places};
    if (limit->unit != RATE_SESSIONS) {
        struct gcra_result r = gcra_check(terms.gcra, e->ahead_us, 0, limit->cost);
        op = (struct state_op){.used = gcra_used(terms.gcra, e->ahead_us), .over = !r.allowed, .retry_us = r.retry_us};
    }
    fill(limit, &terms, &op, &entry);
    insert(t, &entry);
}

bool limit_top(const struct limit_view *view, size_t most, struct limit_entry **entries, size_t *count)
{
    struct buf prefix = {0};
    struct top t = {.view = view, .most = most, .entries = arena_alloc(view->arena, (most + 1) * sizeof *t.entries)};
    rate_limit_prefix(view->limit, &prefix);
    bool good = state_each(view->state, buf_slice(&prefix), on_entry, &t);
    buf_release(&prefix);
    *entries = t.entries;
    *count = t.count;
    return good;
}
