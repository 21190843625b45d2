/* Proves filters/signature/key_cache.c. */
#include "filters/signature/key_cache.h"
#include "tests/unit/unit.h"

#include <openssl/evp.h>

static EVP_PKEY *make_key(unsigned n)
{
    unsigned char bytes[32] = {(unsigned char)n, (unsigned char)(n >> 8)};
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, sizeof bytes);
}

static struct slice text_of(unsigned n)
{
    static char text[16];
    return slice_make(text, (size_t)snprintf(text, sizeof text, "key %u", n));
}

static void add(unsigned n)
{
    EVP_PKEY *key = make_key(n);
    key_cache_add(text_of(n), key);
    EVP_PKEY_free(key);
}

static bool holds(unsigned n)
{
    EVP_PKEY *found = key_cache_find(text_of(n)), *expected = make_key(n);
    bool same = found && EVP_PKEY_eq(found, expected) == 1;
    ck_assert(same || !found);
    EVP_PKEY_free(found);
    EVP_PKEY_free(expected);
    return same;
}

START_TEST(a_key_is_found_by_its_bytes)
{
    ck_assert(!holds(1));
    add(1);
    add(1);
    add(2);
    ck_assert(holds(1));
    ck_assert(holds(2));
    ck_assert_ptr_null(key_cache_find(SLICE("key")));
    ck_assert_ptr_null(key_cache_find(SLICE("KEY 1")));
    ck_assert_ptr_null(key_cache_find(SLICE("")));
}
END_TEST

START_TEST(the_one_not_asked_for_longest_makes_room)
{
    for (unsigned n = 0; n < KEY_CACHE_MAX; n++)
        add(n);
    ck_assert(holds(0));
    add(KEY_CACHE_MAX);
    ck_assert(holds(0));
    ck_assert(!holds(1));
    ck_assert(holds(2));
    for (unsigned n = 3; n <= KEY_CACHE_MAX; n++)
        ck_assert(holds(n));
    add(5000);
    ck_assert(!holds(0));
    ck_assert(holds(2));
}
END_TEST

/* Who holds a key may go on with it. */
START_TEST(a_key_lives_as_long_as_it_is_held)
{
    add(1);
    EVP_PKEY *held = key_cache_find(text_of(1)), *same = make_key(1);
    for (unsigned n = 2; n < KEY_CACHE_MAX + 10; n++)
        add(n);
    ck_assert(!holds(1));
    ck_assert_int_eq(EVP_PKEY_eq(held, same), 1);
    EVP_PKEY_free(held);
    EVP_PKEY_free(same);
}
END_TEST

UNIT_MAIN("filters/signature/key_cache", a_key_is_found_by_its_bytes, the_one_not_asked_for_longest_makes_room,
          a_key_lives_as_long_as_it_is_held)
