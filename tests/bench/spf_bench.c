/* spf_bench: CPU of one SPF evaluation with every answer known, for each engine; and of a whole check with its replays.
 *
 *   spf_bench [EVALUATIONS]
 *
 * The domain has three includes, one of them nested, an mx and a list of networks; the client matches the last term. */
#include "base/arena.h"
#include "base/dns/dns_map.h"
#include "filters/spf/spf_eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9 };

static const struct {
    const char *name, *text;
} zone[] = {
    {"example.com", "v=spf1 include:_spf.mail.example include:spf.news.example include:sales.example ip4:192.0.2.0/24 -all"},
    {"_spf.mail.example", "v=spf1 include:_net.mail.example ~all"},
    {"_net.mail.example", "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/26 ip4:203.0.113.0/28 ip4:203.0.113.64/27 ip6:2001:db8:1::/48 "
                          "ip6:2001:db8:2::/48 ip6:2001:db8:4000::/36 ~all"},
    {"spf.news.example", "v=spf1 ip4:203.0.113.128/25 ip4:10.1.0.0/16 ip4:10.2.0.0/16 ip4:10.3.0.0/16 ip4:10.4.0.0/16 ~all"},
    {"sales.example", "v=spf1 ip4:10.9.0.0/20 ip4:10.9.16.0/20 ip4:10.9.32.0/20 -all"},
};

static struct spf_query query = {.helo = {"mx.example.com", 14}, .local = {"joe", 3}, .domain = {"example.com", 11}};

static void put_answer(struct dns_map *map, struct slice name)
{
    struct dns_record record = {0};
    struct dns_answer answer = {.status = DNS_NXDOMAIN};
    for (size_t i = 0; i < sizeof zone / sizeof zone[0]; i++)
        if (slice_eq(name, slice_of(zone[i].name))) {
            record.data = slice_of(zone[i].text);
            answer = (struct dns_answer){.status = DNS_OK, .count = 1, .records = &record};
        }
    dns_map_put(map, name, DNS_TYPE_TXT, &answer);
}

/* Runs until nothing is missed; returns the number of runs. */
static unsigned check(const struct spf_engine *engine, struct dns_map *map, struct arena *arena)
{
    struct spf_verdict verdict;
    for (unsigned runs = 1;; runs++) {
        struct dns_view view = {.map = map};
        engine->evaluate(&query, &view, arena, &verdict);
        if (view.missed == 0 && verdict.result == SPF_IS_PASS)
            return runs;
        if (view.missed == 0)
            exit(EXIT_FAILURE);
        for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next)
            if (!e->answer)
                put_answer(map, e->name);
    }
}

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double measure_known(const struct spf_engine *engine, long count)
{
    struct arena *answers = arena_new(), *arena = arena_new();
    struct dns_map *map = dns_map_new(answers, 40);
    check(engine, map, arena);
    double began = cpu_us();
    for (long i = 0; i < count; i++) {
        check(engine, map, arena);
        arena_clear(arena);
    }
    double each = (cpu_us() - began) / (double)count;
    arena_free(&arena);
    arena_free(&answers);
    return each;
}

static double measure_replayed(const struct spf_engine *engine, long count, unsigned *runs)
{
    struct arena *arena = arena_new();
    double began = cpu_us();
    for (long i = 0; i < count; i++) {
        *runs = check(engine, dns_map_new(arena, 40), arena);
        arena_clear(arena);
    }
    double each = (cpu_us() - began) / (double)count;
    arena_free(&arena);
    return each;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static const struct spf_engine *const engines[] = {&spf_engine_strict, &spf_engine_libspf2};
    double known[2][ROUNDS], replayed[2][ROUNDS];
    unsigned runs[2];
    long count = argc > 1 ? atol(argv[1]) : 5000;
    if (count < 1 || !net_addr_parse_ip(SLICE("192.0.2.1"), &query.client))
        return EXIT_FAILURE;
    for (int round = 0; round < ROUNDS; round++) /* in turns, so that a busy machine hits both */
        for (int e = 0; e < 2; e++) {
            known[e][round] = measure_known(engines[e], count);
            replayed[e][round] = measure_replayed(engines[e], count, &runs[e]);
        }
    printf("engine    us/evaluation  us/check  runs/check   (median of %d rounds of %ld; CPU time)\n", ROUNDS, count);
    for (int e = 0; e < 2; e++)
        printf("%-9s %13.2f %9.2f %11u\n", engines[e]->name, median(known[e]), median(replayed[e]), runs[e]);
    printf("libspf2 / strict: %.1f evaluation, %.1f check\n", known[1][ROUNDS / 2] / known[0][ROUNDS / 2],
           replayed[1][ROUNDS / 2] / replayed[0][ROUNDS / 2]);
    return EXIT_SUCCESS;
}
