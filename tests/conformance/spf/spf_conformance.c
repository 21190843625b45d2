/* spf_conformance: runs the cases of a book (book.h) through the SPF engines.
 *
 *   spf_conformance BOOK            one table; fails if strict misses an expectation that is not listed below, or passes falsely
 *   spf_conformance --verdicts BOOK one line for each case: name, verdict of strict, verdict of libspf2
 *
 * "ahead" compares the rounds of DNS that strict needs with and without looking ahead: the verdict must be the same. */
#include "filters/spf/spf_run.h"
#include "tests/conformance/spf/book.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NAMES_MAX = 500 /* more than any evaluation may ask for: what is tested here is the RFC */,
    AHEAD_OFF = SPF_AHEAD_NAMES,
    BUDGET = 40
};

#define ONE_LABEL "a name of one label is malformed for SPF: RFC 7208 section 4.3 (none), section 7.1 domain-end (permerror)"
#define DEFAULT   "default= is an unknown modifier: RFC 7208 section 6; rfc7208/default-modifier-obsolete expects neutral too"

/* Where strict differs from a suite on purpose. None of the RFC's own suite. */
static const struct {
    const char *suite, *name, *why;
} argued[] = {
    {"pyspf", "default-modifier", DEFAULT},
    {"pyspf", "default-modifier-harsh", DEFAULT},
    {"blitirispf", "resolution-with-10-lookups", ONE_LABEL},
    {"blitirispf", "mx-resolution-10-terms", ONE_LABEL},
    {"blitirispf", "mx-resolution-11-terms", ONE_LABEL},
    {"blitirispf", "one-mx-not-found", ONE_LABEL},
    {"blitirispf", "all-mx-not-found", ONE_LABEL},
    {"blitirispf", "include-not-found", ONE_LABEL},
    {"blitirispf", "redirect-not-found", ONE_LABEL},
};

struct score {
    struct slice suite;
    unsigned cases, strict_ok, strict_false, argued, libspf2_ok, libspf2_false, rounds, rounds_alone, budget_changes;
    bool failed;
};

static bool is_expected(const struct book_case *c, enum spf_result result)
{
    struct slice rest = c->results, word;
    while (slice_split(&rest, ',', &word))
        if (slice_eq(word, slice_of(spf_result_word(result))))
            return true;
    return false;
}

static bool is_false_pass(const struct book_case *c, enum spf_result result)
{
    return result == SPF_IS_PASS && !is_expected(c, SPF_IS_PASS);
}

/* Hexadecimal digits of addresses have no case, so the text is compared without it. */
static bool is_explained(const struct book_case *c, const struct spf_verdict *verdict)
{
    if (c->explanation.len == 0)
        return true;
    if (slice_eq(c->explanation, SLICE("DEFAULT")))
        return verdict->explanation.len == 0;
    return slice_eq_nocase(c->explanation, verdict->explanation);
}

static const char *why_argued(const struct book_case *c)
{
    for (size_t i = 0; i < sizeof argued / sizeof argued[0]; i++)
        if (slice_eq(c->scenario->suite, slice_of(argued[i].suite)) && slice_eq(c->name, slice_of(argued[i].name)))
            return argued[i].why;
    return NULL;
}

/* taken: names that the message has asked for already. */
static unsigned run(const struct spf_engine *engine, const struct book_case *c, unsigned budget, unsigned taken, struct arena *arena,
                    struct spf_verdict *verdict)
{
    struct spf_query query;
    struct dns_map *map = dns_map_new(arena, budget + taken);
    struct dns_view view = {.map = map};
    if (!book_query(c, arena, &query)) {
        fprintf(stderr, "%.*s: no such address\n", SLICE_FMT(c->name));
        exit(EXIT_FAILURE);
    }
    for (unsigned i = 0; i < taken; i++)
        dns_view_find(&view, slice_of(arena_format(arena, "taken-%u.invalid", i)), DNS_TYPE_A);
    return book_evaluate(engine, c, &query, map, arena, verdict);
}

static void print_miss(const struct book_case *c, const struct spf_verdict *verdict, const char *why)
{
    printf("%s %.*s/%.*s: strict says %s (%s) \"%.*s\", expected %.*s \"%.*s\"%s%s\n", why ? "argued" : "WRONG",
           SLICE_FMT(c->scenario->suite), SLICE_FMT(c->name), spf_result_word(verdict->result), verdict->reason,
           SLICE_FMT(verdict->explanation), SLICE_FMT(c->results), SLICE_FMT(c->explanation), why ? ": " : "", why ? why : "");
}

