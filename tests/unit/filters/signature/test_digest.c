/* Proves filters/signature/digest.c. */
#include "filters/signature/digest.h"
#include "tests/unit/unit.h"

/* FIPS 180-4's example. */
#define OF_ABC "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static const char *text_of(struct digest *digest)
{
    static char text[SHA256_BASE64];
    uint8_t out[SHA256_BYTES];
    ck_assert(digest_of(digest, out));
    digest_to_base64(out, text);
    return text;
}

START_TEST(it_may_be_asked_on_the_way_and_goes_on)
{
    struct arena *arena = arena_new();
    struct digest *digest = digest_new(arena), *other = digest_new(arena);
    digest_add(digest, SLICE("ab"));
    ck_assert_str_ne(text_of(digest), OF_ABC);
    digest_continue(other, digest);
    digest_add(digest, SLICE("c"));
    ck_assert_str_eq(text_of(digest), OF_ABC);
    ck_assert_str_eq(text_of(digest), OF_ABC);
    digest_add(other, SLICE("x"));
    ck_assert_str_ne(text_of(other), OF_ABC);
    digest_restart(other);
    digest_add(other, SLICE("abc"));
    ck_assert_str_eq(text_of(other), OF_ABC);
    arena_free(&arena);
}
END_TEST

START_TEST(a_digest_has_its_base64)
{
    char text[48];
    uint8_t digest[SHA256_BYTES] = {0};
    digest_to_base64(digest, text);
    ck_assert_str_eq(text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}
END_TEST

UNIT_MAIN("filters/signature/digest", it_may_be_asked_on_the_way_and_goes_on, a_digest_has_its_base64)
