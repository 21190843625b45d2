/* signer: see signer.h.
 *
 * Not by libopendkim: its 2.11.0 beta loses half a kilobyte of memory with each Ed25519 signature, and hashes the body once for each key.
 */
#include "filters/dkim/signer.h"

#include "filters/signature/body_canon.h"
#include "filters/signature/field_canon.h"

#include <inttypes.h>
#include <openssl/evp.h>

enum { LINE_WIDTH = 72 };

/* Fields that may be signed, in the order of h=. */
static const struct signed_name {
    const char *name;
    bool oversigned;
} signed_names[] = {
    {"From", true},
    {"Sender", false},
    {"Reply-To", true},
    {"Subject", true},
    {"Date", true},
    {"Message-ID", true},
    {"To", true},
    {"Cc", true},
    {"In-Reply-To", false},
    {"References", false},
    {"MIME-Version", true},
    {"Content-Type", true},
    {"Content-Transfer-Encoding", true},
    {"Content-ID", false},
    {"Content-Description", false},
    {"Content-Disposition", false},
    {"Resent-Date", false},
    {"Resent-From", false},
    {"Resent-Sender", false},
    {"Resent-To", false},
    {"Resent-Cc", false},
    {"Resent-Message-ID", false},
    {"List-Id", false},
    {"List-Help", false},
    {"List-Unsubscribe", false},
    {"List-Unsubscribe-Post", false},
    {"List-Subscribe", false},
    {"List-Post", false},
    {"List-Owner", false},
    {"List-Archive", false},
};

enum { NAME_COUNT = sizeof signed_names / sizeof signed_names[0] };

struct signed_field {
    struct slice form; /* canonical, without the final CRLF */
    struct signed_field *above;
};

struct signer {
    struct signer_options options;
    struct arena *arena;
    struct signed_field *last[NAME_COUNT]; /* of each name; those above it are linked */
    struct body_canon body;
    EVP_MD_CTX *hash; /* of the body */
    char body_hash[48];
};

static void release(void *data)
{
    EVP_MD_CTX_free(data);
}

static void hash_body(void *ctx, struct slice piece)
{
    struct signer *s = ctx;
    EVP_DigestUpdate(s->hash, piece.ptr, piece.len);
}

struct signer *signer_new(const struct signer_options *options, struct arena *arena)
{
    struct signer *s = arena_alloc(arena, sizeof *s);
    s->options = *options;
    s->arena = arena;
    s->hash = EVP_MD_CTX_new();
    if (!s->hash)
        return NULL;
    arena_add_cleanup(arena, release, s->hash);
    body_canon_init(&s->body, options->relaxed_body, hash_body, s);
    return EVP_DigestInit_ex(s->hash, EVP_sha256(), NULL) == 1 ? s : NULL;
}

static struct slice canonical(const struct signer *s, const struct mail_header *field)
{
    return s->options.relaxed_header ? field_canon_relaxed(field->name, field->value, s->arena) : arena_copy(s->arena, field->raw);
}

void signer_add_field(struct signer *s, const struct mail_header *field)
{
    size_t i = 0;
    while (i < NAME_COUNT && !slice_eq_nocase(field->name, slice_of(signed_names[i].name)))
        i++;
    if (i == NAME_COUNT)
        return;
    struct signed_field *f = arena_alloc(s->arena, sizeof *f);
    *f = (struct signed_field){canonical(s, field), s->last[i]};
    s->last[i] = f;
}

void signer_add_body(struct signer *s, struct slice bytes)
{
    body_canon_add(&s->body, bytes);
}

bool signer_end(struct signer *s)
{
    uint8_t digest[SHA256_BYTES];
    body_canon_finish(&s->body);
    bool good = EVP_DigestFinal_ex(s->hash, digest, NULL) == 1;
    digest_to_base64(digest, s->body_hash);
    return good;
}

/* A line being folded between words. */
struct folding {
    struct buf *out;
    size_t column;
};

