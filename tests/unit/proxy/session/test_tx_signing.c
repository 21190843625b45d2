/* Which keys sign which message. That the signatures are good is test_signer's business, and the system test's. */
#include "proxy/session/tx_signing.h"

#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static struct arena *arena;
static struct signing_settings settings;
static struct tx_signatures result;

static struct signing_key *make_key(const char *domain, const char *selector)
{
    char *text;
    const char *why;
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &text);
    struct signing_key *key = signing_key_read(slice_make(text, (size_t)len), SIGNING_AUTO, arena, &why);
    key->domain = slice_of(domain);
    key->selector = slice_of(selector);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return key;
}

static void setup(void)
{
    static const struct signing_key *keys[4];
    arena = arena_new();
    keys[0] = make_key("example.com", "a");
    keys[1] = make_key("news.example.com", "n");
    keys[2] = make_key("example.com", "b");
    keys[3] = make_key("example.net", "x");
    settings = (struct signing_settings){.loaded = keys, .loaded_count = 4, .options = {true, true, 0}};
}

static void teardown(void)
{
    arena_free(&arena);
}

/* In pieces of that many bytes. */
static void sign_in(const char *wire, size_t step)
{
    struct arena *own = arena_new();
    struct tx_signing *t = tx_signing_new(&settings, own);
    bool more = true;
    for (struct slice rest = slice_of(wire); rest.len && more; rest = slice_skip(rest, step))
        more = tx_signing_feed(t, slice_first(rest, step));
    tx_signing_finish(t, 1700000000, &result);
    result.fields = arena_copy(arena, result.fields);
    result.names = arena_copy(arena, result.names);
    arena_free(&own);
}

static void sign(const char *wire)
{
    sign_in(wire, 7);
}

#define FROM(author) "To: a@example.org\r\nFrom: Joe <" author ">\r\n\r\ntext\r\n"

START_TEST(all_keys_of_the_nearest_domain_sign)
{
    setup();
    sign(FROM("joe@example.com"));
    ck_slice_eq(result.names, "example.com/a, example.com/b");
    ck_assert_ptr_null(result.unsigned_why);
    sign(FROM("joe@NEWS.example.com"));
    ck_slice_eq(result.names, "news.example.com/n");
    sign(FROM("joe@a.b.news.example.com"));
    ck_slice_eq(result.names, "news.example.com/n");
    sign(FROM("joe@other.example.com"));
    ck_slice_eq(result.names, "example.com/a, example.com/b");
    sign(FROM("joe@bad-example.com"));
    ck_slice_eq(result.names, "");
    teardown();
}
END_TEST

static void unsigned_because(const char *wire, const char *why)
{
    sign(wire);
    ck_assert_uint_eq(result.fields.len, 0);
    ck_assert_uint_eq(result.names.len, 0);
    ck_assert(!result.failed);
    ck_assert_str_eq(result.unsigned_why, why);
}

START_TEST(what_has_no_key_or_no_author_is_not_signed)
{
    setup();
    unsigned_because(FROM("joe@example.org"), "there is no key for the author's domain");
    unsigned_because("Subject: x\r\n\r\n", "the message has no single author");
    unsigned_because("", "the message has no single author");
    unsigned_because("From: joe@example.com\r\nFrom: joe@example.com\r\n\r\n", "the message has no single author");
    unsigned_because("From: joe@example.com, ann@example.net\r\n\r\n", "the message has no single author");
    unsigned_because("From: joe@example.com\r\nno field\r\n\r\n", "the header section is malformed");
    teardown();
}
END_TEST

/* The value of a tag, without folding. */
static const char *tag(const char *name)
{
    char *text = arena_string(arena, result.fields), *out = text, *at;
    for (const char *in = text; *in; in++)
        if (!strchr(" \t\r\n", *in))
            *out++ = *in;
    *out = '\0';
    at = strstr(text, arena_format(arena, ";%s=", name));
    ck_assert_ptr_nonnull(at);
    at += strlen(name) + 2;
    at[strcspn(at, ";")] = '\0';
    return at;
}

START_TEST(the_body_is_hashed_without_stuffed_dots_however_it_is_cut)
{
    static const char wire[] = "From: joe@example.net\r\n\r\n..dot\r\n...\r\ntext\r\n";
    setup();
    sign_in(wire, sizeof wire);
    const char *whole = tag("bh");
    ck_assert_str_eq(whole, "YhwJTETk+szXreLLhG+B51PRUDu+QE584Wf26mgKcLI=");
    for (size_t step = 1; step < sizeof wire; step++) {
        sign_in(wire, step);
        ck_assert_str_eq(tag("bh"), whole);
    }
    teardown();
}
END_TEST

START_TEST(a_message_without_body_is_signed)
{
    setup();
    sign("From: joe@example.net\r\n");
    ck_slice_eq(result.names, "example.net/x");
    ck_assert_str_eq(tag("bh"), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    teardown();
}
END_TEST

START_TEST(a_field_with_a_stuffed_dot_is_signed_without_it)
{
    setup();
    sign("From: joe@example.net\r\n..x: y\r\nSubject: z\r\n\r\n");
    ck_slice_eq(result.names, "example.net/x");
    teardown();
}
END_TEST

UNIT_MAIN("tx_signing", all_keys_of_the_nearest_domain_sign, what_has_no_key_or_no_author_is_not_signed,
          the_body_is_hashed_without_stuffed_dots_however_it_is_cut, a_message_without_body_is_signed,
          a_field_with_a_stuffed_dot_is_signed_without_it)
