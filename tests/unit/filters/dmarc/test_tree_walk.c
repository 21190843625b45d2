#include "filters/dmarc/tree_walk.h"
#include "filters/domain_name.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define TXT DNS_TYPE_TXT

static struct arena *arena;
static struct dns_map *map;
static struct tree_walk walk;
static struct slice domain;

static void eval(void *ctx, struct dns_view *view)
{
    tree_walk_run(domain, view, &walk);
}

static unsigned run(const char *name, const struct zone_line *zone)
{
    arena = arena_new();
    map = dns_map_new(arena, 40);
    domain = slice_of(name);
    return zone_replay(map, zone, arena, eval, NULL);
}

static void expect_queries(const char *name, const char *const *names)
{
    static const struct zone_line nothing[] = {{0}};
    ck_assert_uint_eq(run(name, nothing), 2);
    const struct dns_map_entry *e = dns_map_entries(map);
    for (; *names; names++, e = e->next) {
        ck_assert_msg(e != NULL, "%s: %s was not asked for", name, *names);
        ck_slice_eq(e->name, *names);
        ck_assert_int_eq(e->type, TXT);
    }
    ck_assert_msg(e == NULL, "%s: more was asked for", name);
    ck_slice_eq(walk.org, name);
    ck_assert(walk.certain);
    arena_free(&arena);
}

/* The example of RFC 9989 §4.10. */
START_TEST(no_walk_takes_more_than_eight_queries)
{
    expect_queries("a.b.c.d.e.f.g.h.i.j.mail.example.com",
                   (const char *const[]){"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com", "_dmarc.g.h.i.j.mail.example.com",
                                         "_dmarc.h.i.j.mail.example.com", "_dmarc.i.j.mail.example.com", "_dmarc.j.mail.example.com",
                                         "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com", NULL});
    expect_queries("1.2.3.4.5.6.7.8",
                   (const char *const[]){"_dmarc.1.2.3.4.5.6.7.8", "_dmarc.2.3.4.5.6.7.8", "_dmarc.3.4.5.6.7.8", "_dmarc.4.5.6.7.8",
                                         "_dmarc.5.6.7.8", "_dmarc.6.7.8", "_dmarc.7.8", "_dmarc.8", NULL});
}
END_TEST

START_TEST(all_names_are_asked_for_at_once_down_to_the_single_label)
{
    expect_queries("mail.example.com", (const char *const[]){"_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com", NULL});
    expect_queries("com", (const char *const[]){"_dmarc.com", NULL});
}
END_TEST

START_TEST(a_name_too_long_for_the_prefix_costs_no_query_and_ends_nothing)
{
    char name[DOMAIN_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    for (size_t i = 50; i < DOMAIN_NAME_MAX; i += 50)
        name[i] = '.';
    memcpy(name + DOMAIN_NAME_MAX - 12, ".example.com", 13);
    static const struct zone_line zone[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject"}, {0}};
    run(name, zone);
    ck_slice_eq(walk.org, "example.com");
    ck_assert(walk.certain);
    arena_free(&arena);
}
END_TEST

START_TEST(what_failed_leaves_the_shortest_domain_possible)
{
    static const struct zone_line zone[] = {{"_dmarc.a.example.com", TXT, "v=DMARC1; p=reject"}, {"_dmarc.example.com", TXT, "!"}, {0}};
    run("a.example.com", zone);
    ck_assert(!walk.certain);
    ck_slice_eq(walk.org, "example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(what_failed_below_psd_n_leaves_it_open_where_the_boundary_is)
{
    static const struct zone_line zone[] = {
        {"_dmarc.a.example.com", TXT, "!"}, {"_dmarc.example.com", TXT, "v=DMARC1; p=none; psd=n"}, {0}};
    run("x.a.example.com", zone);
    ck_assert(!walk.certain);
    ck_slice_eq(walk.org, "example.com");
    arena_free(&arena);
}
END_TEST

START_TEST(a_single_label_that_failed_is_no_organization)
{
    static const struct zone_line with[] = {{"_dmarc.example.com", TXT, "v=DMARC1; p=reject"}, {"_dmarc.com", TXT, "!"}, {0}};
    static const struct zone_line lower[] = {{"_dmarc.a.example.com", TXT, "v=DMARC1; p=reject"}, {"_dmarc.com", TXT, "!"}, {0}};
    run("a.example.com", with);
    ck_assert(walk.certain);
    ck_slice_eq(walk.org, "example.com");
    arena_free(&arena);
    run("a.example.com", lower);
    ck_assert(!walk.certain);
    ck_slice_eq(walk.org, "example.com");
    arena_free(&arena);
}
END_TEST

/* §4.10.2, rule 2: also where the walk jumped over that domain. */
START_TEST(the_domain_below_a_public_suffix_is_the_organization)
{
    static const struct zone_line zone[] = {{"_dmarc.3.4.5.6.7.8.test", TXT, "v=DMARC1; p=reject; psd=y"}, {0}};
    run("a.b.2.3.4.5.6.7.8.test", zone);
    ck_slice_eq(walk.org, "2.3.4.5.6.7.8.test");
    ck_assert_uint_eq(walk.count, 2);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/dmarc/tree_walk", no_walk_takes_more_than_eight_queries, all_names_are_asked_for_at_once_down_to_the_single_label,
          a_name_too_long_for_the_prefix_costs_no_query_and_ends_nothing, what_failed_leaves_the_shortest_domain_possible,
          what_failed_below_psd_n_leaves_it_open_where_the_boundary_is, a_single_label_that_failed_is_no_organization,
          the_domain_below_a_public_suffix_is_the_organization)
