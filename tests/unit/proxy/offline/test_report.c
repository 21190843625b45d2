/* Proves proxy/offline/report_text.c, report_json.c and report_dns.c on rehearsals made by hand; tests/offline shows whole reports. */
#include "proxy/offline/report.h"
#include "proxy/offline/report_dns.h"
#include "tests/unit/unit.h"

#include <jansson.h>

static struct arena *arena;
static struct conf_errors errors;
static struct settings *settings;
static struct rehearsal_script script;
static struct rehearsal_step connects, data;
static struct rehearsal rehearsal;
static struct report report;

/** A session that was refused at its message by a rule. */
static void make_report(void)
{
    arena = arena_new();
    conf_errors_init(&errors, arena);
    settings = settings_load_text(SLICE("hostname: mx.example.org\nlisteners: [\"127.0.0.1:25\"]\n"
                                        "backends: {main: \"127.0.0.1:10025\"}\nstate: {directory: null}\n"),
                                  "t.yaml", &errors);
    ck_assert_ptr_nonnull(settings);
    script = (struct rehearsal_script){.listener = &settings->listeners[0], .judged = true};
    script.hello.argument = SLICE("mail.example.com");
    script.mail.path.text = SLICE("a@example.com");
    net_addr_parse_ip(SLICE("192.0.2.1"), &script.client);
    connects = (struct rehearsal_step){
        .stage = STAGE_CONNECT, .rcpt = SLICE(""), .judged = true, .reply = SLICE("220 mx.example.org ESMTP"), .remark = "", .next = &data};
    data = (struct rehearsal_step){.stage = STAGE_DATA,
                                   .rcpt = SLICE(""),
                                   .judged = true,
                                   .refused = true,
                                   .reply = SLICE("550 5.7.1 No"),
                                   .remark = "",
                                   .decision = {.action = ACTION_REJECT, .rule = "spoofed", .reply_code = 550}};
    rehearsal = (struct rehearsal){
        .steps = &connects, .end = &data, .marks = SLICE(""), .auth_results = SLICE(""), .failures = SLICE(""), .measured = true};
    report = (struct report){
        .command = "explain", .settings = "t.yaml", .client_given = true, .used = settings, .script = &script, .rehearsal = &rehearsal};
}

static void add_fact(const char *name, struct slice value)
{
    int id = fact_schema_find(settings->facts, slice_of(name));
    ck_assert_int_ge(id, 0);
    struct rehearsal_fact *f = arena_alloc(arena, sizeof *f);
    *f = (struct rehearsal_fact){id, fact_schema_def(settings->facts, id), {.present = true, .text = value}, value};
    rehearsal.facts = (struct rehearsal_facts){f, 1};
}

