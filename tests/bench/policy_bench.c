/* policy_bench: microseconds to decide by 1,000 rules of which only the last one applies, alone and by kind of test; seconds to load a
 * list of a million entries from a file, and nanoseconds of a look-up. Prints medians of several rounds. */
#include "base/buf.h"
#include "filters/lists/lists.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, DECISIONS = 2000, RULES = 1000, ENTRIES = 1000 * 1000, LOOKUPS = 1000 * 1000, NAMES = 4096 };

static const char *const words[] = {"pass", "fail", "softfail", "none", NULL};

static const struct fact_def defs[] = {
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL, ""},
    {"helo", FACT_TEXT, STAGE_HELO, FACT_SESSION, NULL, ""},
    {"mail_from", FACT_MAILBOX, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"mail_from.domain", FACT_DOMAIN, STAGE_MAIL, FACT_TRANSACTION, NULL, ""},
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, ""},
    {"size", FACT_NUMBER, STAGE_DATA, FACT_TRANSACTION, NULL, ""},
};

/** One kind of rule; "#" is the rule's number. share: of ten rules of the mixture. */
static const struct kind {
    const char *what, *when;
    unsigned share;
} kinds[] = {
    {"a word and a number", "{spf: fail, size: {over: 1000#}}", 2},
    {"a domain", "{mail_from.domain: .d#.example.com}", 2},
    {"a mailbox", "{mail_from: joe#@mail.example.net}", 1},
    {"a network", "{client.ip: 10.0.0.#/32}", 1},
    {"a list of domains", "{mail_from: {in: domains}}", 2},
    {"a list of networks", "{client.ip: {in: networks}}", 1},
    {"a regular expression", "{header.Subject: {matches: '(cheap|free) +pills #'}}", 1},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double rounds[ROUNDS])
{
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    return rounds[ROUNDS / 2];
}

static void fail(const char *what)
{
    fprintf(stderr, "policy_bench: %s\n", what);
    exit(1);
}

static void add_rule(struct buf *yaml, const struct kind *kind, unsigned number)
{
    buf_add_format(yaml, "  - {rule: r%u, do: reject, when: ", number);
    for (const char *c = kind->when; *c; c++)
        if (*c == '#')
            buf_add_format(yaml, "%u", kind == &kinds[3] ? number % 256 : number);
        else
            buf_add_format(yaml, "%c", *c);
    buf_add_text(yaml, "}\n");
}

/** Rules of one kind, or of all in their shares, and a last one that applies. */
static void write_policy(struct buf *yaml, const struct kind *only)
{
    unsigned number = 0;
    buf_add_text(yaml, "lists:\n domains: [example.org, '*.example.info', joe@example.biz]\n networks: [198.18.0.0/15, '2001:db8::/32']\n"
                       "p:\n data:\n");
    while (number < RULES - 1)
        for (size_t k = 0; k < KINDS && number < RULES - 1; k++)
            for (unsigned n = only ? 1 : kinds[k].share; n > 0 && number < RULES - 1; n--)
                add_rule(yaml, only ? only : &kinds[k], number++);
    buf_add_text(yaml, "  - {rule: last, do: quarantine}\n");
}

static void set_facts(struct facts *facts, struct fact_schema *schema, struct arena *arena)
{
    static const struct net_addr addr = {.family = AF_INET, .bytes = {192, 0, 2, 1}};
    int subject = fact_schema_find(schema, SLICE("header.Subject"));
    facts_init(facts, schema, arena);
    facts_set_address(facts, 0, &addr);
    facts_set_text(facts, 1, SLICE("mail.sender.example.net"));
    facts_set_text(facts, 2, SLICE("ann@news.sender.example.net"));
    facts_set_text(facts, 3, SLICE("news.sender.example.net"));
    facts_set_text(facts, 4, SLICE("pass"));
    facts_set_number(facts, 5, 20000);
    if (subject >= 0)
        facts_set_text(facts, subject, SLICE("Re: Minutes of the meeting of last Tuesday, and the next steps"));
}

