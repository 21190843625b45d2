/* Proves filters/arc/arc_verifier.c and what it stands on, with messages sealed by others. */
#include "filters/arc/arc_verifier.h"
#include "tests/unit/filters/arc/arc_fixture.h"

static const struct arc_report *expect(const char *message, enum arc_result result, const char *reason)
{
    const struct arc_report *report = verify(message);
    ck_assert_msg(report->result == result, "%s (%s), expected \"%s\"", arc_result_word(report->result), report->reason, reason);
    ck_assert_str_eq(report->reason, reason);
    ck_assert(result == ARC_IS_PASS || (report->domain.len == 0 && report->domain_count == 0 && report->oldest_pass == 0));
    return report;
}

START_TEST(a_message_without_chain_has_none)
{
    setup();
    ck_assert_uint_eq(expect(read_file("none.eml"), ARC_IS_NONE, "")->sets, 0);
    expect("\r\nbody", ARC_IS_NONE, "");
    teardown();
}
END_TEST

START_TEST(good_chains_of_every_kind_pass)
{
    setup();
    static const char *const names[] = {"one.eml", "three.eml", "altered.eml", "simple.eml", "ed25519.eml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        expect(read_file(names[i]), ARC_IS_PASS, "");
    teardown();
}
END_TEST

START_TEST(who_sealed_is_told_newest_first)
{
    setup();
    const struct arc_report *report = expect(read_file("three.eml"), ARC_IS_PASS, "");
    ck_assert_uint_eq(report->sets, 3);
    ck_slice_eq(report->domain, "three.example");
    ck_assert_uint_eq(report->domain_count, 3);
    ck_slice_eq(report->domains[1], "two.example");
    ck_slice_eq(report->domains[2], "one.example");
    ck_assert_uint_eq(report->oldest_pass, 0);
    teardown();
}
END_TEST

START_TEST(since_when_the_message_is_unaltered_is_told)
{
    setup();
    ck_assert_uint_eq(expect(read_file("altered.eml"), ARC_IS_PASS, "")->oldest_pass, 2);
    char *end_altered = arena_format(arena, "%sMore\r\n", read_file("altered.eml"));
    expect(end_altered, ARC_IS_FAIL, "body has been altered");
    teardown();
}
END_TEST

START_TEST(a_chain_may_be_as_long_as_the_option_says)
{
    setup();
    expect(read_file("eleven.eml"), ARC_IS_FAIL, "too many ARC sets");
    options.max_sets = 11;
    const struct arc_report *report = expect(read_file("eleven.eml"), ARC_IS_PASS, "");
    ck_assert_uint_eq(report->domain_count, 1);
    ck_assert_uint_eq(report->sets, 11);
    teardown();
}
END_TEST

START_TEST(what_was_signed_may_not_change)
{
    setup();
    const char *one = read_file("one.eml");
    expect(altered(one, "Dear Bob", "Dear Rob"), ARC_IS_FAIL, "body has been altered");
    expect(altered(one, "From: Alice", "From: Mallory"), ARC_IS_FAIL, "message signature does not match");
    expect(altered(one, "To: List", "Subject: another\r\nTo: List"), ARC_IS_PASS, "");
    expect(altered(one, "i=1; mx.one.example; spf=pass", "i=1; mx.one.example; spf=fail"), ARC_IS_FAIL, "seal does not match");
    expect(altered(one, "ARC-Seal: i=1; cv=none;", "ARC-Seal: i=1;  cv=none; x=y;"), ARC_IS_FAIL, "seal does not match");
    teardown();
}
END_TEST

START_TEST(a_second_from_field_fails_the_chain)
{
    setup();
    const char *one = read_file("one.eml");
    expect(altered(one, "From: Alice", "From: ceo@victim.example\r\nFrom: Alice"), ARC_IS_FAIL, "several From fields");
    expect(altered(one, "Message-ID:", "fROM : ceo@victim.example\r\nMessage-ID:"), ARC_IS_FAIL, "several From fields");
    expect(altered(read_file("none.eml"), "From: Alice", "From: ceo@victim.example\r\nFrom: Alice"), ARC_IS_NONE, "");
    teardown();
}
END_TEST

START_TEST(relaxed_form_sees_through_white_space)
{
    setup();
    const char *one = read_file("one.eml");
    expect(altered(one, "To: List <list", "tO:\t List \r\n\t <list"), ARC_IS_PASS, "");
    expect(altered(one, "this  is\ta", "this is a"), ARC_IS_PASS, "");
    expect(altered(one, "ARC-Authentication-Results: i=1; mx", "arc-authentication-results:   i=1;\r\n mx"), ARC_IS_PASS, "");
    const char *simple = read_file("simple.eml");
    expect(altered(simple, "To: List", "To:  List"), ARC_IS_FAIL, "message signature does not match");
    expect(altered(simple, "this  is\ta", "this is a"), ARC_IS_FAIL, "body has been altered");
    teardown();
}
END_TEST

START_TEST(every_seal_must_hold)
{
    setup();
    const char *three = read_file("three.eml");
    expect(altered(three, "i=1; mx.one.example; spf=pass", "i=1; mx.one.example; spf=none"), ARC_IS_FAIL, "seal does not match");
    key_of("one.example")->data = key_of("two.example")->data;
    expect(three, ARC_IS_FAIL, "seal does not match");
    teardown();
}
END_TEST

START_TEST(a_broken_structure_fails_before_any_signature_counts)
{
    setup();
    const char *one = read_file("one.eml"), *three = read_file("three.eml");
    expect(altered(one, "cv=none", "cv=fail"), ARC_IS_FAIL, "chain was broken before");
    expect(altered(one, "cv=none", "cv=pass"), ARC_IS_FAIL, "cv= does not fit");
    expect(altered(one, "cv=none", "cv=good"), ARC_IS_FAIL, "cv= does not fit");
    expect(altered(one, "cv=none; ", ""), ARC_IS_FAIL, "cv= does not fit");
    expect(altered(three, "i=3; cv=pass", "i=3; cv=none"), ARC_IS_FAIL, "cv= does not fit");
    expect(altered(three, "i=2; cv=pass", "i=2; cv=fail"), ARC_IS_FAIL, "cv= does not fit");
    expect(altered(one, "ARC-Authentication-Results", "X-Results"), ARC_IS_FAIL, "an ARC set is not complete");
    expect(altered(one, "ARC-Message-Signature", "X-Signature"), ARC_IS_FAIL, "an ARC set is not complete");
    expect(altered(one, "ARC-Seal", "X-Seal"), ARC_IS_FAIL, "an ARC set is not complete");
    expect(altered(three, "ARC-Seal: i=2;", "ARC-Seal: i=4;"), ARC_IS_FAIL, "an ARC set is not complete");
    expect(altered(three, "ARC-Seal: i=2;", "ARC-Seal: i=1;"), ARC_IS_FAIL, "an ARC field is there twice");
    expect(altered(one, "ARC-Seal: i=1;", "ARC-Seal: i=51;"), ARC_IS_FAIL, "an ARC field has no instance");
    expect(altered(one, "ARC-Seal: i=1;", "ARC-Seal: i=0;"), ARC_IS_FAIL, "an ARC field has no instance");
    expect(altered(one, "ARC-Seal: i=1;", "ARC-Seal: "), ARC_IS_FAIL, "an ARC field has no instance");
    expect(altered(one, "ARC-Seal: i=1;", "ARC-Seal: i=1; i=1;"), ARC_IS_FAIL, "an ARC field is malformed");
    teardown();
}
END_TEST

START_TEST(signatures_that_do_not_say_enough_fail)
{
    setup();
    const char *one = read_file("one.eml");
    const char *ams = "ARC-Message-Signature: i=1; ", *seal = "ARC-Seal: i=1; ";
    char long_list[600] = "";
    for (size_t i = 0; i < 256; i++)
        strcat(long_list, ":x");
    expect(altered(one, seal, arena_format(arena, "%sh=from; ", seal)), ARC_IS_FAIL, "ARC-Seal has h=");
    expect(altered(one, ams, arena_format(arena, "%sl=5; ", ams)), ARC_IS_FAIL, "l= is not accepted");
    expect(altered(one, ams, arena_format(arena, "%sq=http; ", ams)), ARC_IS_FAIL, "q= is not known");
    expect(altered(one, ams, arena_format(arena, "%sq=dns/txt; ", ams)), ARC_IS_FAIL, "message signature does not match");
    expect(altered(one, ams, arena_format(arena, "%sx=1749990000; ", ams)), ARC_IS_FAIL, "x= is before t=");
    expect(altered(one, ams, arena_format(arena, "%sx=soon; ", ams)), ARC_IS_FAIL, "t= or x= is no time");
    expect(altered(one, "h=from : to", "h=to"), ARC_IS_FAIL, "From is not signed");
    expect(altered(one, "h=from : to", "h=from : arc-seal"), ARC_IS_FAIL, "h= names ARC-Seal");
    expect(altered(one, "c=relaxed/relaxed", "c=relaxed/strict"), ARC_IS_FAIL, "canonicalisation is not known");
    expect(altered(one, "c=relaxed/relaxed;", ""), ARC_IS_FAIL, "body has been altered"); /* simple/simple */
    expect(altered(one, "bh=", "hb="), ARC_IS_FAIL, "bh= is missing");
    expect(altered(one, "\r\n b=", "\r\n bb="), ARC_IS_FAIL, "b= is missing");
    expect(altered(one, "h=from : to", arena_format(arena, "h=from%s", long_list)), ARC_IS_FAIL, "h= names too many fields");
    expect(altered(one, "c=relaxed/relaxed;\r\n d=one.example", "c=relaxed/relaxed;\r\n d=example"), ARC_IS_FAIL, "d= is no domain name");
    teardown();
}
END_TEST

START_TEST(algorithms_and_keys_must_be_strong_enough)
{
    setup();
    const char *one = read_file("one.eml");
    expect(altered(one, "a=rsa-sha256", "a=rsa-sha1"), ARC_IS_FAIL, "algorithm is not known");
    expect(altered(one, "a=rsa-sha256", "a=ed25519-sha256"), ARC_IS_FAIL, "key is of another type than the signature");
    expect(read_file("short-key.eml"), ARC_IS_FAIL, "key is too short");
    options.min_key_bits = 512;
    expect(read_file("short-key.eml"), ARC_IS_PASS, "");
    teardown();
}
END_TEST

START_TEST(message_signatures_have_their_time)
{
    setup();
    now = 1749999600;
    expect(read_file("one.eml"), ARC_IS_FAIL, "message signature is from the future");
    now = 1749999700;
    expect(read_file("one.eml"), ARC_IS_PASS, "");
    now = 1750000401;
    const char *with_end = altered(read_file("one.eml"), "s=arc; t=1750000000; h=", "s=arc; t=1750000000; x=1750000100; h=");
    expect(with_end, ARC_IS_FAIL, "message signature has expired");
    now--;
    expect(with_end, ARC_IS_FAIL, "message signature does not match");
    teardown();
}
END_TEST

START_TEST(keys_that_cannot_be_had_are_told_apart)
{
    setup();
    const char *three = read_file("three.eml");
    const char *first = key_of("one.example")->data;
    key_of("one.example")->data = "!";
    expect(three, ARC_IS_TEMPERROR, "key could not be looked up");
    key_of("one.example")->data = first;
    key_of("three.example")->data = "!";
    expect(three, ARC_IS_TEMPERROR, "key could not be looked up");
    key_of("two.example")->data = "-";
    expect(three, ARC_IS_FAIL, "no key"); /* outweighs what may yet come */
    key_of("two.example")->data = "v=DKIM1; p=";
    expect(three, ARC_IS_FAIL, "key is revoked");
    key_of("two.example")->data = "v=DKIM1; p=AAAA";
    expect(three, ARC_IS_FAIL, "key is malformed");
    teardown();
}
END_TEST

START_TEST(an_older_signature_without_key_only_moves_oldest_pass)
{
    setup();
    ck_assert_uint_eq(expect(read_file("two-keys.eml"), ARC_IS_PASS, "")->oldest_pass, 0);
    key_at("message", "one.example")->data = "-";
    ck_assert_uint_eq(expect(read_file("two-keys.eml"), ARC_IS_PASS, "")->oldest_pass, 2);
    key_at("message", "one.example")->data = "!";
    ck_assert_uint_eq(expect(read_file("two-keys.eml"), ARC_IS_PASS, "")->oldest_pass, 2);
    teardown();
}
END_TEST

/* A letter of a field's name in the other case is the same name, unless the name was signed as it is written. */
static bool is_only_case(struct slice message, size_t at, unsigned bit)
{
    size_t start = at;
    while (start > 0 && message.ptr[start - 1] != '\n')
        start--;
    struct slice name = slice_first(slice_skip(message, start), (size_t)slice_index(slice_skip(message, start), ':'));
    bool folded = message.ptr[start] == ' ' || message.ptr[start] == '\t';
    return bit == 5 && !folded && at < start + name.len && ascii_is_alpha(message.ptr[at]);
}

/* Whether this byte is in the one field that nobody signed. */
static bool is_unsigned(struct slice message, size_t at)
{
    const char *field = strstr(message.ptr, "\nAuthentication-Results");
    if (!field)
        return false;
    size_t start = (size_t)(++field - message.ptr);
    return at >= start && at < start + (size_t)(strstr(field, "\r\n") - field);
}

/* The case of tag values that are compared without case is signed, too, so nothing else is exempt. */
static void flip_every_bit(const char *name)
{
    struct slice message = slice_of(read_file(name));
    char *copy = arena_string(arena, message);
    size_t body = (size_t)(strstr(copy, "\r\n\r\n") + 2 - copy);
    struct arena *scratch = arena_new();
    for (size_t at = 0; at < message.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            if (is_unsigned(message, at) || (at < body && is_only_case(message, at, bit)))
                continue;
            copy[at] = (char)(copy[at] ^ 1 << bit);
            bool passed = verify_bytes(slice_make(copy, message.len), scratch)->result == ARC_IS_PASS;
            ck_assert_msg(!passed, "%s: byte %zu, bit %u", name, at, bit);
            copy[at] = message.ptr[at];
            arena_clear(scratch);
        }
    arena_free(&scratch);
}

START_TEST(no_flipped_bit_passes_under_an_rsa_seal)
{
    setup();
    flip_every_bit("one.eml");
    teardown();
}
END_TEST

START_TEST(no_flipped_bit_passes_under_an_ed25519_seal)
{
    setup();
    flip_every_bit("ed25519.eml");
    teardown();
}
END_TEST

START_TEST(no_flipped_bit_passes_under_the_simple_form)
{
    setup();
    flip_every_bit("simple.eml");
    teardown();
}
END_TEST

UNIT_MAIN("filters/arc/arc_verifier", a_message_without_chain_has_none, good_chains_of_every_kind_pass, who_sealed_is_told_newest_first,
          since_when_the_message_is_unaltered_is_told, a_chain_may_be_as_long_as_the_option_says, what_was_signed_may_not_change,
          a_second_from_field_fails_the_chain, relaxed_form_sees_through_white_space, every_seal_must_hold,
          a_broken_structure_fails_before_any_signature_counts, signatures_that_do_not_say_enough_fail,
          algorithms_and_keys_must_be_strong_enough, message_signatures_have_their_time, keys_that_cannot_be_had_are_told_apart,
          an_older_signature_without_key_only_moves_oldest_pass, no_flipped_bit_passes_under_an_rsa_seal,
          no_flipped_bit_passes_under_an_ed25519_seal, no_flipped_bit_passes_under_the_simple_form)
