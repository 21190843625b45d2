/* policy_random: random policies for property tests. Each is written as YAML and valued at the same time, by plain string work, over
 * MODELS random sets of facts at once: one bit a set. So the reference knows nothing of trees, types or lists. */
#ifndef TESTS_POLICY_RANDOM_H
#define TESTS_POLICY_RANDOM_H

#include "base/buf.h"
#include "policy/policy_words.h"
#include "tests/unit/policy/policy_fixture.h"

enum { MODELS = 64, RULES_MAX = 8 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(array)  (array)[pick(COUNT(array))]

static unsigned seed;

static inline unsigned pick(size_t n)
{
    return (unsigned)rand_r(&seed) % (unsigned)n;
}

enum { SPF, IP, DOMAIN, RCPT, SUBJECT, DKIM, SIZE, SIGNERS, FACTS };
enum { FIRST_AT_DATA = SUBJECT }; /* those from here on are known at stage data only */
static const char *const fact_names[FACTS] = {"spf",  "client.ip", "mail_from.domain", "rcpt", "header.Subject",
                                              "dkim", "size",      "dkim.domains"};

/** What a fact may be; NULL: absent. */
static const char *const fact_values[FACTS][7] = {
    [SPF] = {NULL, "pass", "fail", "temperror", "none", "fail", "pass"},
    [IP] = {NULL, "192.0.2.1", "192.0.2.129", "198.51.100.1", "2001:db8::1", "192.0.2.1", "192.0.2.1"},
    [DOMAIN] = {NULL, "example.com", "a.example.com", "b.a.example.com", "example.net", "badexample.com", "mail1.example.com"},
    [RCPT] = {NULL, "joe@example.com", "ann@example.com", "joe@mail2.example.com", "JOE@example.com", "joe@example.net", "x@a.b.example"},
    [SUBJECT] = {NULL, "", "spam", "no SPAM today", "hello", "ham", "spamham"},
    [DKIM] = {NULL, "pass", "fail", "temperror", "none", "fail", "pass"},
    [SIZE] = {NULL, "0", "1", "5", "1024", "1025", "-3"},
    [SIGNERS] = {NULL, "", "example.com", "example.net,a.example.com", "a.example.com", "mail7.example.com", "x.example"},
};

static const char *models[MODELS][FACTS];

static inline void make_models(void)
{
    for (size_t m = 0; m < MODELS; m++)
        for (size_t f = 0; f < FACTS; f++)
            models[m][f] = PICK(fact_values[f]);
}

static inline void set_model(struct fixture *f, size_t m)
{
    for (size_t i = 0; i < FACTS; i++)
        if (fact_schema_find(f->schema, slice_of(fact_names[i])) >= 0) /* a header fact exists only if a rule names it */
            fixture_set(f, fact_names[i], models[m][i]);
}

/** One value or operator, and for which of a fact's values it holds: a bit for each of fact_values; absence is never one of them. */
struct atom {
    int fact;
    const char *yaml;
    const char *holds; /* one character for each value from the second on: '1' or '.' */
};

static const struct atom atoms[] = {
    {SPF, "pass", "1....1"},
    {SPF, "[fail, none]", ".1.11."},
    {SPF, "present", "111111"},
    {SPF, "{not: {absent: true}}", "111111"},
    {DKIM, "fail", ".1..1."},
    {DKIM, "{present: true}", "111111"},
    {SIZE, "5", "..1..."},
    {SIZE, "{over: 1KiB}", "....1."},
    {SIZE, "{under: 1}", "1....1"},
    {SIZE, "{over: 0, under: 1025}", ".111.."},
    {IP, "192.0.2.0/25", "1...11"},
    {IP, "{in: nets}", "11.111"},
    {IP, "[192.0.2.128/25, 192.0.2.0/25]", "11..11"},
    {DOMAIN, "example.com", "1....."},
    {DOMAIN, "'*.Example.com'", ".11..1"},
    {DOMAIN, ".example.com", "111..1"},
    {DOMAIN, "'m*1.example.com'", ".....1"},
    {DOMAIN, "{in: [none, names]}", ".111.1"},
    {DOMAIN, "{matches: '^(a|b\\.a)\\.'}", ".11..."},
    {RCPT, "joe@Example.com", "1..1.."},
    {RCPT, "example.com", "11.1.."},
    {RCPT, "{in: people}", "1.11.1"},
    {RCPT, "{matches: ['^joe@', 'b\\.example$']}", "1.1111"},
    {SUBJECT, "spam", ".1...."},
    {SUBJECT, "''", "1....."},
    {SUBJECT, "{matches: spam}", ".11..1"},
    {SUBJECT, "{matches: (?-i)^spam}", ".1...1"},
    {SIGNERS, "'*.example.com'", "..111."},
    {SIGNERS, "{in: names}", "..111."},
    {SIGNERS, "{matches: '^mail\\d'}", "....1."},
};

static inline bool atom_holds(const struct atom *a, size_t m)
{
    for (size_t i = 1; i < COUNT(fact_values[0]); i++)
        if (models[m][a->fact] && models[m][a->fact] == fact_values[a->fact][i])
            return a->holds[i - 1] == '1';
    return false;
}

static inline uint64_t write_atom(struct buf *yaml, enum stage stage)
{
    const struct atom *a = &PICK(atoms);
    while (stage != STAGE_DATA && a->fact >= FIRST_AT_DATA)
        a = &PICK(atoms);
    bool negated = pick(4) == 0;
    uint64_t truth = 0;
    for (size_t m = 0; m < MODELS; m++)
        truth |= (uint64_t)atom_holds(a, m) << m;
    buf_add_format(yaml, negated ? "%s: {not: %s}" : "%s: %s", fact_names[a->fact], a->yaml);
    return negated ? ~truth : truth;
}

static inline uint64_t write_absence(struct buf *yaml)
{
    uint64_t truth = 0;
    for (size_t m = 0; m < MODELS; m++)
        truth |= (uint64_t)(models[m][SPF] == NULL) << m;
    buf_add_text(yaml, "spf: absent");
    return truth;
}

static inline uint64_t write_condition(struct buf *yaml, enum stage stage, unsigned depth);

/** "key: ..." of a condition's map; the keys of one map must differ, so that atoms come one a map or with combinators. */
static inline uint64_t write_key(struct buf *yaml, enum stage stage, unsigned depth)
{
    unsigned kind = depth == 0 ? 0 : pick(5);
    if (kind >= 3 || kind == 0)
        return pick(12) == 0 ? write_absence(yaml) : write_atom(yaml, stage);
    if (kind == 1) {
        buf_add_text(yaml, "not: ");
        return ~write_condition(yaml, stage, depth - 1);
    }
    bool any = pick(2);
    buf_add_text(yaml, any ? "any: [" : "all: [");
    uint64_t truth = write_condition(yaml, stage, depth - 1);
    for (unsigned n = pick(3); n > 0; n--) {
        buf_add_text(yaml, ", ");
        uint64_t other = write_condition(yaml, stage, depth - 1);
        truth = any ? truth | other : truth & other;
    }
    buf_add_text(yaml, "]");
    return truth;
}

static inline uint64_t write_condition(struct buf *yaml, enum stage stage, unsigned depth)
{
    if (depth > 0 && pick(5) == 0) { /* a list: OR */
        buf_add_text(yaml, "[");
        uint64_t truth = write_condition(yaml, stage, depth - 1);
        buf_add_text(yaml, ", ");
        truth |= write_condition(yaml, stage, depth - 1);
        buf_add_text(yaml, "]");
        return truth;
    }
    buf_add_text(yaml, "{");
    uint64_t truth = write_key(yaml, stage, depth);
    if (depth > 0 && pick(3) == 0)
        buf_add_text(yaml, ", rate: absent"); /* a second key: AND; no model knows the rate */
    buf_add_text(yaml, "}");
    return truth;
}

/** What each action takes, as YAML, and what comes of it, as describe() puts it; "#" is the rule's number. */
struct variant {
    enum action action;
    const char *yaml, *result;
};

static const struct variant variants[] = {
    {ACTION_ACCEPT, "", "0 "},
    {ACTION_TRUST, "", "0 "},
    {ACTION_REJECT, "", "550 "},
    {ACTION_REJECT, "reply: '554 5.7.9 no', ", "554 "},
    {ACTION_TEMPFAIL, "", "451 "},
    {ACTION_TEMPFAIL, "reply: '450 4.2.0 later {spf}', ", "450 "},
    {ACTION_DISCARD, "", "0 "},
    {ACTION_QUARANTINE, "", "0 "},
    {ACTION_QUARANTINE, "to: held#@example.com, ", "0 held#@example.com"},
    {ACTION_REDIRECT, "to: other#@Example.net, ", "0 other#@example.net"},
    {ACTION_DISCONNECT, "", "421 "},
    {ACTION_DISCONNECT, "reply: '554 5.7.1 bye', ", "554 "},
    {ACTION_TAG, "header: {X-A: 'v#', X-B: '{{#}}'}, ", "tag X-A=v# 0;tag X-B={#} 0;"},
    {ACTION_REMOVE_HEADER, "names: [X-R#, X-S-*], ", "remove_header X-R#= 0;remove_header X-S-*= 0;"},
    {ACTION_SUBJECT_TAG, "text: '[#] ', ", "subject_tag =[#]  0;"},
    {ACTION_ADD_RECIPIENT, "to: [a#@example.com, b@example.com], ", "add_recipient =a#@example.com 0;add_recipient =b@example.com 0;"},
    {ACTION_DELAY, "for: 1#ms, ", "delay = 1#;"},
};

static inline void add_numbered(struct buf *out, const char *text, size_t number)
{
    for (; *text; text++)
        if (*text == '#')
            buf_add_format(out, "%zu", number);
        else
            buf_add_format(out, "%c", *text);
}

struct reference_rule {
    uint64_t truth;
    bool shadow;
    const struct variant *variant;
};

static inline struct reference_rule write_rule(struct buf *yaml, enum stage stage, size_t number)
{
    struct reference_rule r = {.shadow = pick(3) == 0, .variant = &PICK(variants)};
    while (!(policy_actions[r.variant->action].stages & POLICY_BIT(stage)))
        r.variant = &PICK(variants);
    buf_add_format(yaml, "  - {rule: r%zu, do: %s, ", number, action_name(r.variant->action));
    add_numbered(yaml, r.variant->yaml, number);
    if (r.shadow)
        buf_add_text(yaml, "mode: shadow, ");
    buf_add_text(yaml, "when: ");
    r.truth = write_condition(yaml, stage, 3);
    buf_add_text(yaml, "}\n");
    return r;
}

static inline void write_head(struct buf *yaml, enum stage stage)
{
    buf_add_format(yaml,
                   "lists: {nets: [192.0.2.0/24, '2001:db8::/32'], names: ['*.example.com', example.net], none: [],\n"
                   " people: [joe@example.com, 'mail*.example.com', .b.example]}\n"
                   "policies:\n p:\n  split: defer\n  %s:\n",
                   stage_name(stage));
}

/** A decision as text: effects | rules in shadow | what was decided. */
static inline void describe(struct buf *out, const struct decision *d)
{
    for (const struct policy_effect *e = d->effects; e; e = e->next)
        buf_add_format(out, "%s %.*s=%.*s %d;", action_name(e->action), SLICE_FMT(e->name), SLICE_FMT(e->value), (int)e->delay_ms);
    buf_add_text(out, "|");
    for (const struct policy_shadow *s = d->shadow; s; s = s->next)
        buf_add_format(out, "%s %s;", s->rule, action_name(s->action));
    buf_add_format(out, "| %s %s %d %.*s", d->rule ? d->rule : "-", action_name(d->action), d->reply_code, SLICE_FMT(d->to));
}

/** The same of the reference, for one model. whole: everything is in shadow. */
static inline void describe_reference(struct buf *out, const struct reference_rule *rules, size_t count, size_t model, bool whole)
{
    struct buf shadows = {0}, decided = {0};
    for (size_t i = 0; i < count && decided.len == 0; i++) {
        const struct variant *v = rules[i].variant;
        bool goes_on = v->action >= ACTION_TAG;
        if (!(rules[i].truth >> model & 1))
            continue;
        if (rules[i].shadow || (whole && goes_on)) {
            buf_add_format(&shadows, "r%zu %s;", i, action_name(v->action));
        } else if (goes_on) {
            add_numbered(out, v->result, i);
        } else {
            buf_add_format(&decided, "r%zu %s ", i, action_name(v->action));
            add_numbered(&decided, v->result, i);
        }
    }
    buf_add_format(out, "|%.*s| %.*s", SLICE_FMT(buf_slice(&shadows)), SLICE_FMT(decided.len ? buf_slice(&decided) : SLICE("- accept 0 ")));
    buf_release(&shadows);
    buf_release(&decided);
}

#endif
