/* policy_fixture: a schema like the real one, policies from text, and facts by name, for the tests of the policy room. */
#ifndef TESTS_POLICY_FIXTURE_H
#define TESTS_POLICY_FIXTURE_H

#include "policy/policy_rules.h"
#include "tests/unit/unit.h"

#include <stdio.h>

struct fixture {
    struct arena *arena;
    struct conf_errors errors;
    struct fact_schema *schema;
    struct policy_lists *lists;
    struct policy *policy;
    struct facts facts;
};

static const char *const fixture_auth_words[] = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", NULL};
static const char *const fixture_policy_words[] = {"none", "quarantine", "reject", NULL};
static const char *const fixture_rate_words[] = {"ok", "over", NULL};

static const struct fact_def fixture_defs[] = {
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"helo", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
    {"mail_from", FACT_MAILBOX, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"mail_from.domain", FACT_DOMAIN, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"rcpt.domain", FACT_DOMAIN, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, fixture_auth_words, ""},
    {"rate", FACT_WORD, STAGE_RCPT, FACT_RECIPIENT, fixture_rate_words, ""},
    {"rate.limit", FACT_TEXT, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"rate.retry_after", FACT_NUMBER, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"rate.per_net", FACT_WORD, STAGE_RCPT, FACT_RECIPIENT, fixture_rate_words, ""},
    {"rate.per_sender", FACT_WORD, STAGE_RCPT, FACT_RECIPIENT, fixture_rate_words, ""},
    {"size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"from.count", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"from.domain", FACT_DOMAIN, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"dkim", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, fixture_auth_words, ""},
    {"dkim.domains", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"dmarc", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, fixture_auth_words, ""},
    {"dmarc.policy", FACT_WORD, STAGE_DATA, FACT_TRANSACTION, fixture_policy_words, ""},
};

static inline void fixture_open(struct fixture *f)
{
    *f = (struct fixture){.arena = arena_new()};
    conf_errors_init(&f->errors, f->arena);
    f->schema = fact_schema_new(f->arena);
    for (size_t i = 0; i < sizeof fixture_defs / sizeof fixture_defs[0]; i++)
        fact_schema_add(f->schema, &fixture_defs[i]);
}

static inline void fixture_close(struct fixture *f)
{
    arena_free(&f->arena);
}

static inline struct policy_context fixture_context(struct fixture *f)
{
    return (struct policy_context){f->lists, f->schema, f->arena, &f->errors, "https://example.com/help"};
}

/** Reads a document with `lists` and one policy under `policies.p`; errors stay in f->errors. */
static inline void fixture_load(struct fixture *f, const char *yaml)
{
    fixture_open(f);
    const struct conf_node *root = conf_read_text(slice_of(yaml), "t.yaml", f->arena, &f->errors);
    ck_assert_msg(root, "%s", f->errors.first ? f->errors.first->text : "no tree");
    f->lists = policy_lists_load(conf_get(root, "lists"), f->arena, &f->errors);
    struct policy_context context = fixture_context(f);
    f->policy = policy_load(conf_get(conf_get(root, "policies"), "p"), "p", &context);
    fact_schema_seal(f->schema);
    facts_init(&f->facts, f->schema, f->arena);
}

static inline void fixture_must_load(struct fixture *f, const char *yaml)
{
    fixture_load(f, yaml);
    ck_assert_msg(f->errors.errors + f->errors.warnings == 0, "%u:%u: %s\nin:\n%s", f->errors.first->line, f->errors.first->column,
                  f->errors.first->text, yaml);
}

/** Loads what may be warned about, but is not wrong. */
static inline void fixture_load_warned(struct fixture *f, const char *yaml)
{
    fixture_load(f, yaml);
    for (const struct conf_error *e = f->errors.first; e; e = e->next)
        ck_assert_msg(e->severity == CONF_WARNING, "%u:%u: %s\nin:\n%s", e->line, e->column, e->text, yaml);
}

static inline int fixture_id(struct fixture *f, const char *name)
{
    int id = fact_schema_find(f->schema, slice_of(name));
    ck_assert_msg(id >= 0, "no fact %s", name);
    return id;
}

/** Sets a fact from text by its type; a list's items stand between commas. NULL clears it. */
static inline void fixture_set(struct fixture *f, const char *name, const char *value)
{
    int id = fixture_id(f, name);
    struct slice text = arena_copy(f->arena, slice_of(value)), rest = text, item;
    struct net_addr addr;
    struct slice *items = arena_alloc(f->arena, (text.len + 1) * sizeof *items);
    size_t count = 0;
    facts_clear(&f->facts, id);
    if (!value)
        return;
    switch (fact_schema_def(f->schema, id)->type) {
    case FACT_NUMBER:
        facts_set_number(&f->facts, id, atoll(value));
        break;
    case FACT_ADDRESS:
        ck_assert(net_addr_parse_ip(text, &addr));
        facts_set_address(&f->facts, id, &addr);
        break;
    case FACT_LIST:
        while (text.len && slice_split(&rest, ',', &item))
            items[count++] = item;
        facts_set_list(&f->facts, id, items, count);
        break;
    default:
        facts_set_text(&f->facts, id, text);
    }
}

static inline struct decision fixture_decide(struct fixture *f, enum stage stage)
{
    struct decision d;
    policy_decide(f->policy, stage, &f->facts, false, f->arena, &d);
    return d;
}

/** Whether a note with this text stands at this line (0: any). */
static inline const struct conf_error *fixture_find_error(const struct fixture *f, unsigned line, const char *text)
{
    for (const struct conf_error *e = f->errors.first; e; e = e->next)
        if (strstr(e->text, text) && (line == 0 || e->line == line))
            return e;
    return NULL;
}

#endif
