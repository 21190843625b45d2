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

static void decide(const struct policy *policy, const struct facts *facts, struct arena *arena)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        struct decision d;
        policy_decide(policy, (enum stage)stage, facts, false, arena, &d);
        for (size_t i = 0; i < d.reply_text.len; i++)
            if (d.reply_text.ptr[i] < ' ' || d.reply_text.ptr[i] > '~')
                __builtin_trap();
        if (d.reply_text.len > 400)
            __builtin_trap();
    }
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
        const struct policy *policy = policy_load(conf_get(root, "p"), "p", &context);
        facts_init(&facts, schema, arena);
        set_facts(&facts, schema, data, size);
        if (errors.errors == 0)
            decide(policy, &facts, arena);
    }
    arena_free(&arena);
    return 0;
}
