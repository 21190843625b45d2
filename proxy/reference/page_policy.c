/* page_policy: mailweir-policy(5), from the tables of the policy language and the facts. */
#include "proxy/command/fact_list.h"
#include "proxy/reference/policy_text.h"
#include "proxy/reference/reference.h"
#include "proxy/settings/settings.h"

static const char intro[] =
    "A policy is a mapping of stages to ordered lists of rules. At each stage the rules are tried from the top. A rule whose condition "
    "holds either decides, which ends the stage, or does its work and goes on with the next one. If no rule decides, the mail is accepted. "
    "There are no loops and no scores. What is wrong with a policy is told when the configuration is read, all at once: `mailweir check`.";
static const char example[] = "policies:\n"
                              "  inbound:\n"
                              "    rcpt:\n"
                              "      - rule: our relays\n"
                              "        when: {client.ip: {in: relays}}\n"
                              "        do: trust\n"
                              "      - rule: spf hard fail\n"
                              "        mode: shadow\n"
                              "        when: {spf: fail, mail_from.domain: {not: [example.com, .example.net]}}\n"
                              "        do: reject\n"
                              "        reply: \"550 5.7.23 {client.ip} is not allowed to send for {mail_from.domain}\"\n"
                              "lists:\n"
                              "  relays: [192.0.2.0/28, \"2001:db8:25::/64\"]\n";
static const char conditions[] =
    "A mapping holds if all of its entries hold, a list if one of them does. An entry is the name of a fact and a test: a value, a list of "
    "values of which one must fit, or a mapping of operators. If a fact is absent, every test of it is false but `absent`; `not` turns "
    "that round.";
static const char replies[] =
    "A reply is \"CODE ENHANCED text\". The code's class must be the action's, the enhanced code's class the code's; enhanced code and "
    "text "
    "may be left out. `{fact}` is the fact's value, `{{` and `}}` are braces; a short name such as `{retry_after}` stands for the only "
    "fact "
    "whose last part it is. In values from outside whatever is no printable ASCII, and `<` and `>`, become `?`; an absent fact reads "
    "unknown.";
static const char lists[] =
    "`lists` gives names to networks, addresses, domains, mailboxes and texts, in place or in files with one entry a line (`#` begins a "
    "comment), relative to the file that names them and read again with the configuration. A list may hold all kinds at once: the fact "
    "decides which entries count.";

static void write_stages(const struct page *p)
{
    page_heading(p, "Stages");
    for (size_t i = 0; i < STAGE_COUNT; i++)
        page_item(p, policy_stages[i].name, NULL, policy_stages[i].doc);
}

static void write_keys(const struct page *p, const char *heading, const struct policy_key_word *keys, size_t count)
{
    struct buf detail = {0}, text = {0};
    page_heading(p, heading);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&detail);
        buf_clear(&text);
        policy_text_key(&detail, &keys[i]);
        buf_add_format(&text, "%s Example: `%s: %s`.", keys[i].doc, keys[i].name, keys[i].example);
        page_item(p, keys[i].name, detail.ptr, text.ptr);
    }
    buf_release(&detail);
    buf_release(&text);
}

static void write_actions(const struct page *p)
{
    struct buf detail = {0};
    page_heading(p, "Actions");
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        buf_clear(&detail);
        policy_text_action(&detail, &policy_actions[i]);
        page_item(p, policy_actions[i].name, detail.ptr, policy_actions[i].doc);
    }
    buf_release(&detail);
}

static void write_operators(const struct page *p)
{
    struct buf detail = {0}, text = {0};
    page_heading(p, "Operators");
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        buf_clear(&detail);
        buf_clear(&text);
        policy_text_operator(&detail, &policy_operators[i]);
        buf_add_format(&text, "%s Example: `%s: %s`.", policy_operators[i].doc, policy_operators[i].name, policy_operators[i].example);
        page_item(p, policy_operators[i].name, detail.ptr, text.ptr);
    }
    buf_release(&detail);
    buf_release(&text);
}

static void write_conditions(const struct page *p)
{
    page_heading(p, "Conditions");
    page_text(p, conditions);
    for (size_t i = 0; i < COMBINATOR_COUNT; i++)
        page_item(p, policy_combinators[i].name, NULL, policy_combinators[i].doc);
}

static void write_values(const struct page *p)
{
    page_heading(p, "Values");
    page_text(p, "What a value may be, by the type of the fact. Nothing but words has a case.");
    for (int type = 0; type <= FACT_LIST; type++)
        page_item(p, fact_type_name((enum fact_type)type), NULL, policy_value_docs[type]);
}

static void write_fact(const struct page *p, const struct fact_def *def, const char *off)
{
    struct buf detail = {0}, text = {0};
    policy_text_fact(&detail, def);
    policy_text_fact_doc(&text, def, off);
    page_item(p, def->name, detail.ptr, text.ptr);
    buf_release(&detail);
    buf_release(&text);
}

static void write_facts(const struct page *p)
{
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const struct fact_schema *schema = settings_load_facts(NULL, arena, &errors);
    page_heading(p, "Facts");
    page_text(p, "What rules can look at. What is known at one stage is known at the later ones; at `data`, facts about a recipient are "
                 "those of the last one. Filters add some by their options: `mailweir config facts -c FILE` lists all of a configuration.");
    for (int id = 0; id < (int)fact_schema_count(schema); id++)
        write_fact(p, fact_schema_def(schema, id), fact_schema_off(schema, id));
    write_fact(p, &fact_list_header, NULL);
    arena_free(&arena);
}

void page_write_policy(const struct page *p)
{
    page_heading(p, "Description");
    page_text(p, intro);
    page_code(p, example);
    write_stages(p);
    write_keys(p, "Keys of a policy", policy_keys, POLICY_KEY_COUNT);
    write_keys(p, "Keys of a rule", policy_rule_keys, RULE_KEY_COUNT);
    write_actions(p);
    write_conditions(p);
    write_operators(p);
    write_values(p);
    page_heading(p, "Lists");
    page_text(p, lists);
    page_heading(p, "Replies and texts");
    page_text(p, replies);
    write_facts(p);
}
