/* verifier_cases: what every DKIM engine must say of whole messages, for the tests of the engines, which name theirs as ENGINE. The
 * messages are in data/, written by make-fixtures. */
#ifndef TESTS_UNIT_FILTERS_DKIM_VERIFIER_CASES_H
#define TESTS_UNIT_FILTERS_DKIM_VERIFIER_CASES_H

#include "base/buf.h"
#include "filters/dkim/verifier.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#include <time.h>

#define DATA SOURCE_DIR "/tests/unit/filters/dkim/data/"
#define HUGE_EXPONENT                                                                                                                      \
    "MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKBgQC4sYwd+Axl6gLKhVq0HWIRl4aH5Vy6QL3+GGlrmuyZ6yrMa/5Tt9jTxzFrCEcmcgbNTBxBlbZ5Toyt4KdMWrVQtMxY" \
    "U2IU3OT0KKD+kKMF6sAOclGkapjuq0Iy3tCQeidy02ZTa7fCcrdMNWJLRzZy7Vx8fkctrRsaXIMVoxrjLQKBgQC4sYwd+Axl6gLKhVq0HWIRl4aH5Vy6QL3+GGlrmuyZ6yrM" \
    "a/5Tt9jTxzFrCEcmcgbNTBxBlbZ5Toyt4KdMWrVQtMxYU2IU3OT0KKD+kKMF6sAOclGkapjuq0Iy3tCQeidy02ZTa7fCcrdMNWJLRzZy7Vx8fkctrRsaXIMVoxrjKw=="

static struct arena *arena;
static struct dns_map *map;
static struct zone_line zone[32];
static struct verifier_options options;
static const struct verifier_report *report;

static char *read_file(const char *name)
{
    FILE *f = fopen(arena_format(arena, DATA "%s", name), "rb");
    ck_assert_msg(f != NULL, "%s", name);
    char *text = arena_alloc(arena, 100000);
    size_t n = fread(text, 1, 99999, f);
    ck_assert_uint_gt(n, 0);
    fclose(f);
    return text;
}

static int engine_index(const char *word)
{
    int index = 0;
    while (strcmp(dkim_engine_words[index], word) != 0)
        index++;
    return index;
}

static void setup(void)
{
    arena = arena_new();
    map = dns_map_new(arena, 100);
    options = (struct verifier_options){.engine = engine_index(ENGINE), .max_signatures = 10, .min_key_bits = 1024};
    memset(zone, 0, sizeof zone);
    char *text = read_file("keys.txt");
    for (size_t i = 0; *text; i++) {
        zone[i] = (struct zone_line){text, DNS_TYPE_TXT, strchr(text, '\t') + 1};
        *strchr(text, '\t') = '\0';
        text += strlen(text) + 1;
        text += strcspn(text, "\n");
        *text++ = '\0';
    }
}

static struct zone_line *key_of(const char *name)
{
    struct zone_line *line = zone;
    while (strcmp(line->name, name) != 0)
        line++;
    return line;
}

static void look_up(void *ctx, struct dns_view *view)
{
    verifier_look_up_keys(ctx, view);
}

static void feed_field(struct verifier *v, struct slice raw)
{
    struct mail_header header = {.raw = raw};
    size_t colon = (size_t)slice_index(raw, ':');
    header.name = slice_trim(slice_first(raw, colon));
    header.value = slice_skip(raw, colon + 1);
    verifier_add_header(v, &header);
}

static const char *feed_headers(struct verifier *v, const char *message)
{
    while (strncmp(message, "\r\n", 2) != 0) {
        const char *end = strstr(message, "\r\n");
        while (end[2] == ' ' || end[2] == '\t')
            end = strstr(end + 2, "\r\n");
        feed_field(v, slice_make(message, (size_t)(end - message)));
        message = end + 2;
    }
    return message + 2;
}

/* Feeds the body in pieces of 7 bytes. */
static void verify(const char *message)
{
    struct verifier *v = verifier_new(arena, &options);
    struct slice body = slice_of(feed_headers(v, message));
    verifier_end_headers(v, (uint64_t)time(NULL));
    for (; body.len; body = slice_skip(body, 7))
        verifier_add_body(v, slice_first(body, 7));
    zone_replay(map, zone, arena, look_up, v);
    struct dns_view view = {.map = map};
    report = verifier_finish(v, &view);
}

static void expect(const char *name, enum dkim_result result, const char *reason)
{
    setup();
    verify(read_file(name));
    ck_assert_msg(report->result == result, "%s: %s (%s)", name, dkim_result_word(report->result), report->reason);
    ck_assert_str_eq(report->reason, reason);
    arena_free(&arena);
}

