/* dkim_bench: CPU of verifying one message by each of our engines, and by libopendkim's same calls alone, for each kind of key and size.
 *
 *   dkim_bench [VERIFICATIONS]
 *
 * The messages are signed at the start by keys made at the start. Ours include arena, DNS map, choice and check
 * of the key, which engine strict has seen before. */
#include "base/buf.h"
#include "tests/conformance/dkim/feed.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

#include <opendkim/dkim.h>

enum { ROUNDS = 9, PIECE = 4096, SHA256_SIZE = 32, BASE64_SIZE = 1024 };

static const char header[] =
    "From: alice@example.com\r\nTo: bob@example.net\r\nSubject: A message\r\nDate: Sun, 15 Jun 2025 15:06:40 +0000\r\n";
static const char relaxed_header[] =
    "from:alice@example.com\r\nto:bob@example.net\r\nsubject:A message\r\ndate:Sun, 15 Jun 2025 15:06:40 +0000\r\n";

struct subject {
    const char *algorithm;
    struct slice record, message;
    size_t size;
};

static const struct subject *current;

static void require(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "dkim_bench: %s failed\n", what);
    exit(EXIT_FAILURE);
}

/* ---- signing ---- */

static struct slice base64(struct arena *arena, const unsigned char *bytes, size_t len)
{
    char *text = arena_alloc(arena, BASE64_SIZE);
    return slice_make(text, (size_t)EVP_EncodeBlock((unsigned char *)text, bytes, (int)len));
}

static void digest_of(struct slice text, unsigned char digest[SHA256_SIZE])
{
    require(EVP_Digest(text.ptr, text.len, digest, NULL, EVP_sha256(), NULL) == 1, "hashing");
}

static struct slice make_record(struct arena *arena, EVP_PKEY *key, bool rsa)
{
    unsigned char *der = NULL, raw[SHA256_SIZE];
    size_t len = sizeof raw;
    if (!rsa) {
        require(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1, "reading the key");
        return slice_of(arena_format(arena, "v=DKIM1; k=ed25519; p=%.*s", SLICE_FMT(base64(arena, raw, len))));
    }
    int der_len = i2d_PUBKEY(key, &der);
    require(der_len > 0, "encoding the key");
    struct slice p = base64(arena, der, (size_t)der_len);
    OPENSSL_free(der);
    return slice_of(arena_format(arena, "v=DKIM1; k=rsa; p=%.*s", SLICE_FMT(p)));
}

static struct slice sign(struct arena *arena, EVP_PKEY *key, bool rsa, struct slice signed_text)
{
    unsigned char digest[SHA256_SIZE], signature[512];
    size_t len = sizeof signature;
    struct slice input = signed_text;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    digest_of(signed_text, digest);
    if (!rsa) /* RFC 8463 §3: PureEdDSA over the digest */
        input = slice_make((const char *)digest, sizeof digest);
    require(ctx && EVP_DigestSignInit(ctx, NULL, rsa ? EVP_sha256() : NULL, NULL, key) == 1, "signing");
    require(EVP_DigestSign(ctx, signature, &len, (const unsigned char *)input.ptr, input.len) == 1, "signing");
    EVP_MD_CTX_free(ctx);
    return base64(arena, signature, len);
}

static struct slice make_body(struct arena *arena, size_t size)
{
    static const char line[] = "This is one of many lines of text as people write them to each other.\r\n";
    struct buf body = {0};
    while (body.len < size)
        buf_add_text(&body, line);
    struct slice copy = arena_copy(arena, buf_slice(&body));
    buf_release(&body);
    return copy;
}

static void make_subject(struct arena *arena, EVP_PKEY *key, bool rsa, size_t size, struct subject *out)
{
    unsigned char digest[SHA256_SIZE];
    struct slice body = make_body(arena, size);
    digest_of(body, digest);
    *out = (struct subject){.algorithm = rsa ? "rsa-sha256" : "ed25519-sha256", .record = make_record(arena, key, rsa), .size = size};
    const char *tags =
        arena_format(arena, "v=1; a=%s; c=relaxed/relaxed; d=example.com; s=s; h=from:to:subject:date; bh=%.*s; b=", out->algorithm,
                     SLICE_FMT(base64(arena, digest, sizeof digest)));
    struct slice b = sign(arena, key, rsa, slice_of(arena_format(arena, "%sdkim-signature:%s", relaxed_header, tags)));
    out->message = slice_of(arena_format(arena, "DKIM-Signature: %s%.*s\r\n%s\r\n%.*s", tags, SLICE_FMT(b), header, SLICE_FMT(body)));
}

