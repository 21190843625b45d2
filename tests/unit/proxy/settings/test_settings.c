#include "filters/registry.h"
#include "proxy/settings/settings_table.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE "hostname: mx.example.org\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\nstate: {directory: /tmp}\n"

struct loaded {
    struct arena *arena;
    struct conf_errors errors;
    struct settings *s;
    char *printed;
};

static void finish(struct loaded *l)
{
    size_t size;
    FILE *out = open_memstream(&l->printed, &size);
    conf_errors_print(&l->errors, out);
    fclose(out);
}

static void begin(struct loaded *l)
{
    l->arena = arena_new();
    conf_errors_init(&l->errors, l->arena);
}

static void load_text(struct loaded *l, const char *text)
{
    begin(l);
    l->s = settings_load_text(slice_of(text), "t.yaml", &l->errors);
    finish(l);
}

static void load_file(struct loaded *l, const char *path)
{
    begin(l);
    l->s = settings_load(path, &l->errors);
    finish(l);
}

static void release(struct loaded *l)
{
    settings_free(&l->s);
    ck_assert_ptr_null(l->s);
    settings_free(&l->s);
    arena_free(&l->arena);
    free(l->printed);
}

START_TEST(ten_lines_are_a_complete_configuration)
{
    struct loaded l;
    load_file(&l, SOURCE_DIR "/tests/config/good/ten-lines.yaml");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_uint_eq(l.errors.errors, 0);
    ck_assert_str_eq(l.s->hostname, "mx.example.org");
    ck_assert_int_eq(l.s->mode, MODE_ENFORCE);
    ck_assert_uint_eq(l.s->listener_count, 1);
    ck_assert_uint_eq(l.s->listeners[0].address.port, 2525);
    ck_assert_uint_eq(l.s->backend_count, 1);
    ck_assert_str_eq(l.s->backends[0].name, "postfix");
    ck_assert_int_eq(l.s->backends[0].identity, IDENTITY_AUTO);
    ck_assert_int_eq(l.s->limits.message_size, 50 * 1024 * 1024);
    ck_assert_int_eq(l.s->limits.idle_ms, 300000);
    ck_assert_int_eq(l.s->limits.received, 100);
    ck_assert_int_eq(l.s->limits.bare_newline, BARE_NEWLINE_REJECT);
    ck_assert_int_eq(l.s->dns.queries_per_message, 40);
    ck_assert_str_eq(l.s->log.to, "stderr");
    ck_assert_int_eq(l.s->log.level, LOG_LEVEL_INFO);
    release(&l);
}
END_TEST

START_TEST(the_built_in_policy_serves_if_there_is_none)
{
    struct loaded l;
    load_text(&l, BASE);
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.printed, "");
    ck_assert_uint_eq(l.s->policy_count, 1);
    ck_assert_str_eq(l.s->policies[0].name, "inbound");
    ck_assert_uint_gt(l.s->policies[0].rules, 0);
    ck_assert_str_eq(l.s->listeners[0].policy, "inbound");
    ck_assert_ptr_eq(l.s->listeners[0].policy_loaded, l.s->policies[0].policy);
    ck_assert_ptr_nonnull(l.s->policies[0].policy);
    release(&l);
}
END_TEST