/* Against what the suite expects. */
static void score_verdict(const struct book_case *c, const struct spf_verdict *verdict, struct score *score)
{
    bool ok = is_expected(c, verdict->result) && is_explained(c, verdict), false_pass = is_false_pass(c, verdict->result);
    const char *why = ok ? NULL : why_argued(c);
    score->strict_ok += ok;
    score->argued += why != NULL;
    score->strict_false += false_pass;
    score->failed = score->failed || (!ok && !why) || false_pass;
    if (!ok)
        print_miss(c, verdict, why);
}

static void score_strict(const struct book_case *c, struct score *score, struct arena *arena)
{
    struct spf_verdict verdict, alone, bounded;
    score->rounds += run(&spf_engine_strict, c, NAMES_MAX, 0, arena, &verdict) - 1;
    score->rounds_alone += run(&spf_engine_strict, c, NAMES_MAX, AHEAD_OFF, arena, &alone) - 1;
    run(&spf_engine_strict, c, BUDGET, 0, arena, &bounded);
    score->budget_changes += bounded.result != verdict.result;
    score_verdict(c, &verdict, score);
    if (alone.result == verdict.result)
        return;
    printf("WRONG %.*s/%.*s: strict says %s without looking ahead\n", SLICE_FMT(c->scenario->suite), SLICE_FMT(c->name),
           spf_result_word(alone.result));
    score->failed = true;
}

static void score_libspf2(const struct book_case *c, struct score *score, struct arena *arena)
{
    struct spf_verdict verdict;
    run(&spf_engine_libspf2, c, NAMES_MAX, 0, arena, &verdict);
    score->libspf2_ok += is_expected(c, verdict.result);
    score->libspf2_false += is_false_pass(c, verdict.result);
    if (!is_expected(c, verdict.result))
        printf("libspf2 %.*s/%.*s: %s (%s), expected %.*s\n", SLICE_FMT(c->scenario->suite), SLICE_FMT(c->name),
               spf_result_word(verdict.result), verdict.reason, SLICE_FMT(c->results));
}

static void print_score(const struct score *s)
{
    printf("%-12.*s %6u %10u %7u %11u %11u %12u %8.2f %8.2f %7u\n", SLICE_FMT(s->suite), s->cases, s->strict_ok, s->argued, s->strict_false,
           s->libspf2_ok, s->libspf2_false, (double)s->rounds / s->cases, (double)s->rounds_alone / s->cases, s->budget_changes);
}

static int print_table(const struct book_case *first)
{
    enum { SUITES = 8 };
    struct score scores[SUITES] = {0};
    size_t count = 0;
    bool failed = first == NULL;
    for (const struct book_case *c = first; c; c = c->next) {
        if ((count == 0 || !slice_eq(scores[count - 1].suite, c->scenario->suite)) && count < SUITES)
            scores[count++].suite = c->scenario->suite;
        struct arena *arena = arena_new();
        scores[count - 1].cases++;
        score_strict(c, &scores[count - 1], arena);
        score_libspf2(c, &scores[count - 1], arena);
        arena_free(&arena);
    }
    printf("suite         cases  strict ok  argued  false pass  libspf2 ok  false passes   rounds  w/o ahead  >40 names\n");
    for (size_t i = 0; i < count; i++) {
        print_score(&scores[i]);
        failed = failed || scores[i].failed;
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_verdicts(const struct book_case *first)
{
    for (const struct book_case *c = first; c; c = c->next) {
        struct arena *arena = arena_new();
        struct spf_verdict strict, alone, libspf2;
        run(&spf_engine_strict, c, NAMES_MAX, 0, arena, &strict);
        run(&spf_engine_strict, c, NAMES_MAX, AHEAD_OFF, arena, &alone);
        run(&spf_engine_libspf2, c, NAMES_MAX, 0, arena, &libspf2);
        printf("%.*s %s %s %s %s\n", SLICE_FMT(c->name), spf_result_word(strict.result), spf_result_word(libspf2.result),
               spf_result_word(alone.result), strict.reason);
        arena_free(&arena);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    bool verdicts = argc == 3 && strcmp(argv[1], "--verdicts") == 0;
    if (argc != 2 && !verdicts) {
        fprintf(stderr, "usage: spf_conformance [--verdicts] BOOK\n");
        return EXIT_FAILURE;
    }
    struct arena *arena = arena_new();
    const struct book_case *first = book_read(argv[argc - 1], arena);
    int status = verdicts ? print_verdicts(first) : print_table(first);
    arena_free(&arena);
    return status;
}