static double measure_policy(const struct kind *only)
{
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct conf_errors errors;
    struct buf yaml = {0};
    struct facts facts;
    double rounds[ROUNDS];
    conf_errors_init(&errors, arena);
    struct fact_schema *schema = fact_schema_new(arena);
    for (size_t i = 0; i < sizeof defs / sizeof defs[0]; i++)
        fact_schema_add(schema, &defs[i]);
    write_policy(&yaml, only);
    const struct conf_node *root = conf_read_text(buf_slice(&yaml), "bench.yaml", arena, &errors);
    const struct policy_lists *lists = policy_lists_load(conf_get(root, "lists"), arena, &errors);
    const struct policy_context context = {lists, schema, arena, &errors, NULL};
    const struct policy *policy = policy_load(conf_get(root, "p"), "p", &context);
    if (errors.errors)
        fail(errors.first->text);
    set_facts(&facts, schema, arena);
    for (int r = 0; r < ROUNDS; r++) {
        double start = now_us();
        for (int i = 0; i < DECISIONS; i++) {
            struct decision d;
            policy_decide(policy, STAGE_DATA, &facts, false, scratch, &d);
            if (!d.rule || strcmp(d.rule, "last") != 0)
                fail("another rule than the last one applied");
            arena_clear(scratch);
        }
        rounds[r] = (now_us() - start) / DECISIONS;
    }
    buf_release(&yaml);
    arena_free(&scratch);
    arena_free(&arena);
    return median(rounds);
}

static void write_list(FILE *out, enum fact_type type)
{
    for (unsigned i = 0; i < ENTRIES; i++)
        if (type == FACT_ADDRESS)
            fprintf(out, "%u.%u.%u.%u/31\n", 11 + (i >> 21), i >> 13 & 255, i >> 5 & 255, (i & 31) << 3);
        else
            fprintf(out, "%shost%u.customers.example.com\n", i % 8 ? "" : "*.", i);
}

/** A value that the list holds if hit, and that it does not if not. */
static void make_value(struct fact_value *value, enum fact_type type, unsigned i, bool hit, struct arena *arena)
{
    char text[80];
    i = i * 2654435761u % ENTRIES;
    value->present = true;
    if (type == FACT_ADDRESS)
        snprintf(text, sizeof text, "%u.%u.%u.%u", 11 + (i >> 21), i >> 13 & 255, i >> 5 & 255, ((i & 31) << 3) + (hit ? 1 : 3));
    else
        snprintf(text, sizeof text, "%shost%u.customers.example.%s", i % 8 ? "" : "a.", i, hit ? "com" : "net");
    value->text = arena_copy(arena, slice_of(text));
    if (type == FACT_ADDRESS && !net_addr_parse_ip(value->text, &value->addr))
        fail("no address");
}

static double measure_lookups(const struct policy_list *list, enum fact_type type, bool hit)
{
    struct arena *arena = arena_new();
    struct fact_value *values = arena_alloc(arena, NAMES * sizeof *values);
    double rounds[ROUNDS];
    for (unsigned i = 0; i < NAMES; i++)
        make_value(&values[i], type, i, hit, arena);
    for (int r = 0; r < ROUNDS; r++) {
        size_t found = 0;
        double start = now_us();
        for (unsigned i = 0; i < LOOKUPS; i++)
            found += policy_list_holds(list, type, &values[i % NAMES]);
        rounds[r] = (now_us() - start) / LOOKUPS * 1e3;
        if (found != (hit ? LOOKUPS : 0))
            fail("a look-up went wrong");
    }
    arena_free(&arena);
    return median(rounds);
}

static void measure_list(const char *what, enum fact_type type)
{
    char path[] = "/tmp/policy_bench.XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out)
        fail("cannot write a file in /tmp");
    write_list(out, type);
    fclose(out);
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    const char *yaml = arena_format(arena, "l: {file: %s}", path);
    double start = now_us();
    const struct conf_node *node = conf_read_text(slice_of(yaml), "bench.yaml", arena, &errors);
    const struct policy_list *list = policy_list_find(policy_lists_load(node, arena, &errors), SLICE("l"));
    double seconds = (now_us() - start) / 1e6;
    unlink(path);
    if (errors.errors)
        fail(errors.first->text);
    printf("%-28s %8.2f s to load %8.0f ns found %8.0f ns not found\n", what, seconds, measure_lookups(list, type, true),
           measure_lookups(list, type, false));
    arena_free(&arena);
}

int main(void)
{
    printf("us to decide by %d rules\n", RULES);
    printf("%-28s %8.1f\n", "a mixture of these", measure_policy(NULL));
    for (size_t k = 0; k < KINDS; k++)
        printf("%-28s %8.1f\n", kinds[k].what, measure_policy(&kinds[k]));
    printf("\nlists of %d entries\n", ENTRIES);
    measure_list("domains", FACT_DOMAIN);
    measure_list("networks", FACT_ADDRESS);
    return 0;
}
