/* dmarc_bench: microseconds of one DMARC evaluation by each engine, all answers known. Prints the median of several rounds. */
#include "filters/dmarc/dmarc_eval.h"
#include "tests/unit/filters/dns_fixture.h"

#include <time.h>

enum { ROUNDS = 9, EVALUATIONS = 20000 };

#define TXT DNS_TYPE_TXT

static const struct zone_line zone[] = {
    {"_dmarc.example.com", TXT,
     "v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=r; aspf=r; rua=mailto:dmarc-reports@example.com; fo=1"},
    {0},
};

struct subject {
    const char *what, *from, *spf, *dkim;
};

static const struct subject subjects[] = {
    {"same domain", "example.com", "example.com", "example.com"},
    {"subdomains, relaxed", "news.example.com", "bounces.example.com", "mail.example.com"},
    {"forged, a stranger's signature", "example.com", "attacker.net", "attacker.net"},
    {"forged, no such subdomain", "a.b.example.com", NULL, NULL},
    {"thirteen labels", "a.b.c.d.e.f.g.h.i.j.mail.example.com", NULL, "example.com"},
    {"no record", "example.net", "example.net", "example.net"},
};

struct run {
    const struct dmarc_engine *engine;
    struct arena *scratch;
    struct dmarc_query query;
    struct dmarc_verdict verdict;
};

static void eval(void *ctx, struct dns_view *view)
{
    struct run *run = ctx;
    run->engine->evaluate(&run->query, view, run->scratch, &run->verdict);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double measure(struct run *run, struct dns_map *map)
{
    double start = now_us();
    for (int i = 0; i < EVALUATIONS; i++) {
        struct dns_view view = {.map = map};
        eval(run, &view);
        arena_clear(run->scratch);
    }
    return (now_us() - start) / EVALUATIONS;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of_rounds(const struct dmarc_engine *engine, const struct subject *s, const char **result)
{
    struct arena *arena = arena_new();
    struct dns_map *map = dns_map_new(arena, 40);
    struct slice dkim = slice_of(s->dkim);
    struct run run = {.engine = engine, .scratch = arena_new()};
    double rounds[ROUNDS];
    run.query = (struct dmarc_query){.from_domain = slice_of(s->from),
                                     .spf_domain = slice_of(s->spf),
                                     .spf_unknown = SLICE(""),
                                     .dkim_domains = &dkim,
                                     .dkim_count = s->dkim ? 1 : 0};
    zone_replay(map, zone, arena, eval, &run);
    *result = dmarc_result_word(run.verdict.result);
    for (int i = 0; i < ROUNDS; i++)
        rounds[i] = measure(&run, map);
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    arena_free(&run.scratch);
    arena_free(&arena);
    return rounds[ROUNDS / 2];
}

int main(void)
{
    printf("%-34s", "us per evaluation");
    for (int engine = 0; dmarc_engine_words[engine]; engine++)
        printf("%-20s", dmarc_engine_words[engine]);
    printf("\n");
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        printf("%-34s", subjects[i].what);
        for (int engine = 0; dmarc_engine_words[engine]; engine++) {
            const char *result;
            double us = median_of_rounds(dmarc_engine_at(engine), &subjects[i], &result);
            printf("%7.2f %-12s", us, result);
        }
        printf("\n");
    }
    return 0;
}