START_TEST(every_option_reaches_its_field)
{
    struct loaded l;
    load_file(&l, SOURCE_DIR "/tests/config/good/many.yaml");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_int_eq(l.s->mode, MODE_SHADOW);
    ck_assert_int_eq(l.s->workers, 2);
    ck_assert_ptr_null(l.s->user);
    ck_assert_uint_eq(l.s->listener_count, 3);
    ck_assert_int_eq(l.s->listeners[1].address.family, AF_INET6);
    const struct listener_limits *limits = &l.s->listeners[2].limits, *defaults = &l.s->listeners[0].limits;
    struct net_addr friend, local;
    ck_assert(net_addr_parse_ip(SLICE("192.0.2.7"), &friend) && net_addr_parse_ip(SLICE("127.0.0.1"), &local));
    ck_assert_int_eq(limits->sessions, 500);
    ck_assert_int_eq(limits->per_address, 10);
    ck_assert_int_eq(limits->per_network, 40);
    ck_assert_int_eq(limits->rate_gcra.count, 50);
    ck_assert_int_eq(limits->network_rate_gcra.period_us, 60 * 1000000);
    ck_assert_int_eq(limits->network4, 28);
    ck_assert_int_eq(limits->network6, 48);
    ck_assert_int_eq(limits->greet_delay_ms, 3000);
    ck_assert(cidr_set_holds(limits->exempted, &friend) && !cidr_set_holds(limits->exempted, &local));
    ck_assert(cidr_set_holds(defaults->exempted, &local) && !cidr_set_holds(defaults->exempted, &friend));
    ck_assert_int_eq(defaults->rate_gcra.count, 0);
    ck_assert_int_eq(l.s->backends[0].identity, IDENTITY_XCLIENT);
    ck_assert_int_eq(l.s->backends[0].reply_timeout_ms, 30000);
    ck_assert_int_eq(l.s->backends[0].connect_timeout_ms, 10000);
    ck_assert_int_eq(l.s->limits.idle_ms, 60000);
    ck_assert_int_eq(l.s->limits.errors, 5);
    ck_assert_int_eq(l.s->spool.memory_per_message, 1024 * 1024);
    ck_assert_uint_eq(l.s->dns.servers.count, 3);
    ck_assert_int_eq(l.s->log.format, LOG_FORMAT_JSON);
    ck_assert_int_eq(l.s->log.level, LOG_LEVEL_DEBUG);
    release(&l);
}
END_TEST

START_TEST(every_word_of_the_policy_language_loads_without_a_warning)
{
    struct loaded l;
    load_file(&l, SOURCE_DIR "/tests/config/good/policies.yaml");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.printed, "");
    ck_assert_str_eq(l.s->help_url, "https://www.example.org/mail-refused");
    ck_assert_uint_eq(l.s->policy_count, 3);
    ck_assert_ptr_eq(policy_candidate(l.s->policies[0].policy), l.s->policies[1].policy); /* which no listener needs to use */
    ck_assert_int_eq(policy_split(l.s->policies[2].policy), POLICY_SPLIT_LENIENT);
    release(&l);
}
END_TEST

static void check_help_url(const char *url, bool good)
{
    struct loaded l;
    char text[600];
    snprintf(text, sizeof text, BASE "help_url: \"%s\"\n", url);
    load_text(&l, text);
    ck_assert_msg((l.s != NULL) == good, "%s: %s", url, l.printed);
    ck_assert(good || strstr(l.printed, "t.yaml:5:11: error: help_url: "));
    release(&l);
}

START_TEST(the_help_url_is_one_and_fit_for_a_reply)
{
    char longest[201] = "https://example.org/";
    memset(longest + 20, 'a', 180);
    check_help_url("https://example.org/mail?a=b#c", true);
    check_help_url("mailto:postmaster@example.org", true);
    check_help_url("HTTP://example.org", true);
    check_help_url(longest, true);
    char longer[202];
    snprintf(longer, sizeof longer, "%sa", longest);
    check_help_url(longer, false);
    check_help_url("example.org/help", false);
    check_help_url("https://", false);
    check_help_url("javascript:alert(1)", false);
    check_help_url("https://example.org/a b", false);
    check_help_url("https://example.org/<b>", false);
    check_help_url("https://example.org/\xc3\xbc", false);
    check_help_url("https://example.org/\\r\\n250 ok", false);
}
END_TEST

START_TEST(a_candidate_that_does_not_exist_is_told_with_the_policies)
{
    struct loaded l;
    load_text(&l, BASE "policies: {inbound: {candidate: next}}\n");
    ck_assert_ptr_null(l.s);
    ck_assert(strstr(l.printed, "t.yaml:5:33: error: policies.inbound.candidate: there is no policy \"next\" under policies"));
    release(&l);
}
END_TEST

START_TEST(lists_and_policies_that_nothing_uses_are_warned_of)
{
    struct loaded l;
    load_text(&l, BASE "lists: {spare: [a.example]}\npolicies: {inbound: {}, other: {}}\n");
    ck_assert_ptr_nonnull(l.s);
    ck_assert(strstr(l.printed, "t.yaml:5:9: warning: lists.spare: nothing uses this list"));
    ck_assert(strstr(l.printed, "t.yaml:6:32: warning: policies.other: no listener uses this policy"));
    release(&l);
}
END_TEST