/* ---- ours ---- */

static void verify_by(int engine, struct arena *arena)
{
    const struct verifier_options options = {.engine = engine, .max_signatures = 10, .min_key_bits = 1024};
    struct dns_view view = {.map = dns_map_new(arena, 40)};
    struct dns_record record = {.data = current->record};
    struct dns_answer answer = {.status = DNS_OK, .count = 1, .records = &record};
    struct verifier *v = verifier_new(arena, &options);
    struct slice body = feed_headers(v, current->message);
    verifier_end_headers(v, (uint64_t)time(NULL));
    verifier_look_up_keys(v, &view);
    feed_body(v, body, PIECE);
    dns_map_put(view.map, SLICE("s._domainkey.example.com"), DNS_TYPE_TXT, &answer);
    require(verifier_finish(v, &view)->result == DKIM_IS_PASS, "our verification");
}

static void verify_strict(struct arena *arena)
{
    verify_by(0, arena);
}

static void verify_libopendkim(struct arena *arena)
{
    verify_by(1, arena);
}

/* ---- the library alone ---- */

static DKIM_LIB *library;

static DKIM_CBSTAT on_key(DKIM *handle, DKIM_SIGINFO *info, u_char *out, size_t size)
{
    (void)handle, (void)info;
    require(current->record.len < size, "the key's size");
    memcpy(out, current->record.ptr, current->record.len + 1);
    return DKIM_CBSTAT_CONTINUE;
}

static void make_library(void)
{
    u_int flags = DKIM_LIBFLAGS_DELAYSIGPROC;
    library = dkim_init(NULL, NULL);
    require(library, "dkim_init");
    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags);
    dkim_set_key_lookup(library, on_key);
}

static u_char *bytes_of(const char *p)
{
    return (u_char *)(uintptr_t)p;
}

static void verify_alone(struct arena *arena)
{
    DKIM_STAT status;
    struct slice rest = current->message, raw;
    DKIM *handle = dkim_verify(library, bytes_of("message"), NULL, &status);
    (void)arena;
    require(handle, "dkim_verify");
    while (feed_next_field(&rest, &raw))
        dkim_header(handle, bytes_of(raw.ptr), raw.len);
    dkim_eoh(handle);
    for (; rest.len; rest = slice_skip(rest, PIECE))
        dkim_body(handle, bytes_of(rest.ptr), slice_first(rest, PIECE).len);
    require(dkim_eom(handle, NULL) == DKIM_STAT_OK, "the library's verification");
    dkim_free(handle);
}

/* ---- measuring ---- */

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double measure(void (*verify)(struct arena *), long count)
{
    struct arena *arena = arena_new();
    double began = cpu_us();
    for (long i = 0; i < count; i++) {
        verify(arena);
        arena_clear(arena);
    }
    double each = (cpu_us() - began) / (double)count;
    arena_free(&arena);
    return each;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void (*const ways[])(struct arena *) = {verify_strict, verify_libopendkim, verify_alone};

enum { WAYS = sizeof ways / sizeof ways[0] };

static void print_row(const struct subject *subject, long count)
{
    double us[WAYS][ROUNDS];
    current = subject;
    for (int round = 0; round < ROUNDS; round++) /* in turns, so that a busy machine hits all */
        for (int way = 0; way < WAYS; way++)
            us[way][round] = measure(ways[way], count);
    printf("%-16s%6zu", subject->algorithm, subject->size);
    for (int way = 0; way < WAYS; way++) {
        qsort(us[way], ROUNDS, sizeof us[way][0], compare);
        printf("%13.1f", us[way][ROUNDS / 2]);
    }
    printf("%10.2f\n", us[0][ROUNDS / 2] / us[1][ROUNDS / 2]);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {4096, 20480, 102400};
    long count = argc > 1 ? atol(argv[1]) : 300;
    struct arena *arena = arena_new();
    require(count > 0, "reading the count");
    make_library();
    printf("us of CPU, median of %d rounds of %ld\n", ROUNDS, count);
    printf("algorithm        bytes       strict  libopendkim      library     ratio\n");
    for (int rsa = 1; rsa >= 0; rsa--) {
        EVP_PKEY *key = rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct subject subject;
            make_subject(arena, key, rsa, sizes[i], &subject);
            print_row(&subject, count);
        }
        EVP_PKEY_free(key);
    }
    dkim_close(library);
    arena_free(&arena);
    return EXIT_SUCCESS;
}
