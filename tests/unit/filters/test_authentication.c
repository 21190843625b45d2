/* The filters spf, dkim and dmarc together, phase by phase as the chain runs them, with the real resolver on static answers.
 * The message is one of those under dkim/data. */
#include "base/dns.h"
#include "base/replay.h"
#include "filters/registry.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#define DATA SOURCE_DIR "/tests/unit/filters/dkim/data/"

enum { FILTERS = 3 };
static const char *const names[FILTERS] = {"spf", "dkim", "dmarc"};

static struct arena *arena;
static struct event_base *base;
static struct dns *dns;
static char zone_path[] = "/tmp/mailweir-auth-XXXXXX";
static struct fact_schema *schema;
static struct facts facts;
static struct auth_results results;
static struct filter_ctx ctxs[FILTERS];
static struct mail_session session;
static struct mail_transaction tx;
static bool resumed;
static const char *failure;

/* The chain's part. */
static void host_resume(struct filter_ctx *ctx)
{
    ck_assert(!resumed);
    resumed = true;
    event_base_loopbreak(base);
}

static void host_fail(struct filter_ctx *ctx, const char *why)
{
    failure = why;
}

static const struct filter_host host = {host_resume, host_fail};

static char *read_file(const char *name)
{
    FILE *f = fopen(arena_format(arena, DATA "%s", name), "rb");
    ck_assert_msg(f != NULL, "%s", name);
    char *text = arena_alloc(arena, 100000);
    ck_assert_uint_gt(fread(text, 1, 99999, f), 0);
    fclose(f);
    return text;
}

static void write_key_records(FILE *f)
{
    for (char *line = read_file("keys.txt"), *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char *text = strchr(line, '\t');
        fprintf(f, "%.*s TXT", (int)(text - line), line);
        for (text++; text < end; text += 200)
            fprintf(f, " \"%.*s\"", end - text < 200 ? (int)(end - text) : 200, text);
        fprintf(f, "\n");
    }
}

static void open_dns(const char *records)
{
    const char *error = NULL;
    FILE *f = fdopen(mkstemp(zone_path), "w");
    ck_assert_ptr_nonnull(f);
    write_key_records(f);
    fputs(records, f);
    fclose(f);
    base = event_base_new();
    /* nothing listens there: what the zone does not hold fails */
    const char *forward[] = {"127.0.0.1@9"};
    struct dns_options options = {
        .zone_file = zone_path, .timeout_ms = 2000, .cache_bytes = 1 << 20, .forward = forward, .forward_count = 1};
    dns = dns_new(base, &options, &error);
    unlink(zone_path);
    ck_assert_msg(dns != NULL, "%s", error);
}

static void add_filter(size_t i, struct conf_errors *errors)
{
    const struct filter *filter = filter_registry_find(slice_of(names[i]));
    void *config = arena_alloc(arena, filter->config_size);
    int fact_base = (int)fact_schema_count(schema);
    options_load(filter->options, filter->config_size, NULL, config, arena, errors);
    for (size_t k = 0; k < filter->fact_count; k++)
        ck_assert_int_ge(fact_schema_add(schema, &filter->facts[k]), 0);
    if (filter->configure)
        filter->configure(&(struct filter_setup){
            .config = config, .hostname = "mx.example.org", .arena = arena, .schema = schema, .errors = errors, .fact_base = fact_base});
    ctxs[i] = (struct filter_ctx){.host = &host,
                                  .filter = filter,
                                  .config = config,
                                  .tx_state = arena_alloc(arena, filter->tx_size),
                                  .session = &session,
                                  .tx = &tx,
                                  .facts = &facts,
                                  .results = &results,
                                  .dns = dns,
                                  .fact_base = fact_base};
}

