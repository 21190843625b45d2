/* Proves policy/policy_candidate.c. */
#include "tests/unit/policy/policy_fixture.h"

enum { POLICIES_MAX = 4 };

static struct policy *policies[POLICIES_MAX];

/** Reads a mapping of names to policies and joins them. */
static void load(struct fixture *f, const char *yaml)
{
    size_t count = 0;
    fixture_open(f);
    struct policy_context context = fixture_context(f);
    const struct conf_node *root = conf_read_text(slice_of(yaml), "t.yaml", f->arena, &f->errors);
    for (const struct conf_node *n = root->children; n && count < POLICIES_MAX; n = n->next)
        policies[count++] = policy_load(n, n->key.ptr, &context);
    policy_join_candidates(policies, count, &context);
}

START_TEST(a_candidate_is_found_wherever_it_stands)
{
    struct fixture f;
    load(&f, "a: {candidate: b}\nb: {data: []}\nc: {candidate: b}\n");
    ck_assert_uint_eq(f.errors.errors + f.errors.warnings, 0);
    ck_assert_ptr_eq(policy_candidate(policies[0]), policies[1]);
    ck_assert_ptr_null(policy_candidate(policies[1]));
    ck_assert_str_eq(policy_name(policy_candidate(policies[2])), "b");
    fixture_close(&f);
}
END_TEST

START_TEST(a_candidate_must_exist_and_be_another)
{
    struct fixture f;
    load(&f, "inbound:\n  candidate: tomorow\ntomorrow: {candidate: tomorrow}\ninbounds: {candidate: inboun}\ny: {candidate: [a]}\n");
    ck_assert_ptr_nonnull(
        fixture_find_error(&f, 2, "inbound.candidate: there is no policy \"tomorow\" under policies; did you mean \"tomorrow\"?"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 3, "a policy cannot be its own candidate"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 4, "there is no policy \"inboun\" under policies; did you mean \"inbound\"?"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 5, "the name of another policy is needed"));
    ck_assert_uint_eq(f.errors.errors, 4);
    fixture_close(&f);
}
END_TEST

START_TEST(a_candidates_own_candidate_is_warned_about)
{
    struct fixture f;
    load(&f, "a: {candidate: b}\nb: {candidate: c}\nc: {}\n");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "\"b\" has a candidate of its own, which is not decided here"));
    ck_assert(f.errors.errors == 0 && f.errors.warnings == 1);
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/policy_candidate", a_candidate_is_found_wherever_it_stands, a_candidate_must_exist_and_be_another,
          a_candidates_own_candidate_is_warned_about)
