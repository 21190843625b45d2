/* spf_over_dns: runs the cases of one scenario of a book (book.h) through both SPF engines with answers from a name server, by
 * Mailweir's own resolver and replay.
 *
 *   spf_over_dns SERVER SCENARIO BOOK    SERVER such as 127.0.0.1@5301; SCENARIO counts from 0
 *
 * Prints what `spf_conformance --verdicts` prints of the same cases, up to the second verdict: they must be the same. */
#include "base/dns/replay.h"
#include "tests/conformance/spf/book.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = 500, TIMEOUT_MS = 5000 };

struct check {
    const struct spf_engine *engine;
    struct spf_query query;
    struct arena *arena;
    struct spf_verdict verdict;
    struct event_base *base;
    bool over;
};

static void evaluate(void *ctx, struct dns_view *view)
{
    struct check *check = ctx;
    check->engine->evaluate(&check->query, view, check->arena, &check->verdict);
}

static void done(void *ctx)
{
    struct check *check = ctx;
    check->over = true;
    event_base_loopbreak(check->base);
}

static enum spf_result run(const struct spf_engine *engine, const struct book_case *c, struct event_base *base, struct dns *dns)
{
    struct check check = {.engine = engine, .arena = arena_new(), .base = base};
    if (!book_query(c, check.arena, &check.query))
        exit(EXIT_FAILURE);
    replay_start(check.arena, dns, dns_map_new(check.arena, NAMES_MAX), evaluate, done, &check);
    while (!check.over && event_base_loop(base, EVLOOP_ONCE) == 0)
        ;
    arena_free(&check.arena);
    return check.verdict.result;
}

static void run_scenario(const struct book_case *first, long number, struct event_base *base, struct dns *dns)
{
    const struct book_scenario *current = NULL;
    long at = -1;
    for (const struct book_case *c = first; c; c = c->next) {
        at += c->scenario != current;
        current = c->scenario;
        if (at != number)
            continue;
        enum spf_result strict = run(&spf_engine_strict, c, base, dns), libspf2 = run(&spf_engine_libspf2, c, base, dns);
        printf("%.*s %s %s\n", SLICE_FMT(c->name), spf_result_word(strict), spf_result_word(libspf2));
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: spf_over_dns SERVER SCENARIO BOOK\n");
        return EXIT_FAILURE;
    }
    const char *servers[] = {argv[1]}, *error = "";
    struct dns_options options = {.forward = servers, .forward_count = 1, .timeout_ms = TIMEOUT_MS, .cache_bytes = 1 << 20};
    struct arena *arena = arena_new();
    struct event_base *base = event_base_new();
    struct dns *dns = dns_new(base, &options, &error);
    if (!dns) {
        fprintf(stderr, "%s\n", error);
        return EXIT_FAILURE;
    }
    run_scenario(book_read(argv[3], arena), atol(argv[2]), base, dns);
    dns_free(&dns);
    event_base_free(base);
    arena_free(&arena);
    return EXIT_SUCCESS;
}
