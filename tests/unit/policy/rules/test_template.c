/* Proves policy/rules/template.c. */
#include "policy/rules/template.h"

#include "policy/policy_loader.h"
#include "tests/unit/policy/policy_fixture.h"

static const struct conf_node at = {.kind = CONF_SCALAR, .file = "t.yaml", .line = 1, .column = 1};

static void open_at_data(struct fixture *f, struct policy_loader *l)
{
    fixture_open(f);
    *l = (struct policy_loader){.schema = f->schema, .arena = f->arena, .errors = &f->errors, .stage = STAGE_DATA};
}

static struct slice render(struct fixture *f, const struct template *t)
{
    return template_render(t, &f->facts, 400, f->arena);
}

/** Renders a template over a few facts. */
static struct slice rendered(struct fixture *f, const char *text)
{
    struct policy_loader l;
    struct template t;
    open_at_data(f, &l);
    ck_assert_msg(template_load(&l, &at, slice_of(text), 400, &t), "%s", f->errors.first->text);
    facts_init(&f->facts, f->schema, f->arena);
    fixture_set(f, "client.ip", "192.0.2.1");
    fixture_set(f, "mail_from", "");
    fixture_set(f, "rcpt", "joe@example.com");
    fixture_set(f, "size", "1234");
    fixture_set(f, "dkim.domains", "a.example,b.example");
    fixture_set(f, "helo", "a\r\n250 ok <b>\x80\x01");
    return render(f, &t);
}

#define RENDERS(text, expected)                                                                                                            \
    do {                                                                                                                                   \
        struct fixture f_;                                                                                                                 \
        ck_slice_eq(rendered(&f_, text), expected);                                                                                        \
        fixture_close(&f_);                                                                                                                \
    } while (0)

START_TEST(facts_stand_in_for_their_names)
{
    RENDERS("{client.ip} to {rcpt}, {size} bytes", "192.0.2.1 to joe@example.com, 1234 bytes");
    RENDERS("signed by {dkim.domains}", "signed by a.example,b.example");
    RENDERS("plain", "plain");
    RENDERS("", "");
    RENDERS("{{}} {{size}} {{{size}}}", "{} {size} {1234}");
}
END_TEST

START_TEST(absent_facts_and_the_null_path_have_words)
{
    RENDERS("for {mail_from.domain}", "for unknown");
    RENDERS("from {mail_from}", "from <>");
}
END_TEST

START_TEST(values_from_outside_are_made_harmless)
{
    RENDERS("helo {helo}", "helo a??250 ok ?b???");
}
END_TEST

START_TEST(long_values_and_long_texts_are_cut)
{
    struct fixture f;
    struct policy_loader l;
    struct template t;
    char value[1000];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    open_at_data(&f, &l);
    ck_assert(template_load(&l, &at, SLICE("{helo}{helo}{helo}{helo}"), 400, &t));
    facts_init(&f.facts, f.schema, f.arena);
    fixture_set(&f, "helo", value);
    struct slice text = render(&f, &t);
    ck_assert_uint_eq(text.len, 400);
    ck_slice_eq(slice_skip(slice_first(text, TEMPLATE_VALUE_MAX + 4), TEMPLATE_VALUE_MAX), "...x");
    fixture_close(&f);
}
END_TEST

START_TEST(a_short_name_stands_for_the_only_fact_that_ends_so)
{
    struct fixture f;
    struct policy_loader l;
    struct template t;
    open_at_data(&f, &l);
    ck_assert(template_load(&l, &at, SLICE("{retry_after} {ip} {per_net}"), 400, &t));
    ck_assert(!template_load(&l, &at, SLICE("{domain}"), 400, &t)); /* of mail_from, of rcpt, of From */
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "unknown fact \"domain\""));
    ck_assert(!template_load(&l, &at, SLICE("{after}"), 400, &t));
    fixture_close(&f);
}
END_TEST

static void refuses(const char *text, const char *why)
{
    struct fixture f;
    struct policy_loader l;
    struct template t;
    open_at_data(&f, &l);
    ck_assert_msg(!template_load(&l, &at, slice_of(text), 20, &t), "%s", text);
    ck_assert_msg(fixture_find_error(&f, 1, why) != NULL, "%s: %s", text, f.errors.first->text);
    fixture_close(&f);
}

START_TEST(mistakes_are_told)
{
    refuses("{client.ip", "\"{\" without \"}\"");
    refuses("a } b", "\"}\" without \"{\"");
    refuses("{clent.ip}", "did you mean \"client.ip\"?");
    refuses("{}", "unknown fact \"\"");
    refuses("a\nb", "one line of printable ASCII");
    refuses("gr\xc3\xbc\xc3\x9f", "one line of printable ASCII");
    refuses("012345678901234567890", "21 bytes of text, more than the 20");
}
END_TEST

START_TEST(the_help_url_stands_as_it_is_and_must_be_configured)
{
    struct fixture f;
    struct policy_loader l;
    struct template t;
    open_at_data(&f, &l);
    facts_init(&f.facts, f.schema, f.arena);
    ck_assert(!template_load(&l, &at, SLICE("see {help_url}"), 400, &t));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "the option `help_url` at the top of the configuration is not set"));
    l.help_url = "https://example.com/{size}?a=<b>";
    ck_assert(template_load(&l, &at, SLICE("see {help_url}"), 400, &t));
    ck_slice_eq(render(&f, &t), "see https://example.com/{size}?a=<b>");
    ck_assert(!template_load(&l, &at, SLICE("see {help_url}"), 20, &t)); /* it counts as text */
    fixture_close(&f);
}
END_TEST

START_TEST(a_literal_is_sanitised_and_never_parsed)
{
    struct fixture f;
    struct policy_loader l;
    open_at_data(&f, &l);
    facts_init(&f.facts, f.schema, f.arena);
    struct template t = template_literal(SLICE("{size} <x>\r\n"), f.arena);
    ck_slice_eq(render(&f, &t), "{size} ?x???");
    t = template_literal(SLICE(""), f.arena);
    ck_slice_eq(render(&f, &t), "");
    fixture_close(&f);
}
END_TEST

START_TEST(no_bytes_of_any_value_get_through_but_printable_ones)
{
    struct fixture f;
    struct policy_loader l;
    struct template t;
    unsigned seed = 11;
    open_at_data(&f, &l);
    ck_assert(template_load(&l, &at, SLICE("x{helo}y"), 400, &t));
    facts_init(&f.facts, f.schema, f.arena);
    for (int round = 0; round < 2000; round++) {
        char value[200];
        size_t len = (size_t)rand_r(&seed) % sizeof value;
        for (size_t i = 0; i < len; i++)
            value[i] = (char)(rand_r(&seed) % 256);
        facts_set_text(&f.facts, fixture_id(&f, "helo"), slice_make(value, len));
        struct slice text = render(&f, &t);
        for (size_t i = 0; i < text.len; i++)
            ck_assert(text.ptr[i] >= ' ' && text.ptr[i] <= '~' && text.ptr[i] != '<' && text.ptr[i] != '>');
    }
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("policy/rules/template", facts_stand_in_for_their_names, absent_facts_and_the_null_path_have_words,
          values_from_outside_are_made_harmless, long_values_and_long_texts_are_cut, a_short_name_stands_for_the_only_fact_that_ends_so,
          mistakes_are_told, the_help_url_stands_as_it_is_and_must_be_configured, a_literal_is_sanitised_and_never_parsed,
          no_bytes_of_any_value_get_through_but_printable_ones)
