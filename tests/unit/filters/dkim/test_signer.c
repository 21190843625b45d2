/* What the signer writes, the verifier believes, and nothing that was changed. */
#include "filters/dkim/signer.h"

#include "filters/dkim/verifier.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

static struct arena *arena;

struct pair {
    struct signing_key *key;
    const char *record; /* the TXT record of the public key */
};

static const char *base64(const unsigned char *bytes, int len)
{
    unsigned char *text = arena_alloc(arena, (size_t)len * 2 + 8);
    EVP_EncodeBlock(text, bytes, len);
    return (const char *)text;
}

static const char *record_of(EVP_PKEY *pkey)
{
    unsigned char raw[32], *der = NULL;
    size_t raw_len = sizeof raw;
    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519) {
        ck_assert_int_eq(EVP_PKEY_get_raw_public_key(pkey, raw, &raw_len), 1);
        return arena_format(arena, "v=DKIM1; k=ed25519; p=%s", base64(raw, 32));
    }
    int len = i2d_PUBKEY(pkey, &der);
    const char *text = arena_format(arena, "v=DKIM1; p=%s", base64(der, len));
    OPENSSL_free(der);
    return text;
}

static struct slice pem_of(EVP_PKEY *pkey)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &text);
    struct slice copy = arena_copy(arena, slice_make(text, (size_t)len));
    BIO_free(bio);
    return copy;
}

static struct pair make_pair(EVP_PKEY *pkey, const char *selector)
{
    const char *why;
    struct pair p = {signing_key_read(pem_of(pkey), SIGNING_AUTO, arena, &why), record_of(pkey)};
    ck_assert_msg(p.key != NULL, "%s", why);
    p.key->domain = SLICE("example.com");
    p.key->selector = slice_of(selector);
    EVP_PKEY_free(pkey);
    return p;
}

static void add_field(struct signer *s, struct slice raw)
{
    ptrdiff_t colon = slice_index(raw, ':');
    struct mail_header h = {.name = slice_first(raw, (size_t)colon), .value = slice_skip(raw, (size_t)colon + 1), .raw = raw};
    signer_add_field(s, &h);
}

static struct slice sign_at(const struct pair *p, const struct signer_options *options, const char *fields, const char *body,
                            int64_t unix_s)
{
    struct arena *own = arena_new();
    struct signer *s = signer_new(options, own);
    struct slice rest = slice_of(fields), field;
    struct buf out = {0};
    ck_assert_ptr_nonnull(s);
    while (slice_split(&rest, '|', &field))
        add_field(s, field);
    for (struct slice b = slice_of(body); b.len; b = slice_skip(b, 5))
        signer_add_body(s, slice_first(b, 5));
    ck_assert(signer_end(s));
    ck_assert(signer_sign(s, p->key, unix_s, &out));
    struct slice text = arena_copy(arena, buf_slice(&out));
    buf_release(&out);
    arena_free(&own);
    return text;
}

static struct slice sign(const struct pair *p, const struct signer_options *options, const char *fields, const char *body)
{
    return sign_at(p, options, fields, body, 1700000000);
}

static void look_up(void *ctx, struct dns_view *view)
{
    verifier_look_up_keys(ctx, view);
}

static void feed(struct verifier *v, struct slice raw)
{
    ptrdiff_t colon = slice_index(raw, ':');
    struct mail_header h = {.name = slice_first(raw, (size_t)colon), .value = slice_skip(raw, (size_t)colon + 1), .raw = raw};
    verifier_add_header(v, &h);
}

static const struct verifier_report *verify(const struct pair *p, struct slice signature, const char *fields, const char *body)
{
    /* libopendkim, which shares no code with the signer */
    struct verifier_options options = {.engine = 1, .max_signatures = 10, .min_key_bits = 1024};
    struct dns_map *map = dns_map_new(arena, 20);
    struct verifier *v = verifier_new(arena, &options);
    struct slice rest = slice_of(fields), field;
    const char *name = arena_format(arena, "%.*s._domainkey.example.com", SLICE_FMT(p->key->selector));
    const struct zone_line zone[] = {{name, DNS_TYPE_TXT, p->record}, {0}};
    feed(v, slice_first(signature, signature.len - 2));
    while (slice_split(&rest, '|', &field))
        feed(v, field);
    verifier_end_headers(v, (uint64_t)time(NULL));
    verifier_add_body(v, slice_of(body));
    zone_replay(map, zone, arena, look_up, v);
    struct dns_view view = {.map = map};
    return verifier_finish(v, &view);
}

static const struct signer_options relaxed = {.relaxed_header = true, .relaxed_body = true};

#define FIELDS                                                                                                                             \
    "Received: from a by b; now|From: Joe <joe@example.com>|To: ann@example.org|Subject: a long\r\n subject|Date: Mon, 1 Jan 2024 "        \
    "00:00:00 +0000|Message-ID: <1@example.com>|Return-Path: <x@example.com>|List-Id: <l.example.com>"
#define BODY "Hello  Ann,\r\n\r\n.how are you?\r\n\r\n\r\n"

static void check(struct pair p, const char *algorithm)
{
    struct slice signature = sign(&p, &relaxed, FIELDS, BODY);
    const struct verifier_report *report = verify(&p, signature, FIELDS, BODY);
    ck_assert_msg(report->result == DKIM_IS_PASS, "%s: %.*s", report->reason, SLICE_FMT(signature));
    ck_slice_eq(report->signatures[0].a, algorithm);
    ck_slice_eq(report->signatures[0].domain, "example.com");
    ck_assert_int_eq(verify(&p, signature, FIELDS, "Other\r\n")->result, DKIM_IS_FAIL);
    ck_assert_int_eq(verify(&p, signature, "From: Joe <jim@example.com>|To: ann@example.org", BODY)->result, DKIM_IS_FAIL);
}

