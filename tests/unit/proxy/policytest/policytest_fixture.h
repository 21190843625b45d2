/* policytest_fixture: a configuration for the tests of proxy/policytest, and readers over text. */
#ifndef TESTS_POLICYTEST_FIXTURE_H
#define TESTS_POLICYTEST_FIXTURE_H

#include "proxy/policytest/policytest_reader.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct settings *settings;
static struct conf_errors errors;
static struct policytest_reader reader;

static const char fixture_config[] = "hostname: mx.example.org\n"
                                     "listeners: [\"127.0.0.1:25\", {address: \"127.0.0.1:587\", policy: other}]\n"
                                     "backends: {main: \"127.0.0.1:10025\"}\n"
                                     "state: {directory: null}\n"
                                     "policies:\n"
                                     "  inbound:\n"
                                     "    rcpt:\n"
                                     "      - {rule: one, when: {spf: fail}, do: reject}\n"
                                     "      - {rule: two, when: {rcpt.local: root}, do: reject}\n"
                                     "    data:\n"
                                     "      - {rule: three, mode: shadow, do: discard}\n"
                                     "      - {rule: four, when: {header.List-Id: present}, do: quarantine}\n"
                                     "  other:\n"
                                     "    mail:\n"
                                     "      - {rule: one, do: tempfail}\n";

static inline void fixture_setup(void)
{
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(slice_of(fixture_config), "fixture.yaml", &errors);
    ck_assert_ptr_nonnull(settings);
    conf_errors_init(&errors, arena);
    reader = (struct policytest_reader){.settings = settings, .arena = arena, .errors = &errors};
}

static inline void fixture_teardown(void)
{
    settings_free(&settings);
    arena_free(&arena);
}

static inline const struct conf_node *fixture_read(const char *yaml)
{
    const struct conf_node *node = conf_read_text(slice_of(yaml), "t.yaml", arena, &errors);
    ck_assert_ptr_nonnull(node);
    return node;
}

/** Whether an error or warning with this text was noted. */
static inline bool fixture_noted(const char *text)
{
    for (const struct conf_error *e = errors.first; e; e = e->next)
        if (strstr(e->text, text))
            return true;
    return false;
}

#endif
