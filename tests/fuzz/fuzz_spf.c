/* fuzz_spf: any bytes as SPF records, addresses and names of a hostile zone, and as HELO and local-part, through all engines.
 *
 * Input: fields separated by newlines: local-part, HELO, then answers in the order in which names are wanted; an empty answer
 * is "no such name", "!" a failure. An answer is used as TXT, name, or address by what is asked for; a tab separates records. */
#include "filters/spf/spf_eval.h"
#include "filters/spf/spf_macro.h"
#include "filters/spf/spf_record.h"
#include "filters/spf/spf_trace.h"
#include "tests/fuzz/fuzz.h"

enum { RUNS_MAX = 200, BUDGET = 40, RECORDS_MAX = 16, DEPTH_MAX = 100 };

static struct slice next_field(struct slice *rest)
{
    struct slice field;
    return slice_split(rest, '\n', &field) ? field : SLICE("");
}

static struct slice data_for(struct slice text, enum dns_type type)
{
    size_t size = type == DNS_TYPE_A ? 4 : 16;
    struct net_addr addr;
    static char bytes[16];
    if (type != DNS_TYPE_A && type != DNS_TYPE_AAAA)
        return text;
    if (!net_addr_parse_ip(text, &addr))
        return slice_first(text, size);
    memcpy(bytes, addr.bytes, size);
    return slice_make(bytes, size);
}

/* One answer, made of the next field. */
static void answer(struct dns_map *map, const struct dns_map_entry *entry, struct slice *input)
{
    struct slice field = next_field(input), part;
    struct dns_record records[RECORDS_MAX] = {{{0}, 0}};
    struct arena *arena = arena_new();
    struct dns_answer made = {.status = DNS_OK, .records = records};
    while (made.count < RECORDS_MAX && slice_split(&field, '\t', &part))
        records[made.count++].data = arena_copy(arena, data_for(part, entry->type));
    if (made.count == 1 && records[0].data.len == 0)
        made = (struct dns_answer){.status = DNS_NXDOMAIN};
    else if (made.count == 1 && slice_eq(records[0].data, SLICE("!")))
        made = (struct dns_answer){.status = DNS_FAILURE, .why = "timeout"};
    dns_map_put(map, entry->name, entry->type, &made);
    arena_free(&arena);
}

static void check_verdict(const struct spf_verdict *verdict)
{
    FUZZ_CHECK(fuzz_is_printable(verdict->mechanism) && verdict->mechanism.len <= SPF_MECHANISM_TEXT);
    FUZZ_CHECK(fuzz_is_printable(verdict->explanation) && verdict->explanation.len <= SPF_EXPLANATION_MAX);
    FUZZ_CHECK(fuzz_is_printable(slice_of(verdict->reason)));
}

/* A step stands below the one that names it, and shows nothing that cannot be printed but the names of lookups. */
static void check_steps(const struct spf_trace_step *parent, unsigned depth)
{
    FUZZ_CHECK(depth <= DEPTH_MAX);
    for (const struct spf_trace_step *step = parent->first; step; step = step->next) {
        FUZZ_CHECK(step->parent == parent);
        FUZZ_CHECK(step->kind == SPF_STEP_LOOKUP || fuzz_is_printable(step->text));
        check_steps(step, depth + 1);
    }
}

static void check_trace(const struct spf_engine *engine, const struct spf_trace *trace)
{
    if (!engine->tells)
        return;
    FUZZ_CHECK(trace->terms <= SPF_TERMS_MAX + 1 && trace->voids <= SPF_VOIDS_MAX + 1);
    check_steps(&trace->top, 0);
}

static void evaluate(const struct spf_engine *engine, const struct spf_query *asked, struct slice input)
{
    struct arena *arena = arena_new();
    struct dns_map *map = dns_map_new(arena, BUDGET);
    struct spf_trace trace = {.arena = arena};
    struct spf_query traced = *asked, *query = &traced;
    spf_trace_begin(&trace);
    query->trace = &trace;
    for (unsigned runs = 0;; runs++) {
        struct dns_view view = {.map = map};
        struct spf_verdict verdict;
        engine->evaluate(query, &view, arena, &verdict);
        if (view.missed == 0) {
            check_verdict(&verdict);
            check_trace(engine, &trace);
            break;
        }
        FUZZ_CHECK(runs < RUNS_MAX && dns_map_wanted(map) <= BUDGET);
        for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next)
            if (!e->answer)
                answer(map, e, &input);
    }
    arena_free(&arena);
}

static void parse(struct slice text)
{
    struct arena *arena = arena_new();
    struct spf_record record;
    spf_record_parse(text, arena, &record);
    spf_macro_is_domain_spec(text);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct spf_query query = {.domain = SLICE("a.test"), .explain = true, .receiver = SLICE("mx.test"), .now = 1};
    parse(input);
    query.local = next_field(&input);
    query.helo = next_field(&input);
    net_addr_parse_ip(size % 2 ? SLICE("192.0.2.1") : SLICE("2001:db8::1"), &query.client);
    for (int i = 0; spf_engine_words[i]; i++)
        evaluate(spf_engine_at(i), &query, input);
    return 0;
}
