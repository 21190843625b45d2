/* dns_fixture: a dns_map filled by hand, and evaluation until nothing is missed, as replay.c does it with real DNS.
 * A zone is a list of lines; what it does not hold is answered NXDOMAIN. */
#ifndef TESTS_UNIT_FILTERS_DNS_FIXTURE_H
#define TESTS_UNIT_FILTERS_DNS_FIXTURE_H

#include "base/dns/dns_map.h"
#include "base/net_addr.h"

#include <stdio.h>
#include <stdlib.h>

/** data: TXT as it is, an address as text, a name, "10 name" for MX; "!" a DNS failure, "-" no data. */
struct zone_line {
    const char *name;
    enum dns_type type;
    const char *data;
};

static inline struct dns_record zone_record(struct arena *arena, const struct zone_line *line)
{
    struct dns_record record = {.data = slice_of(line->data)};
    struct net_addr addr;
    if (line->type == DNS_TYPE_A || line->type == DNS_TYPE_AAAA) {
        if (!net_addr_parse_ip(record.data, &addr))
            abort();
        record.data = arena_copy(arena, slice_make((const char *)addr.bytes, net_addr_bits(&addr) / 8));
    } else if (line->type == DNS_TYPE_MX) {
        record.preference = (uint16_t)atoi(line->data);
        record.data = slice_of(strchr(line->data, ' ') + 1);
    }
    return record;
}

static inline struct dns_answer zone_answer(const struct zone_line *zone, struct slice name, enum dns_type type, struct arena *arena)
{
    struct dns_answer answer = {.status = DNS_NXDOMAIN, .ttl = 60};
    size_t lines = 0;
    while (zone[lines].name)
        lines++;
    struct dns_record *records = arena_alloc(arena, (lines + 1) * sizeof *records);
    for (size_t i = 0; i < lines; i++) {
        if (!slice_eq_nocase(slice_of(zone[i].name), name))
            continue;
        if (answer.status == DNS_NXDOMAIN)
            answer.status = DNS_NODATA;
        if (zone[i].type != type || strcmp(zone[i].data, "-") == 0)
            continue;
        if (strcmp(zone[i].data, "!") == 0)
            return (struct dns_answer){.status = DNS_FAILURE, .why = "timeout"};
        answer.status = DNS_OK;
        records[answer.count++] = zone_record(arena, &zone[i]);
    }
    answer.records = records;
    return answer;
}

/** Answers everything wanted. False: nothing was. */
static inline bool zone_fill(struct dns_map *map, const struct zone_line *zone, struct arena *arena)
{
    bool filled = false;
    for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next) {
        if (e->answer)
            continue;
        struct dns_answer answer = zone_answer(zone, e->name, e->type, arena);
        dns_map_put(map, e->name, e->type, &answer);
        filled = true;
    }
    return filled;
}

/** Runs eval until it misses nothing; returns the number of runs. */
static inline unsigned zone_replay(struct dns_map *map, const struct zone_line *zone, struct arena *arena,
                                   void (*eval)(void *ctx, struct dns_view *view), void *ctx)
{
    for (unsigned runs = 1;; runs++) {
        struct dns_view view = {.map = map};
        eval(ctx, &view);
        if (view.missed == 0)
            return runs;
        if (!zone_fill(map, zone, arena))
            abort();
    }
}

#endif
