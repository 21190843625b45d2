/* Proves filters/signature/header_hash.c: what is hashed is compared with the text that the RFC says. */
#include "filters/signature/header_hash.h"

#include "base/buf.h"
#include "tests/unit/filters/signature/fields_fixture.h"

static void digest_text(const char *text, uint8_t out[SHA256_BYTES])
{
    struct digest *digest = digest_new(fields.arena);
    digest_add(digest, slice_of(text));
    ck_assert(digest_of(digest, out));
}

/* The signature is the field at index own, its b= the text between "b=" and ";" in it. */
static bool hash(size_t own, const char *h, bool relaxed, uint8_t out[SHA256_BYTES])
{
    struct digest *digest = digest_new(fields.arena);
    struct slice raw = fields.fields[own].raw;
    const char *b = strstr(raw.ptr, "b=") + 2;
    struct header_signature signature = {.field = own, .h = slice_of(h), .b = slice_make(b, strcspn(b, ";")), .relaxed = relaxed};
    return header_hash_add_signed(digest, &fields, &signature) && digest_of(digest, out);
}

static void expect(size_t own, const char *h, bool relaxed, const char *text)
{
    uint8_t ours[SHA256_BYTES], rfc[SHA256_BYTES];
    ck_assert(hash(own, h, relaxed, ours));
    digest_text(text, rfc);
    ck_assert_msg(memcmp(ours, rfc, sizeof ours) == 0, "%s is not %s", h, text);
}

START_TEST(the_example_of_the_rfc_holds)
{
    open_fields("A: X", "B : Y\t\r\n\tZ  ", "S: b=AAAA;", NULL); /* RFC 6376 §3.4.5 */
    expect(2, "a:b", true, "a:X\r\nb:Y Z\r\ns:b=;");
    expect(2, "a:b", false, "A: X\r\nB : Y\t\r\n\tZ  \r\nS: b=;");
    close_fields();
}
END_TEST

START_TEST(names_are_taken_in_the_order_of_h_and_from_the_bottom)
{
    open_fields("To: 1", "From: a", "To: 2", "S: x; b=AA ;y", NULL);
    expect(3, "to : from:TO:to:cc:", true, "to:2\r\nfrom:a\r\nto:1\r\ns:x; b=;y");
    expect(3, "", true, "s:x; b=;y");
    close_fields();
}
END_TEST

/* §3.5 */
START_TEST(its_own_field_is_never_meant_by_h)
{
    open_fields("S: other", "From: a", "S: b=AA", NULL);
    expect(2, "s:from:s", true, "s:other\r\nfrom:a\r\ns:b=");
    close_fields();
    open_fields("S: b=AA", "From: a", "S: other", NULL);
    expect(0, "s:from:s:s", true, "s:other\r\nfrom:a\r\ns:b=");
    close_fields();
}
END_TEST

START_TEST(more_names_than_anybody_signs_are_refused)
{
    struct buf h = {0};
    uint8_t out[SHA256_BYTES];
    open_fields("S: b=AA", NULL);
    for (int i = 1; i < HEADER_HASH_NAMES_MAX; i++)
        buf_add_text(&h, "to:");
    ck_assert(hash(0, h.ptr, true, out));
    buf_add_text(&h, "to:");
    ck_assert(!hash(0, h.ptr, true, out));
    buf_release(&h);
    close_fields();
}
END_TEST

UNIT_MAIN("filters/signature/header_hash", the_example_of_the_rfc_holds, names_are_taken_in_the_order_of_h_and_from_the_bottom,
          its_own_field_is_never_meant_by_h, more_names_than_anybody_signs_are_refused)
