/* book: see book.h. */
#include "tests/conformance/spf/book.h"

#include "filters/domain_name.h"

#include <stdio.h>
#include <stdlib.h>

enum { CNAMES_MAX = 10, RUNS_MAX = 100 };

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : ascii_lower(c) - 'a' + 10;
}

static struct slice decode(struct slice field, struct arena *arena)
{
    char *out = arena_alloc(arena, field.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] != '%') {
            out[n++] = field.ptr[i];
        } else if (i + 2 < field.len) {
            out[n++] = (char)(hex_of(field.ptr[i + 1]) * 16 + hex_of(field.ptr[i + 2]));
            i += 2;
        }
    }
    return slice_make(out, n);
}

struct reader {
    struct arena *arena;
    struct slice suite;
    struct book_scenario *scenario;
    const struct book_record **last_record;
    struct book_case *first, **last;
};

static void add_record(struct reader *r, const struct slice *field)
{
    struct book_record *record = arena_alloc(r->arena, sizeof *record);
    *record = (struct book_record){.name = field[0], .type = field[1], .data = field[2]};
    *r->last_record = record;
    r->last_record = &record->next;
}

static void add_case(struct reader *r, const struct slice *field)
{
    struct book_case *c = arena_alloc(r->arena, sizeof *c);
    *c = (struct book_case){.scenario = r->scenario,
                            .name = field[0],
                            .client = field[1],
                            .helo = field[2],
                            .sender = field[3],
                            .results = field[4],
                            .explanation = field[5]};
    *r->last = c;
    r->last = &c->next;
}

static void read_line(struct reader *r, struct slice line)
{
    struct slice word, part, field[6] = {{0}};
    size_t count = 0;
    slice_split(&line, ' ', &word);
    while (count < 6 && slice_split(&line, ' ', &part))
        field[count++] = decode(part, r->arena);
    if (slice_eq(word, SLICE("suite"))) {
        r->suite = field[0];
    } else if (slice_eq(word, SLICE("scenario"))) {
        r->scenario = arena_alloc(r->arena, sizeof *r->scenario);
        *r->scenario = (struct book_scenario){.suite = r->suite, .title = field[0]};
        r->last_record = &r->scenario->records;
    } else if (slice_eq(word, SLICE("name")) || slice_eq(word, SLICE("record"))) {
        add_record(r, field);
    } else if (slice_eq(word, SLICE("case"))) {
        add_case(r, field);
    }
}

struct book_case *book_read(const char *path, struct arena *arena)
{
    struct reader r = {.arena = arena};
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    r.last = &r.first;
    if (!in) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    for (ssize_t n; (n = getline(&line, &size, in)) > 0;)
        read_line(&r, slice_trim(slice_make(line, (size_t)n)));
    free(line);
    fclose(in);
    return r.first;
}

static struct dns_record make_record(const struct book_record *from, enum dns_type type, struct arena *arena)
{
    struct dns_record record = {.data = from->data};
    struct net_addr addr;
    if (type == DNS_TYPE_A && net_addr_parse_ip(from->data, &addr)) {
        record.data = arena_copy(arena, slice_make((const char *)addr.bytes, 4));
    } else if (type == DNS_TYPE_AAAA && net_addr_parse_ip(from->data, &addr)) {
        record.data = arena_copy(arena, slice_make((const char *)addr.bytes, 16));
    } else if (type == DNS_TYPE_MX) {
        record.preference = (uint16_t)atoi(from->data.ptr);
        record.data = slice_skip(from->data, (size_t)slice_index(from->data, ' ') + 1);
    }
    if (type != DNS_TYPE_TXT && record.data.len && record.data.ptr[record.data.len - 1] == '.')
        record.data.len--;
    return record;
}

/* Fills *answer from the records at one name. Returns its CNAME, if that is to be followed. */
static const struct book_record *answer_at(const struct book_scenario *scenario, struct slice name, enum dns_type type, struct arena *arena,
                                           struct dns_answer *answer)
{
    const struct book_record *cname = NULL;
    struct slice type_name = slice_of(dns_type_name(type));
    struct dns_record *records = NULL;
    size_t cap = 0;
    bool fails = false;
    *answer = (struct dns_answer){.status = DNS_NXDOMAIN};
    for (const struct book_record *r = scenario->records; r; r = r->next)
        cap += slice_eq_nocase(r->name, name);
    answer->records = records = arena_alloc(arena, cap * sizeof *records);
    for (const struct book_record *r = scenario->records; r; r = r->next) {
        if (!slice_eq_nocase(r->name, name))
            continue;
        if (answer->status == DNS_NXDOMAIN)
            answer->status = DNS_NODATA;
        fails = fails || slice_eq(r->type, SLICE("FAIL"));
        if (slice_eq(r->type, SLICE("CNAME")))
            cname = r;
        if (slice_eq(r->type, type_name))
            records[answer->count++] = make_record(r, type, arena);
    }
    if (answer->count)
        answer->status = DNS_OK;
    else if (fails)
        *answer = (struct dns_answer){.status = DNS_FAILURE, .why = "SERVFAIL"};
    return answer->count ? NULL : cname;
}

struct dns_answer book_answer(const struct book_scenario *scenario, struct slice name, enum dns_type type, struct arena *arena)
{
    struct dns_answer answer;
    const struct book_record *cname = answer_at(scenario, name, type, arena, &answer);
    for (int i = 0; cname; i++) {
        if (i == CNAMES_MAX)
            return (struct dns_answer){.status = DNS_FAILURE, .why = "CNAME loop"};
        struct slice target = cname->data;
        if (target.len && target.ptr[target.len - 1] == '.')
            target.len--;
        cname = answer_at(scenario, target, type, arena, &answer);
    }
    return answer;
}

bool book_query(const struct book_case *c, struct arena *arena, struct spf_query *query)
{
    ptrdiff_t at = slice_last_index(c->sender, '@');
    *query = (struct spf_query){.helo = c->helo, .local = SLICE("postmaster"), .explain = true, .now = 1700000000};
    if (at > 0)
        query->local = slice_first(c->sender, (size_t)at);
    domain_name_normalise(at < 0 ? c->helo : slice_skip(c->sender, (size_t)at + 1), arena, &query->domain);
    return net_addr_parse_ip(c->client, &query->client);
}

static void fill(const struct book_scenario *scenario, struct dns_map *map, struct arena *arena)
{
    for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next) {
        if (e->answer)
            continue;
        struct dns_answer answer = book_answer(scenario, e->name, e->type, arena);
        dns_map_put(map, e->name, e->type, &answer);
    }
}

unsigned book_evaluate(const struct spf_engine *engine, const struct book_case *c, const struct spf_query *query, struct dns_map *map,
                       struct arena *arena, struct spf_verdict *verdict)
{
    for (unsigned runs = 1; runs < RUNS_MAX; runs++) {
        struct dns_view view = {.map = map};
        engine->evaluate(query, &view, arena, verdict);
        if (view.missed == 0)
            return runs;
        fill(c->scenario, map, arena);
    }
    fprintf(stderr, "%.*s: no end after %d runs\n", SLICE_FMT(c->name), RUNS_MAX);
    exit(EXIT_FAILURE);
}
