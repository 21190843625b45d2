/* Proves policy/policy_decide.c and policy/conditions/condition.c against a naive reference: random policies are written as YAML and
 * valued at the same time, over 64 random sets of facts at once (one bit a set); every decision must be the reference's. */
#include "tests/unit/policy/policy_fixture.h"

#include "base/buf.h"

enum { MODELS = 64, RULES_MAX = 8 };

static const char *const words[] = {NULL, "pass", "fail", "temperror", "none"};
static const char *const numbers[] = {NULL, "0", "1", "5", "1024", "1025", "-3"};
static const char *const ips[] = {NULL, "192.0.2.1", "192.0.2.129", "198.51.100.1", "2001:db8::1"};
static const char *const domains[] = {NULL, "example.com", "a.example.com", "b.a.example.com", "example.net", "badexample.com"};
static const char *const lists_of_domains[] = {NULL, "", "example.com", "example.net,a.example.com"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/** What one model knows of each fact; NULL: absent. */
static struct model {
    const char *spf, *dkim, *size, *ip, *domain, *signers;
} models[MODELS];

static unsigned seed;

static unsigned pick(size_t n)
{
    return (unsigned)rand_r(&seed) % (unsigned)n;
}

#define PICK(array) (array)[pick(COUNT(array))]

static void make_models(void)
{
    for (size_t i = 0; i < MODELS; i++)
        models[i] = (struct model){PICK(words), PICK(words), PICK(numbers), PICK(ips), PICK(domains), PICK(lists_of_domains)};
}

/** One value or operator with what it means, decided by plain string work on a model's value. */
struct atom {
    const char *fact, *yaml;
    bool (*holds)(const char *value);
};

static bool below_example_com(const char *v)
{
    size_t n = strlen(v);
    return n > 12 && strcmp(v + n - 12, ".example.com") == 0;
}
static bool is_pass(const char *v)
{
    return strcmp(v, "pass") == 0;
}
static bool is_fail(const char *v)
{
    return strcmp(v, "fail") == 0;
}
static bool is_fail_or_none(const char *v)
{
    return is_fail(v) || strcmp(v, "none") == 0;
}
static bool always(const char *v)
{
    return true;
}
static bool is_five(const char *v)
{
    return atoi(v) == 5;
}
static bool over_kib(const char *v)
{
    return atoi(v) > 1024;
}
static bool under_one(const char *v)
{
    return atoi(v) < 1;
}
static bool in_low_half(const char *v)
{
    return strcmp(v, "192.0.2.1") == 0;
}
static bool in_doc_net(const char *v)
{
    return strncmp(v, "192.0.2.", 8) == 0;
}
static bool in_doc_nets(const char *v)
{
    return in_doc_net(v) || strchr(v, ':');
}
static bool is_example(const char *v)
{
    return strcmp(v, "example.com") == 0;
}
static bool is_example_or_below(const char *v)
{
    return is_example(v) || below_example_com(v);
}
static bool in_domains(const char *v)
{
    return below_example_com(v) || strcmp(v, "example.net") == 0;
}
static bool signed_below(const char *v)
{
    return strstr(v, ",a.example.com") != NULL;
}

static const struct atom atoms[] = {
    {"spf", "pass", is_pass},
    {"spf", "[fail, none]", is_fail_or_none},
    {"spf", "present", always},
    {"dkim", "fail", is_fail},
    {"dkim", "{present: true}", always},
    {"size", "5", is_five},
    {"size", "{over: 1KiB}", over_kib},
    {"size", "{under: 1}", under_one},
    {"client.ip", "192.0.2.0/25", in_low_half},
    {"client.ip", "{in: nets}", in_doc_nets},
    {"client.ip", "[192.0.2.128/25, 192.0.2.0/25]", in_doc_net},
    {"mail_from.domain", "example.com", is_example},
    {"mail_from.domain", "'*.Example.com'", below_example_com},
    {"mail_from.domain", ".example.com", is_example_or_below},
    {"mail_from.domain", "{in: [none, names]}", in_domains},
    {"dkim.domains", "'*.example.com'", signed_below},
};

static const char *value_of(const struct model *m, const char *fact)
{
    return strcmp(fact, "spf") == 0            ? m->spf
           : strcmp(fact, "dkim") == 0         ? m->dkim
           : strcmp(fact, "size") == 0         ? m->size
           : strcmp(fact, "client.ip") == 0    ? m->ip
           : strcmp(fact, "dkim.domains") == 0 ? m->signers
                                               : m->domain;
}

static uint64_t write_atom(struct buf *yaml, const struct atom *a)
{
    uint64_t truth = 0;
    bool negated = pick(4) == 0;
    for (size_t i = 0; i < MODELS; i++) {
        const char *value = value_of(&models[i], a->fact);
        truth |= (uint64_t)(value && a->holds(value)) << i;
    }
    buf_add_format(yaml, negated ? "%s: {not: %s}" : "%s: %s", a->fact, a->yaml);
    return negated ? ~truth : truth;
}

static uint64_t write_absence(struct buf *yaml)
{
    uint64_t truth = 0;
    for (size_t i = 0; i < MODELS; i++)
        truth |= (uint64_t)(models[i].spf == NULL) << i;
    buf_add_text(yaml, "spf: absent");
    return truth;
}

static uint64_t write_condition(struct buf *yaml, unsigned depth);

/** "key: ..." of a condition's map; the keys of one map must differ, so that atoms come one a map or with combinators. */
static uint64_t write_key(struct buf *yaml, unsigned depth)
{
    unsigned kind = depth == 0 ? 0 : pick(5);
    if (kind >= 3 || kind == 0)
        return pick(12) == 0 ? write_absence(yaml) : write_atom(yaml, &PICK(atoms));
    if (kind == 1) {
        buf_add_text(yaml, "not: ");
        return ~write_condition(yaml, depth - 1);
    }
    bool any = pick(2);
    buf_add_text(yaml, any ? "any: [" : "all: [");
    uint64_t truth = write_condition(yaml, depth - 1);
    for (unsigned n = pick(3); n > 0; n--) {
        buf_add_text(yaml, ", ");
        uint64_t other = write_condition(yaml, depth - 1);
        truth = any ? truth | other : truth & other;
    }
    buf_add_text(yaml, "]");
    return truth;
}

static uint64_t write_condition(struct buf *yaml, unsigned depth)
{
    if (depth > 0 && pick(5) == 0) { /* a list: OR */
        buf_add_text(yaml, "[");
        uint64_t truth = write_condition(yaml, depth - 1);
        buf_add_text(yaml, ", ");
        truth |= write_condition(yaml, depth - 1);
        buf_add_text(yaml, "]");
        return truth;
    }
    buf_add_text(yaml, "{");
    uint64_t truth = write_key(yaml, depth);
    if (depth > 0 && pick(3) == 0) {
        buf_add_text(yaml, ", rate: absent"); /* a second key: AND; no model knows the rate */
    }
    buf_add_text(yaml, "}");
    return truth;
}

struct reference_rule {
    uint64_t truth;
    bool shadow;
    enum action action;
};

static struct reference_rule write_rule(struct buf *yaml, size_t number)
{
    static const enum action actions[] = {ACTION_ACCEPT,  ACTION_TRUST,      ACTION_REJECT, ACTION_TEMPFAIL,
                                          ACTION_DISCARD, ACTION_QUARANTINE, ACTION_TAG,    ACTION_TAG};
    struct reference_rule r = {.shadow = pick(3) == 0, .action = PICK(actions)};
    buf_add_format(yaml, "  - {rule: r%zu, do: %s, ", number, action_name(r.action));
    if (r.action == ACTION_TAG)
        buf_add_format(yaml, "header: {X-R: r%zu}, ", number);
    if (r.shadow)
        buf_add_text(yaml, "mode: shadow, ");
    buf_add_text(yaml, "when: ");
    r.truth = write_condition(yaml, 3);
    buf_add_text(yaml, "}\n");
    return r;
}

static const char head[] = "lists: {nets: [192.0.2.0/24, '2001:db8::/32'], names: ['*.example.com', example.net], none: []}\n"
                           "policies:\n p:\n  split: lenient\n  data:\n";

static void set_model(struct fixture *f, const struct model *m)
{
    fixture_set(f, "spf", m->spf);
    fixture_set(f, "dkim", m->dkim);
    fixture_set(f, "size", m->size);
    fixture_set(f, "client.ip", m->ip);
    fixture_set(f, "mail_from.domain", m->domain);
    fixture_set(f, "dkim.domains", m->signers);
}

/** Walks the reference's rules for one model and compares each step with the decision's lists. */
static void compare(const struct decision *d, const struct reference_rule *rules, size_t count, size_t model, const char *yaml)
{
    const struct policy_shadow *shadow = d->shadow;
    const struct policy_effect *header = d->effects;
    for (size_t i = 0; i < count; i++) {
        char name[32];
        if (!(rules[i].truth >> model & 1))
            continue;
        snprintf(name, sizeof name, "r%zu", i);
        if (rules[i].shadow) {
            ck_assert_msg(shadow && strcmp(shadow->rule, name) == 0 && shadow->action == rules[i].action, "shadow %s, model %zu:\n%s", name,
                          model, yaml);
            shadow = shadow->next;
        } else if (rules[i].action == ACTION_TAG) {
            ck_assert_msg(header && slice_eq(header->value, slice_of(name)), "tag %s, model %zu:\n%s", name, model, yaml);
            header = header->next;
        } else {
            ck_assert_msg(d->rule && strcmp(d->rule, name) == 0 && d->action == rules[i].action, "%s decides model %zu, not %s:\n%s", name,
                          model, d->rule ? d->rule : "none", yaml);
            ck_assert(!shadow && !header);
            return;
        }
    }
    ck_assert_msg(!d->rule && d->action == ACTION_ACCEPT && !shadow && !header, "%s decides model %zu:\n%s", d->rule, model, yaml);
}

START_TEST(random_policies_decide_like_the_reference)
{
    unsigned decided = 0;
    for (seed = 1; seed <= 1500;) {
        unsigned next = seed + 1;
        struct reference_rule rules[RULES_MAX];
        struct buf yaml = {0};
        struct fixture f;
        make_models();
        buf_add_text(&yaml, head);
        size_t count = 1 + pick(RULES_MAX);
        for (size_t i = 0; i < count; i++)
            rules[i] = write_rule(&yaml, i);
        fixture_load_warned(&f, yaml.ptr);
        for (size_t m = 0; m < MODELS; m++) {
            struct decision d, shadowed;
            set_model(&f, &models[m]);
            policy_decide(f.policy, STAGE_DATA, &f.facts, false, f.arena, &d);
            compare(&d, rules, count, m, yaml.ptr);
            decided += d.rule != NULL;
            policy_decide(f.policy, STAGE_DATA, &f.facts, true, f.arena, &shadowed);
            ck_assert(shadowed.shadowed && !d.shadowed);
            ck_assert(shadowed.action == d.action && shadowed.rule == d.rule && shadowed.reply_code == d.reply_code);
        }
        fixture_close(&f);
        buf_release(&yaml);
        seed = next;
    }
    ck_assert_uint_gt(decided, 1000); /* the generator is not idle */
}
END_TEST

START_TEST(taking_the_shadow_rules_away_changes_no_action)
{
    for (seed = 1; seed <= 500;) {
        unsigned next = seed + 1;
        struct buf with = {0}, without = {0};
        struct fixture f, g;
        make_models();
        buf_add_text(&with, head);
        buf_add_text(&without, head);
        for (size_t i = 0, count = 1 + pick(RULES_MAX); i < count; i++) {
            size_t start = with.len;
            if (!write_rule(&with, i).shadow)
                buf_add(&without, slice_skip(buf_slice(&with), start));
        }
        fixture_load_warned(&f, with.ptr);
        fixture_load_warned(&g, without.ptr);
        for (size_t m = 0; m < MODELS; m++) {
            set_model(&f, &models[m]);
            set_model(&g, &models[m]);
            struct decision d = fixture_decide(&f, STAGE_DATA), e = fixture_decide(&g, STAGE_DATA);
            ck_assert_int_eq(d.action, e.action);
            ck_assert_str_eq(d.rule ? d.rule : "", e.rule ? e.rule : "");
            ck_assert_int_eq(d.reply_code, e.reply_code);
        }
        fixture_close(&f);
        fixture_close(&g);
        buf_release(&with);
        buf_release(&without);
        seed = next;
    }
}
END_TEST

START_TEST(a_stage_without_rules_accepts)
{
    struct fixture f;
    fixture_must_load(&f, "policies: {p: {data: [{rule: a, do: reject}]}}");
    struct decision d = fixture_decide(&f, STAGE_RCPT);
    ck_assert(d.action == ACTION_ACCEPT && !d.rule && d.reply_code == 0 && !d.shadow && !d.effects && !d.shadowed);
    ck_assert(slice_empty(d.reply_text) && slice_empty(d.reply_enhanced));
    fixture_close(&f);
}
END_TEST

START_TEST(every_action_has_its_name)
{
    static const char *const names[] = {"accept",     "trust", "reject",        "tempfail",    "discard",       "quarantine", "redirect",
                                        "disconnect", "tag",   "remove_header", "subject_tag", "add_recipient", "delay"};
    for (int i = 0; i < ACTION_COUNT; i++)
        ck_assert_str_eq(action_name((enum action)i), names[i]);
}
END_TEST

static struct policy_trial trials[8];
static int seen[8];
static size_t trial_count;

static void keep_trial(void *ctx, const struct policy_trial *trial)
{
    ck_assert_uint_lt(trial_count, 8);
    seen[trial_count] = trial->fact_count ? trial->facts[trial->fact_count - 1] : -1;
    trials[trial_count++] = *trial;
}

START_TEST(a_trace_tells_every_rule_tried_and_what_settled_it)
{
    struct fixture f;
    struct decision d, plain;
    static const char *const names[] = {"a", "b", "c"};
    const struct policy_trace trace = {keep_trial, NULL};
    fixture_must_load(&f, "policies: {p: {data: ["
                          "{rule: a, when: {spf: fail, dkim: fail}, do: reject},"
                          "{rule: b, mode: shadow, when: [{spf: pass}, {dkim: pass}], do: reject},"
                          "{rule: c, when: {all: [{spf: pass}, {not: {spf: fail}}]}, do: tempfail},"
                          "{rule: d, do: reject}]}}");
    facts_set_text(&f.facts, fixture_id(&f, "spf"), SLICE("pass"));
    trial_count = 0;
    policy_decide_traced(f.policy, STAGE_DATA, &f.facts, false, f.arena, &d, &trace);
    ck_assert_uint_eq(trial_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(trials[i].rule, names[i]);
        ck_assert_int_eq(trials[i].matched, i > 0);
        ck_assert_int_eq(trials[i].shadow, i == 1);
        ck_assert_uint_eq(trials[i].fact_count, 1);
        ck_assert_int_eq(seen[i], fixture_id(&f, "spf"));
    }
    policy_decide(f.policy, STAGE_DATA, &f.facts, false, f.arena, &plain);
    ck_assert_str_eq(d.rule, plain.rule);
    ck_assert_int_eq(d.action, plain.action);
    ck_assert(d.shadow && plain.shadow && !d.shadow->next && !plain.shadow->next);
    fixture_close(&f);
}
END_TEST

START_TEST(a_refusal_in_shadow_refuses_nobody)
{
    struct decision d = {.action = ACTION_REJECT};
    ck_assert(decision_refuses(&d));
    d.shadowed = true;
    ck_assert(!decision_refuses(&d));
    d = (struct decision){.action = ACTION_TEMPFAIL};
    ck_assert(decision_refuses(&d));
    d = (struct decision){.action = ACTION_DISCARD};
    ck_assert(!decision_refuses(&d));
}
END_TEST

UNIT_MAIN("policy/policy_decide", random_policies_decide_like_the_reference, taking_the_shadow_rules_away_changes_no_action,
          a_stage_without_rules_accepts, every_action_has_its_name, a_trace_tells_every_rule_tried_and_what_settled_it,
          a_refusal_in_shadow_refuses_nobody)