static void setup(const char *records, const char *client, const char *sender)
{
    struct conf_errors errors;
    arena = arena_new();
    open_dns(records);
    conf_errors_init(&errors, arena);
    schema = fact_schema_new(arena);
    session = (struct mail_session){.helo = SLICE("mail.example.com"), .client_ip = client, .hostname = "mx.example.org", .arena = arena};
    ck_assert(net_addr_parse_ip(slice_of(client), &session.client));
    tx = (struct mail_transaction){.arena = arena};
    tx.sender.text = slice_of(sender);
    tx.sender.null = *sender == '\0';
    if (*sender) {
        tx.sender.local = slice_make(sender, strcspn(sender, "@"));
        tx.sender.domain = slice_of(strchr(sender, '@') + 1);
    }
    auth_results_init(&results, arena);
    struct dns_map *answers = dns_map_new(arena, 40);
    for (size_t i = 0; i < FILTERS; i++)
        add_filter(i, &errors);
    for (size_t i = 0; i < FILTERS; i++)
        ctxs[i].answers = answers;
    ck_assert_uint_eq(errors.errors, 0);
    facts_init(&facts, schema, arena);
}

static void teardown(void)
{
    arena_free(&arena);
    dns_free(&dns);
    event_base_free(base);
}

static void wait_for(enum filter_status status)
{
    if (status == FILTER_DONE)
        return;
    struct timeval limit = {10, 0};
    resumed = false;
    event_base_loopexit(base, &limit);
    event_base_dispatch(base);
    ck_assert_msg(resumed, "the filter never resumed");
}

static void feed_field(struct slice raw)
{
    size_t colon = (size_t)slice_index(raw, ':');
    struct mail_header header = {.name = slice_trim(slice_first(raw, colon)), .value = slice_skip(raw, colon + 1), .raw = raw};
    for (size_t i = 0; i < FILTERS; i++)
        if (ctxs[i].filter->header)
            ctxs[i].filter->header(&ctxs[i], &header);
}

static const char *feed_headers(const char *message)
{
    while (strncmp(message, "\r\n", 2) != 0) {
        const char *end = strstr(message, "\r\n");
        while (end[2] == ' ' || end[2] == '\t')
            end = strstr(end + 2, "\r\n");
        feed_field(slice_make(message, (size_t)(end - message)));
        message = end + 2;
    }
    return message + 2;
}

static void run(const char *message)
{
    wait_for(ctxs[0].filter->mail(&ctxs[0]));
    wait_for(ctxs[0].filter->rcpt(&ctxs[0]));
    const char *body = feed_headers(message);
    for (size_t i = 0; i < FILTERS; i++)
        if (ctxs[i].filter->eoh)
            ck_assert_int_eq(ctxs[i].filter->eoh(&ctxs[i]), FILTER_DONE);
    ctxs[1].filter->body(&ctxs[1], slice_of(body));
    for (size_t i = 0; i < FILTERS; i++)
        if (ctxs[i].filter->eom)
            wait_for(ctxs[i].filter->eom(&ctxs[i]));
    ck_assert_ptr_null(failure);
}

static void expect(const char *fact, const char *text)
{
    int id = fact_schema_find(schema, slice_of(fact));
    ck_assert_msg(id >= 0, "%s", fact);
    struct slice actual = facts_to_text(&facts, id, arena);
    ck_assert_msg(slice_eq(actual, slice_of(text)), "%s is \"%.*s\", expected \"%s\"", fact, SLICE_FMT(actual), text);
}

static const char zone[] = "example.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
                           "mail.example.com TXT \"v=spf1 a -all\"\n"
                           "mail.example.com A 192.0.2.1\n"
                           "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"
                           "evil.net TXT \"v=spf1 +all\"\n"
                           "_dmarc.evil.net TXT \"v=none\"\n";

START_TEST(a_real_message_passes_all_three)
{
    struct buf out = {0};
    setup(zone, "192.0.2.1", "alice@example.com");
    run(read_file("relaxed.eml"));
    expect("spf", "pass");
    expect("spf.domain", "example.com");
    expect("spf.helo", "pass");
    expect("spf.reason", "");
    expect("dkim", "pass");
    expect("dkim.domains", "example.com");
    expect("dkim.count", "1");
    expect("dkim.partial_body", "no");
    expect("dmarc", "pass");
    expect("dmarc.policy", "reject");
    expect("dmarc.domain", "example.com");
    expect("dmarc.aligned", "spf,dkim");
    expect("from.address", "alice@example.com");
    expect("from.domain", "example.com");
    auth_results_format(&results, "mx.example.org", &out);
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tspf=pass smtp.mailfrom=alice@example.com;\r\n"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tspf=pass smtp.helo=mail.example.com;\r\n"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tdkim=pass header.d=example.com header.s=rsa header.a=rsa-sha256"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tdmarc=pass header.from=example.com policy.dmarc=reject\r\n"));
    buf_release(&out);
    teardown();
}
END_TEST

