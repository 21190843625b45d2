/* fuzz_policy: any YAML as lists and policy, then decisions of every stage on facts made of the same bytes. Lists from files are
 * left out: the fuzzer must not open what the input names. */
#include "filters/lists/lists.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = {"pass", "fail", "temperror", NULL};

static const struct fact_def defs[] = {
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"helo", FACT_TEXT, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"mail_from", FACT_MAILBOX, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"mail_from.domain", FACT_DOMAIN, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"rcpt", FACT_MAILBOX, STAGE_RCPT, FACT_RECIPIENT, NULL, ""},
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, ""},
    {"size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
    {"dkim.domains", FACT_LIST, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
};

static void set_facts(struct facts *facts, const struct fact_schema *schema, const uint8_t *data, size_t size)
{
    static const struct net_addr addr = {.family = AF_INET, .bytes = {192, 0, 2, 1}};
    struct slice text = slice_first(slice_make((const char *)data, size), 300);
    for (int id = 0; id < (int)fact_schema_count(schema); id++) {
        const struct fact_def *def = fact_schema_def(schema, id);
        if (def->type == FACT_ADDRESS)
            facts_set_address(facts, id, &addr);
        else if (def->type == FACT_NUMBER)
            facts_set_number(facts, id, (int64_t)size);
        else if (def->type == FACT_LIST)
            facts_set_list(facts, id, &text, 1);
        else if (def->type == FACT_WORD)
            facts_set_text(facts, id, slice_of(words[size % 3]));
        else
            facts_set_text(facts, id, text);
    }
}

static void must_be_printable(struct slice text, size_t max)
{
    if (text.len > max)
        __builtin_trap();
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            __builtin_trap();
}

/** What leaves for the client or the backend is printable and bounded; in shadow nothing does. */
static void check(const struct decision *d, bool shadow)
{
    must_be_printable(d->reply_text, 400);
    must_be_printable(d->to, 254);
    for (const struct policy_effect *e = d->effects; e; e = e->next) {
        must_be_printable(e->name, 76);
        must_be_printable(e->value, 900);
        if (e->delay_ms < 0 || e->delay_ms > 60000 || !action_goes_on(e->action))
            __builtin_trap();
    }
    if (shadow && (d->effects || decision_refuses(d)))
        __builtin_trap();
}

static void decide(const struct policy *policy, struct facts *facts, struct arena *arena)
{
    struct facts_saved *saved = facts_save_scope(facts, FACT_RECIPIENT, arena);
    struct slice class = policy_rcpt_class(policy, facts, arena);
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        struct decision d, shadowed;
        policy_decide(policy, (enum stage)stage, facts, false, arena, &d);
        check(&d, false);
        policy_decide(policy, (enum stage)stage, facts, true, arena, &shadowed);
        check(&shadowed, true);
        if (shadowed.rule != d.rule)
            __builtin_trap();
    }
    facts_clear_scope(facts, FACT_RECIPIENT);
    facts_restore_scope(facts, FACT_RECIPIENT, saved);
    if (!slice_eq(class, policy_rcpt_class(policy, facts, arena)))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct conf_node *root = conf_read_text(slice_make((const char *)data, size), "fuzz.yaml", arena, &errors);
    if (root && (size == 0 || !memmem(data, size, "file", 4))) {
        struct fact_schema *schema = fact_schema_new(arena);
        struct facts facts;
        for (size_t i = 0; i < sizeof defs / sizeof defs[0]; i++)
            fact_schema_add(schema, &defs[i]);
        const struct policy_lists *lists = policy_lists_load(conf_get(root, "lists"), arena, &errors);
        const struct policy_context context = {lists, schema, arena, &errors, "https://example.com/help"};
        struct policy *policy = policy_load(conf_get(root, "p"), "p", &context);
        policy_join_candidates(&policy, 1, &context);
        facts_init(&facts, schema, arena);
        set_facts(&facts, schema, data, size);
        if (errors.errors == 0)
            decide(policy, &facts, arena);
    }
    arena_free(&arena);
    return 0;
}