static char *as_text(void)
{
    struct buf out = {0};
    report_text(&report, &out);
    char *text = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

static json_t *as_json(void)
{
    struct buf out = {0};
    report_json(&report, &out);
    for (size_t i = 0; i < out.len; i++)
        ck_assert_msg(out.ptr[i] == '\n' || (out.ptr[i] >= ' ' && out.ptr[i] <= '~'), "byte %d", out.ptr[i]);
    json_t *json = json_loadb(out.ptr, out.len, JSON_ALLOW_NUL, NULL);
    ck_assert_ptr_nonnull(json);
    buf_release(&out);
    return json;
}

static void put(struct dns_map *map, const char *name, enum dns_type type, enum dns_status status, struct slice data_bytes)
{
    struct dns_record record = {.data = data_bytes, .preference = 10};
    struct dns_answer answer = {
        .status = status, .count = status == DNS_OK, .records = &record, .why = status == DNS_FAILURE ? "timeout" : NULL};
    dns_map_put(map, slice_of(name), type, &answer);
}

START_TEST(columns_and_result_tell_what_happened)
{
    make_report();
    char *text = as_text();
    ck_assert_ptr_nonnull(strstr(text, "Session\n  client     192.0.2.1\n  helo       mail.example.com\n  mail from  <a@example.com>\n"));
    ck_assert_ptr_nonnull(strstr(text, "Dialogue\n  (connects)  220 mx.example.org ESMTP\n  (message)   550 5.7.1 No\n"));
    ck_assert_ptr_nonnull(strstr(text, "Result\n  reject at stage data, by rule \"spoofed\"\n  the client gets: 550 5.7.1 No\n"));
}
END_TEST

START_TEST(hostile_bytes_never_reach_a_terminal)
{
    char bytes[256], name[64] = "";
    make_report();
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    add_fact("helo", slice_make(bytes, sizeof bytes));
    struct dns_map *map = dns_map_new(arena, 40);
    snprintf(name, sizeof name, "a\033[2J\xff.example");
    put(map, name, DNS_TYPE_TXT, DNS_OK, slice_make(bytes, sizeof bytes));
    rehearsal.answers = map;
    script.hello.argument = slice_make(bytes, sizeof bytes);
    script.mail.path.text = slice_make(bytes, sizeof bytes);
    rehearsal.removed = rehearsal.changed = &(struct rehearsal_field){slice_make(bytes, sizeof bytes), NULL};
    rehearsal.delivered_to = slice_make(bytes, sizeof bytes);
    for (const char *c = as_text(); *c; c++)
        ck_assert_msg(*c == '\n' || (*c >= ' ' && *c <= '~'), "byte %d", *c);
    json_t *json = as_json();
    ck_assert_uint_gt(json_string_length(json_object_get(json_object_get(json, "facts"), "helo")), 256);
    json_decref(json);
}
END_TEST

START_TEST(long_values_are_cut_for_people_but_not_for_programs)
{
    char *bytes = malloc(3000);
    make_report();
    memset(bytes, 'x', 3000);
    add_fact("helo", slice_make(bytes, 3000));
    ck_assert_ptr_nonnull(strstr(as_text(), "xxx... (3000 bytes)\n"));
    json_t *json = as_json();
    ck_assert_uint_eq(json_string_length(json_object_get(json_object_get(json, "facts"), "helo")), 3000);
    json_decref(json);
    free(bytes);
}
END_TEST

START_TEST(every_dns_answer_is_shown_in_order)
{
    make_report();
    struct dns_map *map = dns_map_new(arena, 40);
    struct dns_view view = {.map = map};
    put(map, "b.example", DNS_TYPE_TXT, DNS_OK, SLICE("v=spf1 -all"));
    put(map, "a.example", DNS_TYPE_A, DNS_OK, slice_make("\300\0\2\1", 4));
    put(map, "a.example", DNS_TYPE_MX, DNS_OK, SLICE("mx.example"));
    put(map, "n.example", DNS_TYPE_TXT, DNS_NODATA, SLICE(""));
    put(map, "x.example", DNS_TYPE_TXT, DNS_NXDOMAIN, SLICE(""));
    put(map, "f.example", DNS_TYPE_TXT, DNS_FAILURE, SLICE(""));
    dns_view_find(&view, SLICE("w.example"), DNS_TYPE_TXT);
    rehearsal.answers = map;
    ck_assert_ptr_nonnull(strstr(as_text(), "DNS\n"
                                            "  TXT    b.example  \"v=spf1 -all\"\n"
                                            "  A      a.example  192.0.2.1\n"
                                            "  MX     a.example  \"10 mx.example\"\n"
                                            "  TXT    n.example  no such record\n"
                                            "  TXT    x.example  no such name\n"
                                            "  TXT    f.example  failed: timeout\n"
                                            "  TXT    w.example  not waited for\n"
                                            "  1 of at most 40 queries\n"));
}
END_TEST

START_TEST(a_check_alone_shows_its_own_facts_only)
{
    make_report();
    script.judged = false;
    add_fact("helo", SLICE("mail.example.com"));
    ck_assert_ptr_nonnull(strstr(as_text(), "Facts\n  none\n"));
    add_fact("spf", SLICE("pass"));
    ck_assert_ptr_nonnull(strstr(as_text(), "Facts\n  spf  pass\n"));
    json_t *json = as_json();
    ck_assert_ptr_null(json_object_get(json, "steps"));
    json_decref(json);
}
END_TEST

START_TEST(the_outcome_is_that_of_the_proxy_or_the_policy)
{
    make_report();
    ck_assert_str_eq(report_outcome(&report), "reject");
    data.decision.shadowed = true;
    data.refused = false;
    ck_assert_str_eq(report_outcome(&report), "accept");
    data.judged = false;
    data.refused = true;
    data.reply = SLICE("451 4.3.0 Later");
    ck_assert_str_eq(report_outcome(&report), "tempfail");
    data.reply = SLICE("554 5.6.0 Message contains a bare LF");
    ck_assert_str_eq(report_outcome(&report), "reject");
    data = (struct rehearsal_step){.stage = STAGE_DATA, .judged = true, .decision = {.action = ACTION_QUARANTINE, .rule = "q"}};
    ck_assert_str_eq(report_outcome(&report), "quarantine");
}
END_TEST

START_TEST(addresses_are_shown_as_addresses)
{
    struct arena *a = arena_new();
    struct dns_record record = {.data = slice_make("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16)};
    ck_slice_eq(report_dns_record(DNS_TYPE_AAAA, &record, a), "2001:db8::1");
    record = (struct dns_record){.data = SLICE("host.example")};
    ck_slice_eq(report_dns_record(DNS_TYPE_PTR, &record, a), "host.example");
    arena_free(&a);
}
END_TEST

/* One lookup of a name with control bytes, below one term. */
static void tell_hostile_name(void)
{
    static struct spf_trace_step term, lookup;
    term = (struct spf_trace_step){.kind = SPF_STEP_TERM, .text = SLICE("exists:%{l}.example.com"), .first = &lookup};
    lookup = (struct spf_trace_step){.kind = SPF_STEP_LOOKUP, .text = SLICE("\x1b[2J\xff.example.com"), .type = DNS_TYPE_A};
    rehearsal.spf = (struct spf_story){.engine = &spf_engine_strict};
    rehearsal.spf.mail_from.domain = SLICE("example.com");
    rehearsal.spf.mail_from.verdict.reason = rehearsal.spf.helo.verdict.reason = "";
    rehearsal.spf.mail_from.trace.top.first = &term;
}

START_TEST(the_spf_tree_escapes_what_came_from_outside)
{
    make_report();
    tell_hostile_name();
    const char *text = as_text();
    ck_assert_ptr_nonnull(strstr(text, "exists:%{l}.example.com\n"));
    ck_assert_ptr_nonnull(strstr(text, "not asked for"));
    ck_assert_ptr_null(strchr(text, '\x1b'));
    ck_assert_ptr_null(strchr(text, '\xff'));
    json_decref(as_json());
}
END_TEST

START_TEST(an_engine_that_cannot_tell_its_terms_says_so)
{
    make_report();
    tell_hostile_name();
    rehearsal.spf.engine = &spf_engine_libspf2;
    const char *text = as_text();
    ck_assert_ptr_nonnull(strstr(text, "engine libspf2 cannot tell"));
    ck_assert_ptr_null(strstr(text, "exists:"));
    json_t *json = as_json(), *spf = json_object_get(json, "spf");
    ck_assert(json_is_false(json_object_get(spf, "tells_terms")));
    ck_assert_ptr_null(json_object_get(json_object_get(spf, "mail_from"), "steps"));
    json_decref(json);
}
END_TEST

START_TEST(without_a_check_there_is_no_spf_tree)
{
    make_report();
    ck_assert_ptr_null(strstr(as_text(), "SPF, term by term"));
    json_t *json = as_json();
    ck_assert(json_is_null(json_object_get(json, "spf")));
    json_decref(json);
}
END_TEST

UNIT_MAIN("proxy/report", columns_and_result_tell_what_happened, hostile_bytes_never_reach_a_terminal,
          long_values_are_cut_for_people_but_not_for_programs, every_dns_answer_is_shown_in_order, a_check_alone_shows_its_own_facts_only,
          the_outcome_is_that_of_the_proxy_or_the_policy, addresses_are_shown_as_addresses, the_spf_tree_escapes_what_came_from_outside,
          an_engine_that_cannot_tell_its_terms_says_so, without_a_check_there_is_no_spf_tree)