START_TEST(a_forged_message_fails_with_its_policy)
{
    setup(zone, "203.0.113.9", "x@evil.net");
    run(read_file("unsigned.eml"));
    expect("spf", "pass");
    expect("spf.helo", "fail");
    expect("dkim", "none");
    expect("dkim.domains", "");
    expect("dmarc", "fail");
    expect("dmarc.policy", "reject");
    expect("dmarc.aligned", "");
    teardown();
}
END_TEST

START_TEST(a_forwarded_message_is_saved_by_its_signature)
{
    setup(zone, "203.0.113.9", "alice@example.com");
    run(read_file("ed25519.eml"));
    expect("spf", "fail");
    expect("dkim", "pass");
    expect("dmarc", "pass");
    expect("dmarc.aligned", "dkim");
    teardown();
}
END_TEST

START_TEST(the_null_reverse_path_stands_for_the_helo_name)
{
    struct buf out = {0};
    setup(zone, "192.0.2.1", "");
    run(read_file("unsigned.eml"));
    expect("spf", "pass");
    expect("spf.domain", "mail.example.com");
    expect("dmarc", "pass");
    expect("dmarc.aligned", "spf");
    auth_results_format(&results, "mx.example.org", &out);
    ck_assert_ptr_nonnull(strstr(out.ptr, "smtp.mailfrom=postmaster@mail.example.com;\r\n"));
    buf_release(&out);
    teardown();
}
END_TEST

START_TEST(two_from_fields_have_no_author)
{
    setup(zone, "192.0.2.1", "alice@example.com");
    run(arena_format(arena, "From: ceo@victim.example\r\n%s", read_file("relaxed.eml")));
    expect("dmarc", "permerror");
    expect("dmarc.reason", "several From fields");
    expect("dmarc.policy", "");
    expect("from.address", "");
    expect("from.domain", "");
    teardown();
}
END_TEST

START_TEST(an_appended_body_is_told)
{
    setup(zone, "192.0.2.1", "alice@example.com");
    run(read_file("partial-l.eml"));
    expect("dkim", "pass");
    expect("dkim.partial_body", "yes");
    teardown();
}
END_TEST

START_TEST(dns_that_does_not_answer_is_a_temporary_error)
{
    setup("_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n", "192.0.2.1", "alice@unheard-of.org");
    run(read_file("unsigned.eml"));
    expect("spf", "temperror");
    expect("spf.reason", "DNS failure");
    expect("dmarc", "fail");
    teardown();
}
END_TEST

START_TEST(a_transaction_may_end_while_a_filter_waits)
{
    setup(zone, "192.0.2.1", "alice@unheard-of.org");
    ck_assert_int_eq(ctxs[0].filter->mail(&ctxs[0]), FILTER_DONE);
    ck_assert_int_eq(ctxs[0].filter->rcpt(&ctxs[0]), FILTER_WAIT);
    feed_headers(read_file("relaxed.eml"));
    for (size_t i = 1; i < FILTERS; i++)
        ck_assert_int_eq(ctxs[i].filter->eoh(&ctxs[i]), FILTER_DONE);
    for (size_t i = 1; i < FILTERS; i++)
        ctxs[i].filter->abort(&ctxs[i]);
    arena_free(&arena);
    struct timeval short_time = {0, 100000};
    event_base_loopexit(base, &short_time);
    event_base_dispatch(base);
    ck_assert(!resumed);
    teardown();
}
END_TEST

UNIT_MAIN("filters/authentication", a_real_message_passes_all_three, a_forged_message_fails_with_its_policy,
          a_forwarded_message_is_saved_by_its_signature, the_null_reverse_path_stands_for_the_helo_name, two_from_fields_have_no_author,
          an_appended_body_is_told, dns_that_does_not_answer_is_a_temporary_error, a_transaction_may_end_while_a_filter_waits)
