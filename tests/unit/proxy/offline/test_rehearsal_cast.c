/* rehearsal_cast: who plays in a rehearsal. */
#include "proxy/offline/rehearsal_cast.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct settings *settings;

static void setup(const char *filters)
{
    struct conf_errors errors;
    arena = arena_new();
    conf_errors_init(&errors, arena);
    const char *text = arena_format(arena,
                                    "hostname: mx.example.org\nlisteners: [\"127.0.0.1:25\", \"[::1]:2525\"]\n"
                                    "backends: {main: \"127.0.0.1:10025\"}\nstate: {directory: null}\n%s",
                                    filters);
    settings = settings_load_text(slice_of(text), "t.yaml", &errors);
    ck_assert_ptr_nonnull(settings);
}

static void teardown(void)
{
    settings_free(&settings);
    arena_free(&arena);
}

START_TEST(names_and_addresses_go_through_the_session_s_grammar)
{
    setup("");
    struct smtp_command hello = {.verb = SMTP_EHLO}, mail = {.verb = SMTP_MAIL}, rcpt = {.verb = SMTP_RCPT};
    ck_assert_ptr_null(rehearsal_cast_command("mail.example.com", settings, arena, &hello));
    ck_slice_eq(hello.argument, "mail.example.com");
    ck_assert_ptr_null(rehearsal_cast_command("Joe@Example.COM", settings, arena, &mail));
    ck_slice_eq(mail.path.text, "Joe@example.com");
    ck_assert_ptr_null(rehearsal_cast_command("<>", settings, arena, &mail));
    ck_assert(mail.path.null);
    ck_assert_ptr_null(rehearsal_cast_command("<postmaster>", settings, arena, &rcpt));
    ck_slice_eq(rcpt.path.local, "postmaster");
    teardown();
}
END_TEST

START_TEST(what_a_session_would_refuse_is_told_in_its_words)
{
    setup("");
    struct smtp_command hello = {.verb = SMTP_EHLO}, mail = {.verb = SMTP_MAIL}, rcpt = {.verb = SMTP_RCPT};
    ck_assert_ptr_nonnull(strstr(rehearsal_cast_command("a b", settings, arena, &hello), "a session would answer 501 5.5.4"));
    ck_assert_ptr_nonnull(strstr(rehearsal_cast_command("joe", settings, arena, &mail), "a session would answer 501 5.1.7"));
    ck_assert_ptr_nonnull(strstr(rehearsal_cast_command("<>", settings, arena, &rcpt), "a session would answer 501"));
    ck_assert_ptr_nonnull(rehearsal_cast_command("a@b.example> SIZE=1\r\nDATA", settings, arena, &rcpt));
    teardown();
}
END_TEST

START_TEST(a_listener_is_found_by_address_and_port)
{
    setup("");
    const struct listener_settings *listener;
    ck_assert_ptr_null(rehearsal_cast_listener(NULL, settings, &listener));
    ck_assert_ptr_eq(listener, &settings->listeners[0]);
    ck_assert_ptr_null(rehearsal_cast_listener("[::1]:2525", settings, &listener));
    ck_assert_ptr_eq(listener, &settings->listeners[1]);
    ck_assert_str_eq(rehearsal_cast_listener("127.0.0.1:26", settings, &listener), "the configuration has no such listener");
    ck_assert_ptr_nonnull(strstr(rehearsal_cast_listener("127.0.0.1", settings, &listener), "an address with port is needed"));
    teardown();
}
END_TEST

static bool rate_limit_runs(void)
{
    for (size_t i = 0; i < settings->filter_count; i++)
        if (strcmp(settings->filters[i].filter->name, "rate_limit") == 0)
            return settings->filters[i].enabled;
    return false;
}

START_TEST(limits_are_left_out_where_there_are_any)
{
    setup("filters: {rate_limit: {limits: {per_client: {rate: 10/1h, key: client.ip}}}}\n");
    ck_assert(rate_limit_runs());
    ck_assert(rehearsal_leave_out_limits(settings));
    ck_assert(!rate_limit_runs());
    ck_assert(!rehearsal_leave_out_limits(settings));
    teardown();
    setup("");
    ck_assert(!rehearsal_leave_out_limits(settings));
    teardown();
}
END_TEST

UNIT_MAIN("rehearsal_cast", names_and_addresses_go_through_the_session_s_grammar, what_a_session_would_refuse_is_told_in_its_words,
          a_listener_is_found_by_address_and_port, limits_are_left_out_where_there_are_any)