/* The message with the first `from` replaced. */
static char *altered(const char *name, const char *from, const char *to)
{
    char *text = read_file(name), *at = strstr(text, from);
    ck_assert_ptr_nonnull(at);
    return arena_format(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

START_TEST(good_signatures_of_every_kind_pass)
{
    expect("relaxed.eml", DKIM_IS_PASS, "");
    expect("simple.eml", DKIM_IS_PASS, "");
    expect("ed25519.eml", DKIM_IS_PASS, "");
    expect("long-key.eml", DKIM_IS_PASS, "");
    expect("genkey.eml", DKIM_IS_PASS, "");
    expect("two.eml", DKIM_IS_PASS, "");
    expect("oversigned.eml", DKIM_IS_PASS, "");
    expect("unsigned.eml", DKIM_IS_NONE, "");
}
END_TEST

START_TEST(what_was_signed_is_reported)
{
    setup();
    verify(read_file("two.eml"));
    ck_assert_uint_eq(report->fields, 2);
    ck_assert_uint_eq(report->count, 2);
    ck_slice_eq(report->signatures[0].domain, "example.net");
    ck_slice_eq(report->signatures[1].domain, "example.com");
    ck_slice_eq(report->signatures[1].s, "rsa");
    ck_slice_eq(report->signatures[1].a, "rsa-sha256");
    ck_assert_uint_ge(report->signatures[1].b.len, 8);
    ck_assert_int_eq(report->signatures[0].result, DKIM_IS_PASS);
    ck_assert_int_eq(report->signatures[1].result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(altered_messages_fail)
{
    setup();
    verify(altered("relaxed.eml", "Dear Bob", "Dear Eve"));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    ck_assert_str_eq(report->reason, "body has been altered");
    verify(altered("relaxed.eml", "Subject: A", "Subject: B"));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    ck_assert_str_eq(report->reason, "signature does not match");
    verify(altered("simple.eml", "  this  is", "  this is"));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    verify(altered("relaxed.eml", "  this  is", " this is"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    verify(altered("oversigned.eml", "From: Alice", "From: Eve <e@example.org>\r\nFrom: Alice"));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(one_good_signature_outweighs_a_broken_one)
{
    setup();
    verify(altered("two.eml", "s=rsa", "s=other"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    ck_assert_int_eq(report->signatures[0].result, DKIM_IS_PERMERROR);
    ck_assert_str_eq(report->signatures[0].reason, "no key");
    arena_free(&arena);
}
END_TEST

START_TEST(rsa_sha1_is_never_accepted)
{
    expect("rsa-sha1.eml", DKIM_IS_POLICY, "rsa-sha1 is not accepted");
}
END_TEST

START_TEST(a_short_key_is_not_accepted)
{
    expect("short-key.eml", DKIM_IS_POLICY, "key is too short");
    setup();
    options.min_key_bits = 512;
    verify(read_file("short-key.eml"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(expired_and_future_signatures_fail)
{
    expect("expired.eml", DKIM_IS_FAIL, "signature has expired");
    expect("future.eml", DKIM_IS_FAIL, "signature is from the future");
}
END_TEST

START_TEST(a_partial_body_is_reported)
{
    static const struct {
        const char *name;
        bool partial;
    } cases[] = {{"partial-l.eml", true}, {"partial-l-simple.eml", true}, {"whole-l.eml", false}, {"relaxed.eml", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setup();
        verify(read_file(cases[i].name));
        ck_assert_int_eq(report->result, DKIM_IS_PASS);
        ck_assert_msg(report->signatures[0].partial == cases[i].partial, "%s", cases[i].name);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_body_shorter_than_its_l_fails)
{
    setup();
    verify(altered("whole-l.eml", "\r\n. and one with a dot", ""));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    ck_assert_str_eq(report->reason, "l= is longer than the body");
    arena_free(&arena);
}
END_TEST

START_TEST(a_key_in_test_mode_is_told)
{
    setup();
    verify(read_file("test-key.eml"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    ck_assert(report->signatures[0].testing);
    arena_free(&arena);
}
END_TEST

START_TEST(a_strict_key_allows_no_subdomain_in_i)
{
    expect("strict-subdomain.eml", DKIM_IS_PERMERROR, "key does not allow i= in a subdomain");
}
END_TEST

static void expect_with_key(const char *text, enum dkim_result result, const char *reason)
{
    setup();
    key_of("rsa._domainkey.example.com")->data = text;
    verify(read_file("relaxed.eml"));
    ck_assert_msg(report->result == result, "%s: %s", text, dkim_result_word(report->result));
    ck_assert_str_eq(report->reason, reason);
    arena_free(&arena);
}

START_TEST(trouble_with_keys_is_told_apart)
{
    expect_with_key("!", DKIM_IS_TEMPERROR, "key could not be looked up");
    expect_with_key("-", DKIM_IS_PERMERROR, "no key");
    expect_with_key("v=DKIM1; p=", DKIM_IS_PERMERROR, "key is revoked");
    expect_with_key("v=DKIM1; p=QUJD", DKIM_IS_PERMERROR, "key is malformed");
    expect_with_key("v=DKIM1; k=ed25519; p=QUJD", DKIM_IS_PERMERROR, "key is of another type than the signature");
    expect_with_key("v=spf1 -all", DKIM_IS_PERMERROR, "key record is malformed");
}
END_TEST

START_TEST(a_key_with_a_double_semicolon_verifies)
{
    setup();
    struct zone_line *line = key_of("rsa._domainkey.example.com");
    line->data = arena_format(arena, "v=DKIM1;;%s;;", line->data + strlen("v=DKIM1;"));
    verify(read_file("relaxed.eml"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

/* `count` copies of the message's signature, each with another selector. */
static char *many_signatures(const char *name, int count)
{
    char *text = read_file(name), *rest = strstr(text, "From: ");
    struct buf out = {0};
    for (int i = 0; i < count; i++) {
        char *copy = arena_string(arena, slice_make(text, (size_t)(rest - text)));
        char *s = strstr(copy, "s=rsa");
        buf_add_format(&out, "%.*ss=x%d%s", (int)(s - copy), copy, i, s + strlen("s=rsa"));
    }
    buf_add_text(&out, rest);
    char *message = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return message;
}

START_TEST(of_200_signatures_only_10_are_looked_at)
{
    setup();
    verify(many_signatures("relaxed.eml", 200));
    ck_assert_uint_eq(report->fields, 200);
    ck_assert_uint_eq(report->count, 10);
    ck_assert_uint_eq(dns_map_wanted(map), 10);
    ck_assert_int_eq(report->result, DKIM_IS_PERMERROR);
    arena_free(&arena);
}
END_TEST

START_TEST(a_signature_of_30000_tags_never_reaches_the_library)
{
    setup();
    struct buf out = {0};
    buf_add_text(&out, "DKIM-Signature: v=1");
    for (int i = 0; i < 30000; i++)
        buf_add_format(&out, "; t%d=x", i);
    buf_add_text(&out, "\r\n");
    buf_add_text(&out, read_file("relaxed.eml"));
    verify(arena_string(arena, buf_slice(&out)));
    buf_release(&out);
    ck_assert_uint_eq(report->fields, 2);
    ck_assert_uint_eq(report->count, 1); /* only the good one was looked at */
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(a_malformed_signature_does_not_hide_a_good_one)
{
    static const char *const bad[] = {"DKIM-Signature: garbage", "DKIM-Signature: v=1; a=rsa-sha256",
                                      "DKIM-Signature:",         "DKIM-Signature: v=1; a=x; d=; s=; h=; b=; bh=",
                                      "DKIM-Signature: ;;;;",    "DKIM-Signature : v=1; =x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        setup();
        verify(arena_format(arena, "%s\r\n%s", bad[i], read_file("relaxed.eml")));
        ck_assert_msg(report->result == DKIM_IS_PASS, "%s", bad[i]);
        verify(arena_format(arena, "%s\r\n%s", bad[i], read_file("unsigned.eml")));
        ck_assert_msg(report->result == DKIM_IS_PERMERROR, "%s", bad[i]);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(names_that_are_none_are_never_looked_up)
{
    static const char *const bad[] = {"d=com", "d=example..com", "d=192.0.2.1", "d=exa(mple.com", "d=example.com/x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        setup();
        char *message = altered("relaxed.eml", "d=example.com", bad[i]), *identity = strstr(message, "i=@example.com");
        memset(identity, ' ', strlen("i=@example.com"));
        memcpy(identity, "y=", 2);
        verify(message);
        ck_assert_msg(report->result == DKIM_IS_PERMERROR, "%s", bad[i]);
        ck_assert_uint_eq(dns_map_wanted(map), 0);
        arena_free(&arena);
    }
}
END_TEST

/* The library writes one pointer beyond an array when h= names more fields than there are; see engine_libopendkim.c. */
START_TEST(h_may_name_more_fields_than_the_message_has)
{
    setup();
    struct buf out = {0};
    buf_add_text(&out, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=rsa; bh=QUJD; b=QUJD;\r\n\th=from:dkim-signature");
    for (int i = 0; i < 300; i++)
        buf_add_text(&out, ":from:dkim-signature:subject");
    buf_add_text(&out, "\r\nFrom: a@example.com\r\n\r\nx\r\n");
    verify(out.ptr);
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    buf_release(&out);
    arena_free(&arena);
}
END_TEST

START_TEST(a_field_with_a_nul_is_as_good_as_missing)
{
    setup();
    struct verifier *v = verifier_new(arena, &options);
    char *message = read_file("relaxed.eml"), *nul = strstr(message, "subject");
    *nul = '@';
    feed_headers(v, message);
    feed_field(v, slice_make("Subject: a\0b", 12));
    verifier_end_headers(v, (uint64_t)time(NULL));
    zone_replay(map, zone, arena, look_up, v);
    struct dns_view view = {.map = map};
    ck_assert_int_eq(verifier_finish(v, &view)->result, DKIM_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(a_message_without_from_or_header_is_no_crash)
{
    setup();
    verify("\r\n");
    ck_assert_int_eq(report->result, DKIM_IS_NONE);
    verify(altered("relaxed.eml", "From: Alice <alice@example.com>\r\n", ""));
    ck_assert_int_eq(report->result, DKIM_IS_PERMERROR);
    ck_assert_str_eq(report->reason, "message could not be checked");
    arena_free(&arena);
}
END_TEST

/* §3.4.4: a CRLF is added; the library would give up. relaxed.eml ends with empty lines, which do not count. */
START_TEST(a_body_without_its_last_line_end_passes)
{
    setup();
    verify(altered("relaxed.eml", "with a dot\r\n\r\n\r\n", "with a dot"));
    ck_assert_str_eq(report->reason, "");
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    verify(altered("simple.eml", "with a dot\r\n\r\n\r\n", "with a dot"));
    ck_assert_int_eq(report->result, DKIM_IS_PASS);
    verify(altered("relaxed.eml", "with a dot\r\n\r\n\r\n", "with a do"));
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    arena_free(&arena);
}
END_TEST

/* §3.2. The library would take the last of the two, and the signature would hold. */
START_TEST(a_tag_given_twice_spoils_the_signature)
{
    setup();
    verify(altered("relaxed.eml", "v=1; ", "v=1; v=1; "));
    ck_assert_int_eq(report->result, DKIM_IS_PERMERROR);
    ck_assert_str_eq(report->reason, "signature is malformed");
    arena_free(&arena);
}
END_TEST

/* The library would pass over the colon and the blank. */
START_TEST(a_tag_whose_value_is_not_what_it_must_be_spoils_the_signature)
{
    setup();
    verify(altered("relaxed.eml", " b=", " b=:"));
    ck_assert_str_eq(report->reason, "signature is malformed");
    verify(altered("relaxed.eml", "d=example.com", "d=exam ple.com"));
    ck_assert_str_eq(report->reason, "signature is malformed");
    verify(altered("relaxed.eml", " bh=", " bh=="));
    ck_assert_str_eq(report->reason, "signature is malformed");
    arena_free(&arena);
}
END_TEST

/* Ten of them would cost tens of milliseconds. */
START_TEST(a_key_with_a_huge_exponent_never_reaches_the_library)
{
    expect_with_key("v=DKIM1; p=" HUGE_EXPONENT, DKIM_IS_PERMERROR, "key is too long");
}
END_TEST

START_TEST(bare_line_feeds_in_the_body_never_pass)
{
    setup();
    verify(altered("relaxed.eml", "Dear Bob,\r\n", "Dear Bob,\n"));
    ck_assert_int_ne(report->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

#define VERIFIER_CASES                                                                                                                     \
    good_signatures_of_every_kind_pass, what_was_signed_is_reported, altered_messages_fail, one_good_signature_outweighs_a_broken_one,     \
        rsa_sha1_is_never_accepted, a_short_key_is_not_accepted, expired_and_future_signatures_fail, a_partial_body_is_reported,           \
        a_body_shorter_than_its_l_fails, a_key_in_test_mode_is_told, a_strict_key_allows_no_subdomain_in_i,                                \
        trouble_with_keys_is_told_apart, a_key_with_a_double_semicolon_verifies, of_200_signatures_only_10_are_looked_at,                  \
        a_signature_of_30000_tags_never_reaches_the_library, a_malformed_signature_does_not_hide_a_good_one,                               \
        names_that_are_none_are_never_looked_up, h_may_name_more_fields_than_the_message_has, a_field_with_a_nul_is_as_good_as_missing,    \
        a_message_without_from_or_header_is_no_crash, a_body_without_its_last_line_end_passes, a_tag_given_twice_spoils_the_signature,     \
        a_tag_whose_value_is_not_what_it_must_be_spoils_the_signature, a_key_with_a_huge_exponent_never_reaches_the_library,               \
        bare_line_feeds_in_the_body_never_pass

#endif