static void add_word(struct folding *f, const char *word, bool first)
{
    size_t length = strlen(word) + !first;
    bool fold = !first && f->column + length > LINE_WIDTH;
    buf_add_format(f->out, "%s%s%s", first ? "" : ":", fold ? "\r\n\t " : "", word);
    f->column = fold ? length + 1 : f->column + length;
}

/* Each name as often as there are such fields, and once more if none may be added. */
static void add_names(const struct signer *s, struct buf *out)
{
    struct folding f = {out, strlen("\th=")};
    bool first = true;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        for (const struct signed_field *field = s->last[i]; field; field = field->above, first = false)
            add_word(&f, signed_names[i].name, first);
        if (signed_names[i].oversigned) {
            add_word(&f, signed_names[i].name, first);
            first = false;
        }
    }
}

/* The value of the field, up to b=. */
static void add_tags(const struct signer *s, const struct signing_key *key, int64_t unix_s, struct buf *out)
{
    const struct signer_options *o = &s->options;
    buf_add_format(out, " v=1; a=%s; c=%s/%s;\r\n\td=%.*s; s=%.*s;\r\n\tt=%" PRId64 ";", signing_algorithm_name(key->algorithm),
                   o->relaxed_header ? "relaxed" : "simple", o->relaxed_body ? "relaxed" : "simple", SLICE_FMT(key->domain),
                   SLICE_FMT(key->selector), unix_s);
    if (o->expire_s)
        buf_add_format(out, " x=%" PRId64 ";", unix_s + o->expire_s);
    buf_add_text(out, "\r\n\th=");
    add_names(s, out);
    buf_add_format(out, ";\r\n\tbh=%s;\r\n\tb=", s->body_hash);
}

static void update(EVP_MD_CTX *md, struct slice s)
{
    EVP_DigestUpdate(md, s.ptr, s.len);
}

/* Of fields of one name the last one comes first (RFC 6376 §5.4.2), and last the signature itself, without CRLF (§3.7). */
static void hash_header(const struct signer *s, EVP_MD_CTX *md, struct slice value)
{
    struct slice name = SLICE("DKIM-Signature");
    for (size_t i = 0; i < NAME_COUNT; i++)
        for (const struct signed_field *f = s->last[i]; f; f = f->above) {
            update(md, f->form);
            update(md, SLICE("\r\n"));
        }
    if (s->options.relaxed_header) {
        update(md, field_canon_relaxed(name, value, s->arena));
    } else {
        update(md, name);
        update(md, SLICE(":"));
        update(md, value);
    }
}

static bool make_digest(const struct signer *s, struct slice value, uint8_t digest[SHA256_BYTES])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool good = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    if (good) {
        hash_header(s, md, value);
        good = EVP_DigestFinal_ex(md, digest, NULL) == 1;
    }
    EVP_MD_CTX_free(md);
    return good;
}

static void add_base64(struct buf *out, struct slice bytes)
{
    unsigned char line[LINE_WIDTH + 1];
    size_t most = LINE_WIDTH / 4 * 3 - 3; /* behind "\tb=" there is as much less room */
    for (; bytes.len; bytes = slice_skip(bytes, most)) {
        struct slice part = slice_first(bytes, most);
        EVP_EncodeBlock(line, (const unsigned char *)part.ptr, (int)part.len);
        buf_add_format(out, "%s%s", (const char *)line, bytes.len > most ? "\r\n\t " : "");
    }
}

bool signer_sign(struct signer *s, const struct signing_key *key, int64_t unix_s, struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    struct buf value = {0}, signature = {0};
    add_tags(s, key, unix_s, &value);
    bool good = make_digest(s, buf_slice(&value), digest) && signing_key_sign(key, digest, &signature);
    if (good) {
        buf_add_text(out, "DKIM-Signature:");
        buf_add(out, buf_slice(&value));
        add_base64(out, buf_slice(&signature));
        buf_add_text(out, "\r\n");
    }
    buf_release(&value);
    buf_release(&signature);
    return good;
}
