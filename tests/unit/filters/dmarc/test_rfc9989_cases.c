/* The table of rfc9989_cases.h through the engine rfc9989, which must agree with every row, and through libopendmarc, whose
 * deviations are printed beside it: it implements RFC 7489. */
#include "filters/dmarc/dmarc_eval.h"
#include "tests/unit/filters/dmarc/rfc9989_cases.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

enum { LINES_MAX = 16, DOMAINS_MAX = 8, CASES = sizeof rfc9989_cases / sizeof rfc9989_cases[0] };

struct run {
    struct arena *arena;
    const struct dmarc_engine *engine;
    struct dmarc_query query;
    struct dmarc_verdict verdict;
};

static struct zone_line read_line(struct slice line, struct arena *arena)
{
    size_t blank = (size_t)slice_index(line, ' ');
    const char *name = arena_string(arena, slice_first(line, blank)), *text = arena_string(arena, slice_skip(line, blank + 1));
    if (strcmp(text, "exists") == 0)
        return (struct zone_line){name, DNS_TYPE_A, "192.0.2.1"};
    if (strcmp(text, "nodata") == 0)
        return (struct zone_line){name, DNS_TYPE_A, "-"};
    if (strcmp(text, "silent") == 0)
        return (struct zone_line){name, DNS_TYPE_A, "!"};
    return (struct zone_line){arena_format(arena, "_dmarc.%s", name), DNS_TYPE_TXT, text};
}

static const struct zone_line *read_zone(const char *text, struct arena *arena)
{
    struct zone_line *lines = arena_alloc(arena, (LINES_MAX + 1) * sizeof *lines);
    struct slice rest = slice_of(text), line;
    for (size_t n = 0; rest.len && slice_split(&rest, '\n', &line); n++) {
        ck_assert_uint_lt(n, LINES_MAX);
        lines[n] = read_line(line, arena);
    }
    return lines;
}

static const struct slice *read_domains(const char *text, struct arena *arena, size_t *count)
{
    struct slice *domains = arena_alloc(arena, DOMAINS_MAX * sizeof *domains), rest = slice_of(text);
    for (*count = 0; rest.len && slice_split(&rest, ' ', &domains[*count]); ++*count)
        ck_assert_uint_lt(*count, DOMAINS_MAX - 1);
    return domains;
}

static void eval(void *ctx, struct dns_view *view)
{
    struct run *run = ctx;
    run->engine->evaluate(&run->query, view, run->arena, &run->verdict);
}

/* The verdict in the words of the table; lives in the arena. */
static const char *judge(struct run *run, const struct rfc9989_case *c, const struct dmarc_engine *engine)
{
    struct dns_map *map = dns_map_new(run->arena, 40);
    run->engine = engine;
    run->query =
        (struct dmarc_query){.from_domain = slice_of(c->from), .spf_domain = slice_of(c->spf), .spf_unknown = slice_of(c->spf_unknown)};
    run->query.dkim_domains = read_domains(c->dkim, run->arena, &run->query.dkim_count);
    run->query.dkim_unknown = read_domains(c->dkim_unknown, run->arena, &run->query.dkim_unknown_count);
    zone_replay(map, read_zone(c->zone, run->arena), run->arena, eval, run);
    const struct dmarc_verdict *v = &run->verdict;
    const char *result = dmarc_result_word(v->result);
    if (v->record_domain.len == 0)
        return result;
    return arena_format(run->arena, "%s %s %s %.*s", result, dmarc_policy_word(v->policy), dmarc_tag_word(v->tag),
                        SLICE_FMT(v->record_domain));
}

START_TEST(the_engine_agrees_with_the_rfc)
{
    const struct rfc9989_case *c = &rfc9989_cases[_i];
    struct run run = {.arena = arena_new()};
    const char *got = judge(&run, c, &dmarc_engine_rfc9989);
    ck_assert_msg(strcmp(got, c->want) == 0, "section %s, %s: \"%s\", expected \"%s\"", c->section, c->what, got, c->want);
    if (c->org)
        ck_slice_eq(run.verdict.org_domain, c->org);
    arena_free(&run.arena);
}
END_TEST

/* The verdict alone, without the policy. */
static bool same_result(const char *a, const char *b)
{
    return strcspn(a, " ") == strcspn(b, " ") && strncmp(a, b, strcspn(a, " ")) == 0;
}

START_TEST(print_the_other_engine_beside_it)
{
    size_t same = 0, same_verdicts = 0, false_passes = 0;
    printf("%-7s %-55s %-45s %s\n", "RFC9989", "case", "rfc9989", "libopendmarc, if it differs");
    for (size_t i = 0; i < CASES; i++) {
        const struct rfc9989_case *c = &rfc9989_cases[i];
        struct run run = {.arena = arena_new()};
        const char *ours = judge(&run, c, &dmarc_engine_rfc9989), *theirs = judge(&run, c, &dmarc_engine_libopendmarc);
        bool agree = strcmp(ours, theirs) == 0;
        printf("%-7s %-55s %-45s %s\n", c->section, c->what, ours, agree ? "" : theirs);
        same += agree;
        same_verdicts += same_result(theirs, c->want);
        false_passes += same_result(theirs, "pass") && !same_result(c->want, "pass");
        arena_free(&run.arena);
    }
    printf("%d cases; libopendmarc agrees in %zu, in the verdict alone in %zu, and passes %zu that must not pass\n", CASES, same,
           same_verdicts, false_passes);
    fflush(stdout);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filters/dmarc/rfc9989_cases");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, the_engine_agrees_with_the_rfc, 0, CASES);
    tcase_add_test(all, print_the_other_engine_beside_it);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
