/* Proves filters/signature/body_hash.c. */
#include "filters/signature/body_hash.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static const char *hash_of(struct slice text)
{
    uint8_t out[SHA256_BYTES];
    char *base64 = arena_alloc(arena, SHA256_BASE64);
    struct digest *digest = digest_new(arena);
    digest_add(digest, text);
    ck_assert(digest_of(digest, out));
    digest_to_base64(out, base64);
    return base64;
}

/* RFC 6376 §3.4.3, §3.4.4 give these. */
START_TEST(empty_bodies_have_the_hashes_of_the_rfc)
{
    arena = arena_new();
    struct body_hash *simple = body_hash_new(arena, false), *relaxed = body_hash_new(arena, true);
    body_hash_finish(simple);
    body_hash_finish(relaxed);
    ck_assert_str_eq(body_hash_whole(simple), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    ck_assert_str_eq(body_hash_whole(relaxed), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    ck_assert_uint_eq(body_hash_length(simple), 2);
    ck_assert_uint_eq(body_hash_length(relaxed), 0);
    arena_free(&arena);
}
END_TEST

START_TEST(every_length_is_hashed_in_passing)
{
    static const char text[] = "one  two\r\n\r\nthree \r\n", canonical[] = "one two\r\n\r\nthree\r\n";
    const size_t all = strlen(canonical);
    arena = arena_new();
    for (size_t piece = 1; piece <= sizeof text; piece++)
        for (size_t length = 0; length <= all + 1; length++) {
            struct body_hash *body = body_hash_new(arena, true);
            ck_assert(body_hash_want(body, length));
            ck_assert(body_hash_want(body, 3));
            ck_assert(body_hash_want(body, all));
            ck_assert(body_hash_want(body, length));
            for (struct slice rest = SLICE(text); rest.len; rest = slice_skip(rest, piece))
                body_hash_add(body, slice_first(rest, piece));
            body_hash_finish(body);
            ck_assert_uint_eq(body_hash_length(body), all);
            ck_assert_str_eq(body_hash_whole(body), hash_of(slice_of(canonical)));
            ck_assert_str_eq(body_hash_first(body, 3), hash_of(SLICE("one")));
            ck_assert_str_eq(body_hash_first(body, all), body_hash_whole(body));
            ck_assert_str_eq(body_hash_first(body, length), length > all ? "" : hash_of(slice_make(canonical, length)));
        }
    arena_free(&arena);
}
END_TEST

START_TEST(so_many_lengths_and_no_more)
{
    arena = arena_new();
    struct body_hash *body = body_hash_new(arena, false);
    for (uint64_t i = 0; i < BODY_CUTS_MAX; i++)
        ck_assert(body_hash_want(body, 100 - i));
    ck_assert(body_hash_want(body, 100));
    ck_assert(!body_hash_want(body, 7));
    ck_assert_str_eq(body_hash_first(body, 7), "");
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/signature/body_hash", empty_bodies_have_the_hashes_of_the_rfc, every_length_is_hashed_in_passing,
          so_many_lengths_and_no_more)
