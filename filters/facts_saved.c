/* facts_saved: sets the facts of one scope aside and brings them back, so that one recipient of several can be decided upon when the
 * facts of another stand in their place. See facts.h. */
#include "filters/facts.h"

struct saved_value {
    int id;
    struct fact_value value;
};

struct facts_saved {
    struct saved_value *values;
    size_t count;
};

static struct fact_value copy_value(const struct fact_value *value, enum fact_type type, struct arena *arena)
{
    struct fact_value copy = *value;
    if (type == FACT_NUMBER || type == FACT_ADDRESS)
        return copy;
    if (type != FACT_LIST) {
        copy.text = arena_copy(arena, value->text);
        return copy;
    }
    struct slice *items = arena_alloc(arena, value->count * sizeof *items);
    for (size_t i = 0; i < value->count; i++)
        items[i] = arena_copy(arena, value->items[i]);
    copy.items = items;
    return copy;
}

static bool is_saved(const struct facts *facts, int id, enum fact_scope scope)
{
    return fact_schema_def(facts->schema, id)->scope == scope && facts_get(facts, id)->present;
}

struct facts_saved *facts_save_scope(const struct facts *facts, enum fact_scope scope, struct arena *arena)
{
    struct facts_saved *saved = arena_alloc(arena, sizeof *saved);
    int total = (int)fact_schema_count(facts->schema);
    size_t present = 0;
    for (int id = 0; id < total; id++)
        present += is_saved(facts, id, scope);
    saved->values = arena_alloc(arena, present * sizeof *saved->values);
    for (int id = 0; id < total; id++)
        if (is_saved(facts, id, scope))
            saved->values[saved->count++] =
                (struct saved_value){id, copy_value(facts_get(facts, id), fact_schema_def(facts->schema, id)->type, arena)};
    return saved;
}

void facts_put_saved(struct facts *facts, const struct facts_saved *saved)
{
    for (size_t i = 0; i < saved->count; i++)
        facts->values[saved->values[i].id] = saved->values[i].value;
}

void facts_restore_scope(struct facts *facts, enum fact_scope scope, const struct facts_saved *saved)
{
    facts_clear_scope(facts, scope);
    facts_put_saved(facts, saved);
}
