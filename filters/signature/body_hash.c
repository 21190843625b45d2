/* body_hash: see body_hash.h. The lengths that are wanted are kept in ascending order: only the next one is looked at. */
#include "filters/signature/body_hash.h"

struct cut {
    uint64_t length;
    char base64[SHA256_BASE64];
};

struct body_hash {
    struct body_canon canon;
    struct digest *digest;
    uint64_t length;
    struct cut cuts[BODY_CUTS_MAX];
    size_t count, next;
    char whole[SHA256_BASE64];
};

static void take(struct body_hash *body, char base64[SHA256_BASE64])
{
    uint8_t digest[SHA256_BYTES];
    if (digest_of(body->digest, digest))
        digest_to_base64(digest, base64);
}

static void add(struct body_hash *body, struct slice s)
{
    digest_add(body->digest, s);
    body->length += s.len;
}

static void take_reached_cuts(struct body_hash *body)
{
    for (; body->next < body->count && body->cuts[body->next].length == body->length; body->next++)
        take(body, body->cuts[body->next].base64);
}

static void take_piece(void *ctx, struct slice piece)
{
    struct body_hash *body = ctx;
    take_reached_cuts(body);
    while (body->next < body->count && body->cuts[body->next].length < body->length + piece.len) {
        size_t before = (size_t)(body->cuts[body->next].length - body->length);
        add(body, slice_first(piece, before));
        piece = slice_skip(piece, before);
        take_reached_cuts(body);
    }
    add(body, piece);
}

struct body_hash *body_hash_new(struct arena *arena, bool relaxed)
{
    struct body_hash *body = arena_alloc(arena, sizeof *body);
    body->digest = digest_new(arena);
    body_canon_init(&body->canon, relaxed, take_piece, body);
    return body->digest ? body : NULL;
}

bool body_hash_want(struct body_hash *body, uint64_t length)
{
    size_t i = 0;
    while (i < body->count && body->cuts[i].length < length)
        i++;
    if (i < body->count && body->cuts[i].length == length)
        return true;
    if (body->count == BODY_CUTS_MAX)
        return false;
    memmove(&body->cuts[i + 1], &body->cuts[i], (body->count - i) * sizeof body->cuts[0]);
    body->cuts[i] = (struct cut){.length = length};
    body->count++;
    return true;
}

void body_hash_add(struct body_hash *body, struct slice chunk)
{
    body_canon_add(&body->canon, chunk);
}

void body_hash_finish(struct body_hash *body)
{
    body_canon_finish(&body->canon);
    take_reached_cuts(body);
    take(body, body->whole);
}

uint64_t body_hash_length(const struct body_hash *body)
{
    return body->length;
}

const char *body_hash_whole(const struct body_hash *body)
{
    return body->whole;
}

const char *body_hash_first(const struct body_hash *body, uint64_t length)
{
    for (size_t i = 0; i < body->count; i++)
        if (body->cuts[i].length == length)
            return body->cuts[i].base64;
    return "";
}
