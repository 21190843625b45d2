/* Proves proxy/settings/settings_advice.c: what is allowed, but hardly meant, is told at its place. */
#include "proxy/settings/settings_advice.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BASE "hostname: mx.example.org\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\nstate: {directory: /tmp}\n"

/** Loads BASE with text behind it, which must be good, and compares the warnings. */
static void check_warnings(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    char *printed;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    struct settings *s = settings_load_text(slice_of(arena_format(arena, BASE "%s", text)), "t.yaml", &errors);
    conf_errors_print(&errors, out);
    fclose(out);
    ck_assert_msg(s != NULL, "%s", printed);
    ck_assert_str_eq(printed, expected);
    settings_free(&s);
    arena_free(&arena);
    free(printed);
}

START_TEST(dmarc_without_what_it_builds_on_is_warned_about)
{
    check_warnings("filters:\n  spf: {enabled: false}\n", "t.yaml:6:18: warning: filters.spf.enabled: without filter spf, dmarc never says "
                                                          "fail: it says nothing unless something speaks for the domain\n");
    check_warnings("filters:\n  dkim: {enabled: false}\n", "t.yaml:6:19: warning: filters.dkim.enabled: without filter dkim, dmarc never "
                                                           "says fail: it says nothing unless something speaks for the domain\n");
    check_warnings("filters:\n  dkim: {enabled: false}\n  dmarc: {enabled: false}\n", "");
}
END_TEST

START_TEST(a_policy_that_uses_facts_of_a_filter_that_is_off_is_warned_about)
{
    check_warnings("policies:\n  inbound:\n    data:\n      - {rule: r, when: {arc.domain: lists.example}, do: accept}\n",
                   "t.yaml:8:26: warning: policies.inbound.data[0].when.arc.domain: \"arc.domain\" is always absent: filter arc is off; "
                   "`filters: {arc: {enabled: true}}` turns it on\n");
    check_warnings("filters: {arc: {enabled: true}}\n"
                   "policies:\n  inbound:\n    data:\n      - {rule: r, when: {arc.domain: lists.example}, do: accept}\n",
                   "");
}
END_TEST

START_TEST(only_the_facts_of_the_filter_that_is_off_are_meant)
{
    check_warnings("filters: {spf: {enabled: false}, dmarc: {enabled: false}}\n"
                   "policies:\n  inbound:\n    split: lenient\n    data:\n      - {rule: r, when: {dkim: fail, rate: over, from.count: 2}, "
                   "do: accept}\n",
                   "");
}
END_TEST

START_TEST(the_built_in_policy_is_not_held_against_anybody)
{
    check_warnings("filters: {dmarc: {enabled: false}, spf: {enabled: false}, dkim: {enabled: false}}\n", "");
}
END_TEST

START_TEST(policies_without_a_policy_are_warned_about)
{
    check_warnings("policies:\n", "t.yaml:5:10: warning: policies: there is no policy below it: the built-in one applies\n");
}
END_TEST

UNIT_MAIN("proxy/settings_advice", dmarc_without_what_it_builds_on_is_warned_about,
          a_policy_that_uses_facts_of_a_filter_that_is_off_is_warned_about, only_the_facts_of_the_filter_that_is_off_are_meant,
          the_built_in_policy_is_not_held_against_anybody, policies_without_a_policy_are_warned_about)
