/* facts_record: see facts_record.h. */
#include "filters/facts_record.h"

#include "base/text_list.h"

static struct slice record_list(const struct fact_value *value, struct arena *arena, bool *cut)
{
    struct buf text = {0};
    for (size_t i = 0; i < value->count && !*cut; i++) {
        size_t before = text.len;
        text_list_add(&text, ',', value->items[i], i == 0);
        if (text.len > FACT_RECORD_MAX) {
            text.len = before;
            *cut = true;
        }
    }
    struct slice record = arena_copy(arena, buf_slice(&text));
    buf_release(&text);
    return record;
}

struct slice facts_to_record(const struct facts *facts, int id, struct arena *arena, bool *cut)
{
    const struct fact_value *value = facts_get(facts, id);
    *cut = false;
    if (value->present && fact_schema_def(facts->schema, id)->type == FACT_LIST)
        return record_list(value, arena, cut);
    struct slice text = facts_to_text(facts, id, arena);
    *cut = text.len > FACT_RECORD_MAX;
    return slice_first(text, FACT_RECORD_MAX);
}

static bool read_number(struct facts *facts, int id, struct slice text)
{
    bool negative = text.len && text.ptr[0] == '-';
    uint64_t magnitude;
    if (!slice_to_u64(slice_skip(text, negative), &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    facts_set_number(facts, id, (int64_t)(negative ? 0 - magnitude : magnitude));
    return true;
}

static bool read_address(struct facts *facts, int id, struct slice text)
{
    struct net_addr addr;
    if (!net_addr_parse_ip(text, &addr))
        return false;
    facts_set_address(facts, id, &addr);
    return true;
}

static bool read_list(struct facts *facts, int id, struct slice text, struct arena *arena)
{
    struct slice *items = arena_alloc(arena, (text.len + 1) * sizeof *items), rest = text;
    size_t count = 0;
    while (text.len && text_list_next(&rest, ',', &items[count], arena))
        count++;
    facts_set_list(facts, id, items, count);
    return true;
}

/* A word that the fact cannot be, such as one of an older version, is none. */
static bool read_word(struct facts *facts, int id, struct slice text)
{
    for (const char *const *word = fact_schema_def(facts->schema, id)->words; word && *word; word++)
        if (slice_eq(text, slice_of(*word))) {
            facts_set_text(facts, id, slice_of(*word));
            return true;
        }
    return false;
}

bool facts_from_record(struct facts *facts, int id, struct slice text, struct arena *arena)
{
    switch (fact_schema_def(facts->schema, id)->type) {
    case FACT_NUMBER:
        return read_number(facts, id, text);
    case FACT_ADDRESS:
        return read_address(facts, id, text);
    case FACT_LIST:
        return read_list(facts, id, text, arena);
    case FACT_WORD:
        return read_word(facts, id, text);
    case FACT_TEXT:
    case FACT_DOMAIN:
    case FACT_MAILBOX:
        break;
    }
    facts_set_text(facts, id, text);
    return true;
}
