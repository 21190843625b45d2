/* dns_map: see dns_map.h. A chained hash table in an arena, with a second chain in the order of arrival. */
#include "base/dns/dns_map.h"

#include "base/dns/dns_name.h"

enum { BUCKETS_FIRST = 32 };

struct slot {
    struct dns_map_entry entry;
    uint64_t hash;
    struct slot *next;
};

struct dns_map {
    struct arena *arena;
    unsigned budget, wanted, unanswered, spent, refused;
    const struct dns_map *charged; /* or NULL */
    uint64_t asker;
    bool starved;
    struct dns_map_watch watch;
    struct dns_map_entry *first, **last;
    struct slot **buckets;
    size_t bucket_count, count; /* bucket_count: a power of two */
};

struct dns_map *dns_map_new(struct arena *arena, unsigned budget)
{
    struct dns_map *map = arena_alloc(arena, sizeof *map);
    map->arena = arena;
    map->budget = budget;
    map->last = &map->first;
    map->bucket_count = BUCKETS_FIRST;
    map->buckets = arena_alloc(arena, map->bucket_count * sizeof *map->buckets);
    return map;
}

static struct slice strip_dot(struct slice name)
{
    if (name.len && name.ptr[name.len - 1] == '.')
        name.len--;
    return name;
}

static uint64_t hash_of(struct slice name, enum dns_type type)
{
    return slice_hash_nocase(name) + (uint64_t)type * 0x9e3779b97f4a7c15u;
}

static struct slot **bucket_of(const struct dns_map *map, uint64_t hash)
{
    return &map->buckets[(hash ^ hash >> 32) & (map->bucket_count - 1)];
}

static struct dns_map_entry *find(const struct dns_map *map, struct slice name, enum dns_type type)
{
    uint64_t hash = hash_of(name, type);
    for (struct slot *s = *bucket_of(map, hash); s; s = s->next)
        if (s->hash == hash && s->entry.type == type && slice_eq_nocase(s->entry.name, name))
            return &s->entry;
    return NULL;
}

static void link_slot(struct dns_map *map, struct slot *s)
{
    struct slot **bucket = bucket_of(map, s->hash);
    s->next = *bucket;
    *bucket = s;
}

static void grow(struct dns_map *map)
{
    struct slot **old = map->buckets;
    size_t old_count = map->bucket_count;
    map->bucket_count *= 2;
    map->buckets = arena_alloc(map->arena, map->bucket_count * sizeof *map->buckets);
    for (size_t i = 0; i < old_count; i++)
        for (struct slot *s = old[i], *next; s; s = next) {
            next = s->next;
            link_slot(map, s);
        }
}

static struct dns_map_entry *add(struct dns_map *map, struct slice name, enum dns_type type)
{
    struct slot *s = arena_alloc(map->arena, sizeof *s);
    s->hash = hash_of(name, type);
    s->entry.name = arena_lower(map->arena, name);
    s->entry.type = type;
    if (map->count++ == map->bucket_count)
        grow(map);
    link_slot(map, s);
    *map->last = &s->entry;
    map->last = &s->entry.next;
    return &s->entry;
}

static struct dns_answer *copy_answer(struct arena *arena, const struct dns_answer *from)
{
    struct dns_answer *to = arena_alloc(arena, sizeof *to);
    struct dns_record *records = arena_alloc(arena, from->count * sizeof *records);
    for (size_t i = 0; i < from->count; i++) {
        records[i] = from->records[i];
        records[i].data = arena_copy(arena, from->records[i].data);
    }
    *to = *from;
    to->records = records;
    return to;
}

void dns_map_put(struct dns_map *map, struct slice name, enum dns_type type, const struct dns_answer *answer)
{
    name = strip_dot(name);
    struct dns_map_entry *entry = find(map, name, type);
    if (!entry)
        entry = add(map, name, type);
    if (entry->answer)
        return;
    entry->answer = copy_answer(map->arena, answer);
    if (entry->queries > 0)
        map->unanswered--;
    map->starved |= answer->refused;
}

void dns_map_set_asker(struct dns_map *map, uint64_t asker)
{
    map->asker = asker;
}

uint64_t dns_map_asker(const struct dns_map *map)
{
    return map->asker;
}

bool dns_map_starved(const struct dns_map *map)
{
    return map->starved;
}

unsigned dns_map_wanted(const struct dns_map *map)
{
    return map->wanted;
}

unsigned dns_map_refused(const struct dns_map *map)
{
    return map->refused;
}

unsigned dns_map_spent(const struct dns_map *map)
{
    return map->spent;
}

void dns_map_charge(struct dns_map *map, const struct dns_map *other)
{
    map->charged = other;
}

/** What the other map costs this one: a single moment decides about a name, so what may still come has to be counted now. */
static unsigned charge(const struct dns_map *other)
{
    if (!other)
        return 0;
    return other->unanswered ? other->budget : other->spent;
}

static bool spend(struct dns_map *map, unsigned reserve)
{
    if (map->spent + charge(map->charged) + reserve >= map->budget) {
        map->refused++;
        return false;
    }
    map->spent++;
    return true;
}

bool dns_map_spend(struct dns_map *map, struct dns_map_entry *entry)
{
    if (!spend(map, entry->reserve))
        return false;
    entry->queries++;
    return true;
}

/** Notes a name that nobody has looked up before, if the budget allows; else it stays unknown and NULL is returned. */
static struct dns_map_entry *want(struct dns_map *map, unsigned reserve, struct slice name, enum dns_type type)
{
    if (!spend(map, reserve))
        return NULL;
    struct dns_map_entry *entry = add(map, name, type);
    entry->queries = 1;
    entry->reserve = reserve;
    map->wanted++;
    map->unanswered++;
    return entry;
}

const struct dns_answer *dns_view_find(struct dns_view *view, struct slice name, enum dns_type type)
{
    static const struct dns_answer nodata = {.status = DNS_NODATA}, nxdomain = {.status = DNS_NXDOMAIN};
    static const struct dns_answer over_budget = {.status = DNS_FAILURE, .why = "over the query budget"};
    static const struct dns_answer too_late = {.status = DNS_FAILURE, .why = "too many rounds"};
    struct dns_map *map = view->map;
    name = strip_dot(name);
    if (type == DNS_TYPE_SPF)
        return &nodata;
    struct dns_map_entry *entry = find(map, name, type);
    if (entry && entry->answer)
        return entry->answer;
    if (!dns_name_legal(name))
        return &nxdomain;
    if (map->watch.closed)
        return &too_late;
    if (!entry)
        entry = want(map, view->reserve, name, type);
    if (!entry)
        return &over_budget;
    view->missed++;
    if (map->watch.missed)
        map->watch.missed(map->watch.ctx, entry);
    return NULL;
}

struct dns_map_entry *dns_map_entries(const struct dns_map *map)
{
    return map->first;
}

struct arena *dns_map_arena(const struct dns_map *map)
{
    return map->arena;
}

struct dns_map_watch dns_map_watch(struct dns_map *map, struct dns_map_watch watch)
{
    struct dns_map_watch before = map->watch;
    map->watch = watch;
    return before;
}
