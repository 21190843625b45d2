/* Whole messages through the filters spf, dkim and dmarc together. The messages are those under dkim/data. */
#include "tests/unit/filters/chain_fixture.h"

#define DATA SOURCE_DIR "/tests/unit/filters/dkim/data/"

/* Allocated, for the key records are read before there is an arena. */
static char *read_file(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, DATA "%s", name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    char *text = calloc(1, 100000);
    ck_assert_uint_gt(fread(text, 1, 99999, f), 0);
    fclose(f);
    return text;
}

/* "name\ttext" lines as a zone, followed by further records; allocated. */
static char *zone_with_keys(const char *records)
{
    char *zone, *keys = read_file("keys.txt");
    size_t size;
    FILE *f = open_memstream(&zone, &size);
    for (char *line = keys, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char *text = strchr(line, '\t');
        fprintf(f, "%.*s TXT", (int)(text - line), line);
        for (text++; text < end; text += 200)
            fprintf(f, " \"%.*s\"", end - text < 200 ? (int)(end - text) : 200, text);
        fprintf(f, "\n");
    }
    fputs(records, f);
    fclose(f);
    free(keys);
    return zone;
}

static void setup(const char *records, const char *client, const char *sender)
{
    char *text = zone_with_keys(records);
    chain_open(text, client, "mail.example.com");
    free(text);
    struct mail_path *path = &chain.tx.sender;
    path->text = slice_of(sender);
    path->null = *sender == '\0';
    if (path->null)
        return;
    path->local = slice_make(sender, strcspn(sender, "@"));
    path->domain = slice_of(strchr(sender, '@') + 1);
}

