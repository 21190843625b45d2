/* facts: see facts.h. Names are looked up while a configuration is loaded, ids while mail flows. */
#include "filters/facts.h"

#include "base/config/conf_error.h"

#include <inttypes.h>

enum { SCHEMA_FIRST = 32, HEADER_NAME_MAX = 76 };

struct entry {
    const struct fact_def *def;
    const char *off; /* the filter that would publish it, but is off; or NULL */
};

struct fact_schema {
    struct arena *arena;
    struct entry *entries;
    size_t count, cap;
    bool sealed;
};

struct fact_schema *fact_schema_new(struct arena *arena)
{
    struct fact_schema *schema = arena_alloc(arena, sizeof *schema);
    schema->arena = arena;
    schema->cap = SCHEMA_FIRST;
    schema->entries = arena_alloc(arena, schema->cap * sizeof *schema->entries);
    return schema;
}

/* Field names have no case (RFC 5322 §1.2.2), the other facts' names do. */
static bool is_header_name(struct slice name)
{
    return slice_starts(name, SLICE("header.")) && name.len > sizeof "header." - 1;
}

static int find_known(const struct fact_schema *schema, struct slice name)
{
    bool nocase = is_header_name(name);
    for (size_t i = 0; i < schema->count; i++) {
        struct slice known = slice_of(schema->entries[i].def->name);
        if (nocase ? slice_eq_nocase(known, name) : slice_eq(known, name))
            return (int)i;
    }
    return -1;
}

static int append(struct fact_schema *schema, const struct fact_def *def)
{
    if (schema->count == schema->cap) {
        struct entry *larger = arena_alloc(schema->arena, schema->cap * 2 * sizeof *larger);
        memcpy(larger, schema->entries, schema->count * sizeof *larger);
        schema->entries = larger;
        schema->cap *= 2;
    }
    schema->entries[schema->count] = (struct entry){.def = def};
    return (int)schema->count++;
}

int fact_schema_add(struct fact_schema *schema, const struct fact_def *def)
{
    if (schema->sealed || find_known(schema, slice_of(def->name)) >= 0)
        return -1;
    return append(schema, def);
}

/* RFC 5322 §3.6.8: printable ASCII but the colon. */
static bool is_field_name(struct slice name)
{
    if (name.len == 0 || name.len > HEADER_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == ':')
            return false;
    return true;
}

static int add_header(struct fact_schema *schema, struct slice name)
{
    struct fact_def *def = arena_alloc(schema->arena, sizeof *def);
    *def = (struct fact_def){
        .name = arena_string(schema->arena, name),
        .type = FACT_TEXT,
        .since = STAGE_DATA,
        .scope = FACT_TRANSACTION,
        .doc = "The first header field of that name, unfolded.",
    };
    return append(schema, def);
}

int fact_schema_find(struct fact_schema *schema, struct slice name)
{
    int id = find_known(schema, name);
    if (id >= 0 || schema->sealed || !is_header_name(name) || !is_field_name(slice_skip(name, sizeof "header." - 1)))
        return id;
    return add_header(schema, name);
}

void fact_schema_seal(struct fact_schema *schema)
{
    schema->sealed = true;
}

size_t fact_schema_count(const struct fact_schema *schema)
{
    return schema->count;
}

const struct fact_def *fact_schema_def(const struct fact_schema *schema, int id)
{
    return schema->entries[id].def;
}

void fact_schema_set_off(struct fact_schema *schema, int first, int end, const char *filter)
{
    for (int id = first; id < end; id++)
        schema->entries[id].off = filter;
}

const char *fact_schema_off(const struct fact_schema *schema, int id)
{
    return schema->entries[id].off;
}

const char *fact_schema_nearest(const struct fact_schema *schema, struct slice name)
{
    const char **names = arena_alloc(schema->arena, schema->count * sizeof *names);
    for (size_t i = 0; i < schema->count; i++)
        names[i] = schema->entries[i].def->name;
    return conf_nearest(name, names, schema->count);
}

void facts_init(struct facts *facts, const struct fact_schema *schema, struct arena *arena)
{
    facts->schema = schema;
    facts->values = arena_alloc(arena, schema->count * sizeof *facts->values);
}

const struct fact_value *facts_get(const struct facts *facts, int id)
{
    return &facts->values[id];
}

void facts_set_text(struct facts *facts, int id, struct slice text)
{
    facts->values[id] = (struct fact_value){.present = true, .text = text};
}

void facts_set_number(struct facts *facts, int id, int64_t number)
{
    facts->values[id] = (struct fact_value){.present = true, .number = number};
}

void facts_set_address(struct facts *facts, int id, const struct net_addr *addr)
{
    facts->values[id] = (struct fact_value){.present = true, .addr = *addr};
}

void facts_set_list(struct facts *facts, int id, const struct slice *items, size_t count)
{
    facts->values[id] = (struct fact_value){.present = true, .items = items, .count = count};
}

void facts_clear(struct facts *facts, int id)
{
    memset(&facts->values[id], 0, sizeof facts->values[id]); /* all of the union */
}

void facts_clear_scope(struct facts *facts, enum fact_scope scope)
{
    for (size_t i = 0; i < facts->schema->count; i++)
        if (facts->schema->entries[i].def->scope == scope)
            facts_clear(facts, (int)i);
}

static struct slice list_to_text(const struct fact_value *value, struct arena *arena)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < value->count; i++)
        size += value->items[i].len + 1;
    char *text = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            text[at++] = ',';
        if (value->items[i].len)
            memcpy(text + at, value->items[i].ptr, value->items[i].len);
        at += value->items[i].len;
    }
    return slice_make(text, at);
}

struct slice facts_to_text(const struct facts *facts, int id, struct arena *arena)
{
    const struct fact_value *value = facts_get(facts, id);
    if (!value->present)
        return SLICE("");
    switch (facts->schema->entries[id].def->type) {
    case FACT_NUMBER:
        return slice_of(arena_format(arena, "%" PRId64, value->number));
    case FACT_ADDRESS: {
        char text[NET_ADDR_TEXT];
        return arena_copy(arena, slice_of(net_addr_format_ip(&value->addr, text)));
    }
    case FACT_LIST:
        return list_to_text(value, arena);
    case FACT_TEXT:
    case FACT_WORD:
    case FACT_DOMAIN:
    case FACT_MAILBOX:
        break;
    }
    return value->text;
}

const char *stage_name(enum stage stage)
{
    static const char *const names[STAGE_COUNT] = {"connect", "helo", "mail", "rcpt", "data"};
    return names[stage];
}

const char *fact_type_name(enum fact_type type)
{
    static const char *const names[] = {"text", "word", "number", "address", "domain", "mailbox", "list"};
    return names[type];
}
