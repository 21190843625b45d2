/* arc_hash: see arc_hash.h. */
#include "filters/arc/arc_hash.h"

#include "filters/dkim/field_canon.h"

#include <openssl/evp.h>

enum { NAMES_MAX = 256 }; /* in one h=: real ones have 10 to 60 */

static void release(void *data)
{
    EVP_MD_CTX_free(data);
}

bool arc_hash_init(struct arc_hash *hash, const struct arc_field *fields, size_t count, struct arena *arena)
{
    *hash = (struct arc_hash){.arena = arena, .fields = fields, .count = count};
    hash->relaxed = arena_alloc(arena, (count + 1) * sizeof *hash->relaxed);
    hash->taken = arena_alloc(arena, (count + 1) * sizeof *hash->taken);
    hash->chain = EVP_MD_CTX_new();
    if (!hash->chain)
        return false;
    arena_add_cleanup(arena, release, hash->chain);
    return EVP_DigestInit_ex(hash->chain, EVP_sha256(), NULL) == 1;
}

static void update(EVP_MD_CTX *md, struct slice s)
{
    EVP_DigestUpdate(md, s.ptr, s.len);
}

static struct slice relaxed(struct arc_hash *hash, size_t index)
{
    struct slice *form = &hash->relaxed[index];
    if (!form->ptr)
        *form = field_canon_relaxed(hash->fields[index].name, hash->fields[index].value, hash->arena);
    return *form;
}

static void add_field(struct arc_hash *hash, EVP_MD_CTX *md, size_t index, bool as_relaxed)
{
    update(md, as_relaxed ? relaxed(hash, index) : hash->fields[index].raw);
    update(md, SLICE("\r\n"));
}

/* The signature's own field comes last, its b= empty, without CRLF (RFC 6376 §3.7). */
static void add_signature(struct arc_hash *hash, EVP_MD_CTX *md, size_t index, struct slice b, bool as_relaxed)
{
    const struct arc_field *field = &hash->fields[index];
    if (as_relaxed)
        update(md, field_canon_relaxed(field->name, field_canon_without(field->value, b, hash->arena), hash->arena));
    else
        update(md, field_canon_without(field->raw, b, hash->arena));
}

/* The last field of that name that is not taken (RFC 6376 §5.4.2), or count. */
static size_t take_field(struct arc_hash *hash, struct slice name)
{
    for (size_t i = hash->count; i > 0; i--)
        if (!hash->taken[i - 1] && slice_eq_nocase(hash->fields[i - 1].name, name)) {
            hash->taken[i - 1] = true;
            return i - 1;
        }
    return hash->count;
}

static bool add_chosen(struct arc_hash *hash, EVP_MD_CTX *md, const struct arc_set *set)
{
    struct slice h = set->message.h, name;
    for (size_t names = 0; slice_split(&h, ':', &name); names++) {
        if (names == NAMES_MAX)
            return false;
        size_t index = take_field(hash, slice_trim(name));
        if (index < hash->count)
            add_field(hash, md, index, set->message.header_relaxed);
    }
    return true;
}

bool arc_hash_message(struct arc_hash *hash, const struct arc_set *set, uint8_t digest[SHA256_BYTES])
{
    size_t own = set->fields[ARC_MESSAGE_SIGNATURE];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    memset(hash->taken, 0, hash->count * sizeof *hash->taken);
    hash->taken[own] = true;
    bool good = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && add_chosen(hash, md, set);
    if (good) {
        add_signature(hash, md, own, set->message.signature.b_extent, set->message.header_relaxed);
        good = EVP_DigestFinal_ex(md, digest, NULL) == 1;
    }
    EVP_MD_CTX_free(md);
    return good;
}

void arc_hash_seal(struct arc_hash *hash, const struct arc_set *set, uint8_t digest[SHA256_BYTES])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    memset(digest, 0, SHA256_BYTES);
    add_field(hash, hash->chain, set->fields[ARC_AUTHENTICATION_RESULTS], true);
    add_field(hash, hash->chain, set->fields[ARC_MESSAGE_SIGNATURE], true);
    if (md && EVP_MD_CTX_copy_ex(md, hash->chain) == 1) {
        add_signature(hash, md, set->fields[ARC_SEAL], set->seal.b_extent, true);
        EVP_DigestFinal_ex(md, digest, NULL);
    }
    EVP_MD_CTX_free(md);
    add_field(hash, hash->chain, set->fields[ARC_SEAL], true);
}