START_TEST(paths_are_relative_to_the_file)
{
    struct loaded l;
    load_file(&l, SOURCE_DIR "/tests/config/good/many.yaml");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.s->state.directory, SOURCE_DIR "/tests/config/good/.");
    ck_assert_str_eq(l.s->dns.zone_file, SOURCE_DIR "/tests/config/good/many.zone");
    release(&l);
}
END_TEST

START_TEST(filters_have_generic_options_beside_their_own)
{
    struct loaded l;
    load_text(&l, BASE "filters: {dkim: {enabled: false, on_error: tempfail, timeout: 3s}}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    const struct filter *const *registry = filter_registry();
    for (size_t i = 0; i < l.s->filter_count; i++) {
        const struct filter_settings *f = &l.s->filters[i];
        bool is_dkim = strcmp(f->filter->name, "dkim") == 0;
        ck_assert_ptr_eq(f->filter, registry[i]);
        ck_assert(f->enabled == (!is_dkim && !f->filter->off_by_default));
        ck_assert_int_eq(f->on_error, is_dkim ? ON_ERROR_TEMPFAIL : ON_ERROR_UNKNOWN);
        ck_assert_int_eq(f->timeout_ms, is_dkim ? 3000 : 10000);
        ck_assert_ptr_nonnull(f->config);
        ck_assert_uint_eq((uintptr_t)f->config % _Alignof(max_align_t), 0);
    }
    ck_assert_ptr_null(registry[l.s->filter_count]);
    release(&l);
}
END_TEST

START_TEST(a_filter_that_is_off_by_default_runs_when_told_to)
{
    struct loaded l;
    size_t off = 0;
    load_text(&l, BASE "filters: {arc: {enabled: true}, iprev: {timeout: 3s}}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    for (size_t i = 0; i < l.s->filter_count; i++) {
        const struct filter_settings *f = &l.s->filters[i];
        off += f->filter->off_by_default;
        if (strcmp(f->filter->name, "arc") == 0)
            ck_assert(f->filter->off_by_default && f->enabled);
        if (strcmp(f->filter->name, "iprev") == 0)
            ck_assert(f->filter->off_by_default && !f->enabled);
    }
    ck_assert_uint_ge(off, 2);
    release(&l);
}
END_TEST

START_TEST(facts_of_a_filter_follow_its_base)
{
    struct loaded l;
    load_text(&l, BASE);
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    for (size_t i = 0; i < l.s->filter_count; i++)
        for (size_t j = 0; j < l.s->filters[i].filter->fact_count; j++) {
            int id = l.s->filters[i].fact_base + (int)j;
            ck_assert_ptr_eq(fact_schema_def(l.s->facts, id), &l.s->filters[i].filter->facts[j]);
        }
    ck_assert_int_eq(fact_schema_find(l.s->facts, SLICE("client.ip")), l.s->core.client_ip);
    ck_assert_int_eq(fact_schema_find(l.s->facts, SLICE("header.X-Later")), -1);
    release(&l);
}
END_TEST

START_TEST(header_facts_of_the_policy_are_collected)
{
    struct loaded l;
    load_text(&l, BASE "policies:\n  inbound:\n    data:\n"
                       "      - {rule: a, when: {header.List-Id: present, message.fields: {over: 5}}, do: accept}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_uint_eq(l.s->header_fact_count, 1);
    ck_assert_str_eq(l.s->header_names[0], "List-Id");
    ck_assert_int_eq(l.s->header_facts[0], fact_schema_find(l.s->facts, SLICE("header.List-Id")));
    ck_assert_uint_eq(l.s->policies[0].rules, 1);
    release(&l);
}
END_TEST

START_TEST(warnings_do_not_stop)
{
    struct loaded l;
    load_text(&l, "hostname: mx\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {a: {address: 127.0.0.1:10025, identity: none}, b: "
                  "127.0.0.1:10026}\nstate: {directory: /dev/null/state}\npolicies: {inbound: {}, spare: {}}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.printed,
                     "t.yaml:1:11: warning: hostname: \"mx\" is not a full domain name such as mx.example.org; other hosts expect one\n"
                     "t.yaml:3:15: warning: backends.a: identity none: the backend sees every client as this proxy; make sure that it "
                     "does not relay for our address, which is that of its own machine, and most relay for that\n"
                     "t.yaml:3:62: warning: backends.b: no listener uses this backend\n"
                     "t.yaml:4:20: warning: state.directory: /dev/null/state does not exist and cannot be made: Not a directory; "
                     "rate limits would be unknown\n"
                     "t.yaml:5:32: warning: policies.spare: no listener uses this policy\n");
    release(&l);
}
END_TEST

START_TEST(a_directory_that_can_be_made_is_no_matter)
{
    struct loaded l;
    load_text(&l, "hostname: mx.example.org\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\n"
                  "state: {directory: /tmp/mailweir-is-not-here/state}\nspool: {directory: /tmp/mailweir-is-not-here}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.printed, "");
    release(&l);
}
END_TEST

START_TEST(the_machine_names_itself)
{
    struct loaded l;
    char name[256];
    ck_assert_int_eq(gethostname(name, sizeof name), 0);
    load_text(&l, "listeners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\n");
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_str_eq(l.s->hostname, name);
    release(&l);
}
END_TEST

START_TEST(errors_of_options_and_policy_are_told_together)
{
    struct loaded l;
    load_text(&l, BASE "workers: x\nlists: 5\npolicies: {inbound: {rcpt: [{rule: a, when: {spff: fail}, do: reject}]}}\n");
    ck_assert_ptr_null(l.s);
    ck_assert_ptr_nonnull(strstr(l.printed, "t.yaml:5:10: error: workers: must be a whole number"));
    ck_assert_ptr_nonnull(strstr(l.printed, "t.yaml:6:8: error: lists"));
    ck_assert_ptr_nonnull(strstr(l.printed, "spff"));
    release(&l);
}
END_TEST

START_TEST(the_printed_defaults_load)
{
    struct loaded l;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    settings_print_defaults(out);
    fclose(out);
    load_text(&l, text);
    ck_assert_msg(l.s != NULL, "%s", l.printed);
    ck_assert_uint_eq(l.errors.errors, 0);
    ck_assert_int_eq(l.s->limits.recipients, 1000);
    ck_assert_uint_eq(l.s->policy_count, 1);
    free(text);
    release(&l);
}
END_TEST

START_TEST(every_option_has_a_meaning_and_is_found)
{
    struct arena *arena = arena_new();
    struct settings_table table = settings_table_build(arena);
    for (const struct option *row = table.rows; row->key; row++)
        ck_assert_msg(row->doc && row->doc[0], "%s has no meaning", row->key);
    ck_assert_ptr_nonnull(options_find(table.rows, SLICE("limits.message_size"), NULL));
    ck_assert_ptr_nonnull(options_find(table.rows, SLICE("filters.spf.on_error"), NULL));
    ck_assert_ptr_nonnull(options_find(table.rows, SLICE("backends.main.identity"), NULL));
    arena_free(&arena);
}
END_TEST

START_TEST(a_password_in_a_pipe_is_not_waited_for)
{
    struct loaded l;
    char dir[] = "/tmp/mailweir-settings-XXXXXX", path[64], text[512];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/pipe", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    snprintf(text, sizeof text,
             "hostname: mx.example.org\nlisteners: [\"127.0.0.1:2525\"]\nbackends: {main: 127.0.0.1:10025}\n"
             "state: {directory: /tmp, store: redis, redis: {address: /x, password_file: %s}}\n",
             path);
    load_text(&l, text);
    ck_assert_ptr_null(l.s);
    ck_assert_ptr_nonnull(strstr(l.printed, "t.yaml:4:"));
    ck_assert_ptr_nonnull(strstr(l.printed, "no password in it"));
    release(&l);
    unlink(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("proxy/settings", ten_lines_are_a_complete_configuration, the_built_in_policy_serves_if_there_is_none,
          every_option_reaches_its_field, every_word_of_the_policy_language_loads_without_a_warning,
          the_help_url_is_one_and_fit_for_a_reply, a_candidate_that_does_not_exist_is_told_with_the_policies,
          lists_and_policies_that_nothing_uses_are_warned_of, paths_are_relative_to_the_file, filters_have_generic_options_beside_their_own,
          a_filter_that_is_off_by_default_runs_when_told_to, facts_of_a_filter_follow_its_base, header_facts_of_the_policy_are_collected,
          warnings_do_not_stop, a_directory_that_can_be_made_is_no_matter, the_machine_names_itself,
          errors_of_options_and_policy_are_told_together, the_printed_defaults_load, every_option_has_a_meaning_and_is_found,
          a_password_in_a_pipe_is_not_waited_for)