static void feed_field(struct slice raw)
{
    size_t colon = (size_t)slice_index(raw, ':');
    chain_header(&(struct mail_header){.name = slice_trim(slice_first(raw, colon)), .value = slice_skip(raw, colon + 1), .raw = raw});
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

static void run_text(const char *message)
{
    chain_envelope();
    const char *body = feed_headers(message);
    chain_eoh();
    chain_body(slice_of(body));
    chain_eom();
}

/* The message in a file under dkim/data, with a field put before it. */
static void run_after(const char *field, const char *name)
{
    char *message = read_file(name);
    run_text(arena_format(chain.arena, "%s%s", field, message));
    free(message);
}

static void run(const char *name)
{
    run_after("", name);
}

static const char zone[] = "example.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
                           "mail.example.com TXT \"v=spf1 a -all\"\n"
                           "mail.example.com A 192.0.2.1\n"
                           "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"
                           "_dmarc.mail.example.com TXT \"none\"\n"
                           "_dmarc.com TXT \"none\"\n"
                           "evil.net TXT \"v=spf1 +all\"\n"
                           "_dmarc.evil.net TXT \"v=none\"\n";

START_TEST(a_real_message_passes_all_three)
{
    struct buf out = {0};
    setup(zone, "192.0.2.1", "alice@example.com");
    run("relaxed.eml");
    chain_expect("spf", "pass");
    chain_expect("spf.domain", "example.com");
    chain_expect("spf.helo", "pass");
    chain_expect("spf.reason", "");
    chain_expect("dkim", "pass");
    chain_expect("dkim.domains", "example.com");
    chain_expect("dkim.count", "1");
    chain_expect("dkim.partial_body", "no");
    chain_expect("dmarc", "pass");
    chain_expect("dmarc.policy", "reject");
    chain_expect("dmarc.domain", "example.com");
    chain_expect("dmarc.org", "example.com");
    chain_expect("dmarc.tag", "p");
    chain_expect("dmarc.test", "no");
    chain_expect("dmarc.aligned", "spf,dkim");
    chain_expect("from.address", "alice@example.com");
    chain_expect("from.domain", "example.com");
    auth_results_format(&chain.results, "mx.example.org", &out);
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tspf=pass smtp.mailfrom=alice@example.com;\r\n"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tspf=pass smtp.helo=mail.example.com;\r\n"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tdkim=pass header.d=example.com header.s=rsa header.a=rsa-sha256"));
    ck_assert_ptr_nonnull(strstr(out.ptr, "\tdmarc=pass header.from=example.com policy.dmarc=reject\r\n"));
    buf_release(&out);
    chain_close();
}
END_TEST

START_TEST(a_forged_message_fails_with_its_policy)
{
    setup(zone, "203.0.113.9", "x@evil.net");
    run("unsigned.eml");
    chain_expect("spf", "pass");
    chain_expect("spf.helo", "fail");
    chain_expect("dkim", "none");
    chain_expect("dkim.domains", "");
    chain_expect("dmarc", "fail");
    chain_expect("dmarc.policy", "reject");
    chain_expect("dmarc.aligned", "");
    chain_close();
}
END_TEST

START_TEST(a_forwarded_message_is_saved_by_its_signature)
{
    setup(zone, "203.0.113.9", "alice@example.com");
    run("ed25519.eml");
    chain_expect("spf", "fail");
    chain_expect("dkim", "pass");
    chain_expect("dmarc", "pass");
    chain_expect("dmarc.aligned", "dkim");
    chain_close();
}
END_TEST

START_TEST(the_null_reverse_path_stands_for_the_helo_name)
{
    struct buf out = {0};
    setup(zone, "192.0.2.1", "");
    run("unsigned.eml");
    chain_expect("spf", "pass");
    chain_expect("spf.domain", "mail.example.com");
    chain_expect("dmarc", "pass");
    chain_expect("dmarc.aligned", "spf");
    auth_results_format(&chain.results, "mx.example.org", &out);
    ck_assert_ptr_nonnull(strstr(out.ptr, "smtp.mailfrom=postmaster@mail.example.com;\r\n"));
    buf_release(&out);
    chain_close();
}
END_TEST

START_TEST(two_from_fields_have_no_author)
{
    setup(zone, "192.0.2.1", "alice@example.com");
    run_after("From: ceo@victim.example\r\n", "relaxed.eml");
    chain_expect("dmarc", "permerror");
    chain_expect("dmarc.reason", "several From fields");
    chain_expect("dmarc.policy", "");
    chain_expect("from.address", "");
    chain_expect("from.domain", "");
    chain_close();
}
END_TEST

START_TEST(an_appended_body_is_told)
{
    setup(zone, "192.0.2.1", "alice@example.com");
    run("partial-l.eml");
    chain_expect("dkim", "pass");
    chain_expect("dkim.partial_body", "yes");
    chain_close();
}
END_TEST

START_TEST(dns_that_does_not_answer_is_a_temporary_error)
{
    setup("_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n", "192.0.2.1", "alice@unheard-of.org");
    run("unsigned.eml");
    chain_expect("spf", "temperror");
    chain_expect("spf.reason", "DNS failure");
    chain_expect("dmarc", "fail");
    chain_close();
}
END_TEST

START_TEST(a_transaction_may_end_while_a_filter_waits)
{
    setup(zone, "192.0.2.1", "alice@unheard-of.org");
    char *message = read_file("relaxed.eml");
    ck_assert_int_eq(chain.ctxs[0].filter->mail(&chain.ctxs[0]), FILTER_DONE);
    ck_assert_int_eq(chain.ctxs[0].filter->rcpt(&chain.ctxs[0]), FILTER_WAIT);
    feed_headers(message);
    chain_eoh();
    for (size_t i = 1; i < CHAIN_FILTERS; i++)
        chain.ctxs[i].filter->abort(&chain.ctxs[i]);
    arena_free(&chain.arena);
    free(message);
    struct timeval short_time = {0, 100000};
    event_base_loopexit(chain.base, &short_time);
    event_base_dispatch(chain.base);
    ck_assert(!chain.resumed);
    chain_close();
}
END_TEST

UNIT_MAIN("filters/authentication", a_real_message_passes_all_three, a_forged_message_fails_with_its_policy,
          a_forwarded_message_is_saved_by_its_signature, the_null_reverse_path_stands_for_the_helo_name, two_from_fields_have_no_author,
          an_appended_body_is_told, dns_that_does_not_answer_is_a_temporary_error, a_transaction_may_end_while_a_filter_waits)