START_TEST(an_rsa_signature_verifies)
{
    arena = arena_new();
    check(make_pair(EVP_RSA_gen(2048), "rsa"), "rsa-sha256");
    check(make_pair(EVP_RSA_gen(1024), "short"), "rsa-sha256");
    arena_free(&arena);
}
END_TEST

START_TEST(an_ed25519_signature_verifies)
{
    arena = arena_new();
    check(make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed"), "ed25519-sha256");
    arena_free(&arena);
}
END_TEST

START_TEST(trace_fields_may_change_and_signed_ones_may_not_be_added)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed");
    struct slice signature = sign(&p, &relaxed, FIELDS, BODY);
    const char *added[] = {"From: x@example.org",         "Subject: y",
                           "To: z@example.org",           "Cc: z@example.org",
                           "Reply-To: z@example.org",     "Date: today",
                           "Message-ID: <2@example.com>", "Content-Type: text/html",
                           "MIME-Version: 1.0",           "Content-Transfer-Encoding: base64"};
    ck_assert_int_eq(verify(&p, signature, "Received: from c by d; then|X-New: y|Return-Path: <>|" FIELDS, BODY)->result, DKIM_IS_PASS);
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++)
        ck_assert_msg(verify(&p, signature, arena_format(arena, "%s|%s", added[i], FIELDS), BODY)->result == DKIM_IS_FAIL, "%s", added[i]);
    arena_free(&arena);
}
END_TEST

static bool has(struct slice text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

START_TEST(options_say_how_and_how_long)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed");
    struct signer_options options = {.relaxed_header = true, .relaxed_body = false, .expire_s = 3600 * 24 * 365 * 50L};
    struct slice signature = sign(&p, &options, FIELDS, BODY), plain = sign(&p, &relaxed, FIELDS, BODY);
    ck_assert(has(signature, "c=relaxed/simple"));
    ck_assert(has(signature, "t=1700000000; x=3276800000;"));
    ck_assert(has(plain, "c=relaxed/relaxed"));
    ck_assert(!has(plain, "x="));
    ck_assert(!has(plain, "Received"));
    ck_assert(!has(plain, "Return-Path"));
    ck_assert_int_eq(verify(&p, signature, FIELDS, BODY)->result, DKIM_IS_PASS);
    ck_assert_int_eq(verify(&p, plain, FIELDS, "Hello Ann,\r\n\r\n.how are you?\r\n")->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(the_field_is_folded_with_crlf_and_short_lines)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_RSA_gen(2048), "rsa");
    struct slice rest = sign(&p, &relaxed, FIELDS, BODY), line;
    ck_assert(slice_starts(rest, SLICE("DKIM-Signature: ")));
    ck_assert(slice_ends_nocase(rest, SLICE("\r\n")));
    rest = slice_first(rest, rest.len - 2);
    for (bool first = true; slice_split(&rest, '\n', &line); first = false) {
        ck_assert_uint_le(line.len, 79);
        ck_assert(first || line.ptr[0] == ' ' || line.ptr[0] == '\t');
        ck_assert(!rest.ptr || line.ptr[line.len - 1] == '\r');
    }
    arena_free(&arena);
}
END_TEST

START_TEST(an_empty_body_is_signed)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed");
    ck_assert_int_eq(verify(&p, sign(&p, &relaxed, FIELDS, ""), FIELDS, "")->result, DKIM_IS_PASS);
    arena_free(&arena);
}
END_TEST

START_TEST(every_canonicalization_verifies)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_RSA_gen(2048), "rsa");
    for (int i = 0; i < 4; i++) {
        struct signer_options options = {.relaxed_header = i & 1, .relaxed_body = i & 2};
        const struct verifier_report *report = verify(&p, sign(&p, &options, FIELDS, BODY), FIELDS, BODY);
        ck_assert_msg(report->result == DKIM_IS_PASS, "%d: %s", i, report->reason);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(several_fields_of_one_name_are_signed_from_below)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed");
    const char *three = "From: a@example.com|Cc: one|Cc: two|Cc: three", *turned = "From: a@example.com|Cc: two|Cc: one|Cc: three";
    struct slice signature = sign(&p, &relaxed, three, BODY);
    ck_assert_int_eq(verify(&p, signature, three, BODY)->result, DKIM_IS_PASS);
    ck_assert_int_eq(verify(&p, signature, turned, BODY)->result, DKIM_IS_FAIL);
    arena_free(&arena);
}
END_TEST

START_TEST(a_signature_that_is_over_does_not_count)
{
    arena = arena_new();
    struct pair p = make_pair(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ed");
    struct signer_options options = {.relaxed_header = true, .expire_s = 60};
    const struct verifier_report *report = verify(&p, sign(&p, &options, FIELDS, BODY), FIELDS, BODY);
    ck_assert_int_eq(report->result, DKIM_IS_FAIL);
    ck_assert_str_eq(report->reason, "signature has expired");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("signer", an_rsa_signature_verifies, an_ed25519_signature_verifies, trace_fields_may_change_and_signed_ones_may_not_be_added,
          options_say_how_and_how_long, the_field_is_folded_with_crlf_and_short_lines, an_empty_body_is_signed,
          every_canonicalization_verifies, several_fields_of_one_name_are_signed_from_below, a_signature_that_is_over_does_not_count)
