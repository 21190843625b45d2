/* Which policy a recipient gets by a listener's `recipients`, and what is said about entries that are wrong. */
#include "proxy/settings/rcpt_route.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define HEAD                                                                                                                               \
    "hostname: mx.example.org\nbackends: {main: 127.0.0.1:10025}\nstate: {directory: /tmp}\n"                                              \
    "lists: {vips: [boss@x.example, .vip.example], nets: [192.0.2.0/24]}\npolicies: {inbound: {}, strict: {}, soft: {}}\n"                 \
    "listeners:\n  - address: 127.0.0.1:2525\n    recipients:\n"

static struct arena *arena;
static struct settings *settings;
static char *printed;

static void load(const char *entries)
{
    struct conf_errors errors;
    size_t size;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(slice_of(arena_format(arena, "%s%s", HEAD, entries)), "t.yaml", &errors);
    FILE *out = open_memstream(&printed, &size);
    conf_errors_print(&errors, out);
    fclose(out);
}

static void release(void)
{
    settings_free(&settings);
    arena_free(&arena);
    free(printed);
}

/* The policy's name, or "-" for the listener's. */
static const char *policy_of(const char *rcpt)
{
    const struct rcpt_route *route = rcpt_route_find(&settings->listeners[0], slice_of(rcpt));
    return route ? policy_name(route->policy_loaded) : "-";
}

START_TEST(the_first_entry_that_names_a_recipient_counts)
{
    load("      - {rcpt: [postmaster, joe@x.example], policy: soft}\n"
         "      - {rcpt: {in: vips}, policy: strict}\n"
         "      - {rcpt: [x.example, .y.example, '*.z.example'], policy: inbound}\n"
         "      - {rcpt: a.z.example, policy: soft}\n");
    ck_assert_msg(settings != NULL, "%s", printed);
    ck_assert_str_eq(policy_of("postmaster"), "soft");
    ck_assert_str_eq(policy_of("JOE@x.example"), "soft");
    ck_assert_str_eq(policy_of("\"joe\"@x.example"), "soft");
    ck_assert_str_eq(policy_of("boss@x.example"), "strict");
    ck_assert_str_eq(policy_of("any@deep.vip.example"), "strict");
    ck_assert_str_eq(policy_of("ann@x.example"), "inbound");
    ck_assert_str_eq(policy_of("ann@sub.x.example"), "-");
    ck_assert_str_eq(policy_of("ann@sub.y.example"), "inbound");
    ck_assert_str_eq(policy_of("ann@z.example"), "-");
    ck_assert_str_eq(policy_of("ann@a.z.example"), "inbound");
    ck_assert_ptr_nonnull(strstr(printed, "t.yaml:12:9: warning: listeners[0].recipients[3]: no recipient comes here: all are named "
                                          "before, by the entry in line 11"));
    release();
}
END_TEST

static void warns(const char *entries, bool warned)
{
    load(entries);
    ck_assert_msg(settings != NULL, "%s", printed);
    ck_assert_msg((strstr(printed, "no recipient comes here") != NULL) == warned, "%s%s", entries, printed);
    release();
}

START_TEST(an_entry_is_shadowed_only_if_all_of_it_was_named_before)
{
    warns("      - {rcpt: x.example, policy: soft}\n      - {rcpt: joe@x.example, policy: strict}\n", true);
    warns("      - {rcpt: x.example, policy: soft}\n      - {rcpt: [joe@x.example, joe@y.example], policy: strict}\n", false);
    warns("      - {rcpt: '*.x.example', policy: soft}\n      - {rcpt: .x.example, policy: strict}\n", false);
    warns("      - {rcpt: .x.example, policy: soft}\n      - {rcpt: '*.x.example', policy: strict}\n", true);
    warns("      - {rcpt: .x.example, policy: soft}\n      - {rcpt: ['*.a.x.example', b.x.example], policy: strict}\n", true);
    warns("      - {rcpt: x.example, policy: soft}\n      - {rcpt: .x.example, policy: strict}\n", false);
    warns("      - {rcpt: joe@x.example, policy: soft}\n      - {rcpt: x.example, policy: strict}\n", false);
    warns("      - {rcpt: {in: vips}, policy: soft}\n      - {rcpt: boss@x.example, policy: strict}\n", true);
    warns("      - {rcpt: {in: vips}, policy: soft}\n      - {rcpt: {in: [vips]}, policy: strict}\n", true);
    warns("      - {rcpt: vip.example, policy: soft}\n      - {rcpt: {in: vips}, policy: strict}\n", false);
}
END_TEST

static void notes(const char *entry, const char *text)
{
    load(entry);
    ck_assert_ptr_null(settings);
    ck_assert_msg(strstr(printed, text) != NULL, "%s: %s", entry, printed);
    release();
}

START_TEST(each_mistake_is_named_with_its_place)
{
    notes("      - {rcpt: x.example, policy: strikt}\n", "t.yaml:9:35: error: listeners[0].recipients[0].policy: there is no policy "
                                                         "\"strikt\" under policies; did you mean \"strict\"?");
    notes("      - {rcpt: {in: vip}, policy: strict}\n", "there is no list \"vip\" under lists; did you mean \"vips\"?");
    notes("      - {rcpt: {in: nets}, policy: strict}\n", "list \"nets\" holds no mailbox and no domain");
    notes("      - {rcpt: 192.0.2.1, policy: strict}\n",
          "t.yaml:9:16: error: listeners[0].recipients[0].rcpt: \"192.0.2.1\": no recipient");
    notes("      - {rcpt: '<>', policy: strict}\n", "no recipient is like this");
    notes("      - {rcpt: some text, policy: strict}\n", "no recipient is like this");
    notes("      - {rcpt: [], policy: strict}\n", "a mailbox, a domain or {in: LIST} is needed");
    notes("      - {rcpt: {on: vips}, policy: strict}\n", "a mailbox, a domain or {in: LIST} is needed");
    notes("      - {rcpt: x.example}\n", "policy");
    notes("      - {policy: strict}\n", "rcpt");
    notes("      - {rcpt: x.example, policy: strict, wen: 1}\n", "wen");
}
END_TEST

UNIT_MAIN("proxy/rcpt_route", the_first_entry_that_names_a_recipient_counts, an_entry_is_shadowed_only_if_all_of_it_was_named_before,
          each_mistake_is_named_with_its_place)
