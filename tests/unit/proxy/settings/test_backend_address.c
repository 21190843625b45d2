#include "proxy/settings/backend_address.h"

#include "tests/unit/unit.h"

static struct arena *arena;

static struct backend_address good(const char *text)
{
    struct backend_address a;
    const char *error = backend_address_parse(slice_of(text), arena, &a);
    ck_assert_msg(!error, "%s: %s", text, error);
    return a;
}

START_TEST(each_form_is_known)
{
    arena = arena_new();
    ck_assert_int_eq(good("192.0.2.1:25").kind, BACKEND_IP);
    ck_assert_uint_eq(good("[2001:db8::1]:2525").ip.port, 2525);
    ck_assert_int_eq(good("Mail.Example.org:10025").kind, BACKEND_NAME);
    ck_assert_str_eq(good("Mail.Example.org:10025").name, "mail.example.org");
    ck_assert_uint_eq(good("localhost:10025").port, 10025);
    ck_assert_int_eq(good("mx:example.org").kind, BACKEND_MX);
    ck_assert_uint_eq(good("mx:example.org").port, 25);
    ck_assert_uint_eq(good("mx:example.org:2525").port, 2525);
    ck_assert_int_eq(good("srv:_smtp._tcp.example.org").kind, BACKEND_SRV);
    ck_assert_int_eq(good("unix:/run/mta/smtp").kind, BACKEND_UNIX);
    ck_assert_str_eq(good("unix:/run/mta/smtp").name, "/run/mta/smtp");
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    static const char *const bad[] = {
        "",
        "192.0.2.1",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.999:25",
        "mail.example.org",
        "mail.example.org:0",
        "mail..example.org:25",
        "mail example.org:25",
        "mx:",
        "mx:a b",
        "srv:_smtp._tcp.example.org:25",
        "srv:",
        "unix:",
        "unix:run/mta",
        "unix:/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789",
        ":25",
        "::1:25",
    };
    struct backend_address a;
    arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(backend_address_parse(slice_of(bad[i]), arena, &a) != NULL, "%s", bad[i]);
    arena_free(&arena);
}
END_TEST

START_TEST(two_that_lead_to_one_server_are_the_same)
{
    arena = arena_new();
    struct backend_address a = good("192.0.2.1:25"), b = good("192.0.2.1:25"), c = good("192.0.2.1:26"), d = good("MX:example.org"),
                           e = good("mx:EXAMPLE.org:25");
    ck_assert(backend_address_same(&a, &b));
    ck_assert(!backend_address_same(&a, &c));
    ck_assert(backend_address_same(&d, &e));
    ck_assert(!backend_address_same(&a, &d));
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("proxy/backend_address", each_form_is_known, what_is_none_is_refused, two_that_lead_to_one_server_are_the_same)
