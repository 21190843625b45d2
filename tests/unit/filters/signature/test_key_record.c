#include "filters/signature/key_record.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct key_record choose(struct arena *arena, const char *const *texts, enum key_type type)
{
    struct dns_record records[8] = {0};
    struct dns_answer answer = {.status = DNS_OK, .records = records};
    struct key_record out;
    for (; texts[answer.count]; answer.count++)
        records[answer.count].data = slice_of(texts[answer.count]);
    key_record_choose(&answer, type, arena, &out);
    return out;
}

static void expect(const char *text, enum key_status status, const char *written)
{
    struct arena *arena = arena_new();
    const char *texts[] = {text, NULL};
    struct key_record out = choose(arena, texts, KEY_RSA);
    ck_assert_msg(out.status == status, "%s: %s", text, out.reason);
    if (written)
        ck_assert_str_eq(out.text, written);
    arena_free(&arena);
}

START_TEST(a_record_is_written_anew)
{
    expect("v=DKIM1; k=rsa; p=QUJD", KEY_FOUND, "v=DKIM1; k=rsa; p=QUJD");
    expect("p=QU JD\r\n\t==", KEY_FOUND, "v=DKIM1; k=rsa; p=QUJD==");
    expect(" v = DKIM1 ;n=a note; x=y ;t= y : s; h=sha1:sha256; s=email; p = QUJD ;", KEY_FOUND, "v=DKIM1; k=rsa; t=s; p=QUJD");
}
END_TEST

START_TEST(a_double_semicolon_never_reaches_the_library)
{
    expect("v=DKIM1;; k=rsa;;;p=QUJD;;", KEY_FOUND, "v=DKIM1; k=rsa; p=QUJD");
}
END_TEST

START_TEST(records_that_are_no_keys_are_unusable)
{
    expect("", KEY_UNUSABLE, NULL);
    expect("v=spf1 -all", KEY_UNUSABLE, NULL);
    expect("v=DKIM2; p=QUJD", KEY_UNUSABLE, NULL);
    expect("p=QUJD; v=DKIM1", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; k=rsa", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; p=QUJD; p=QUJD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; p=QU,JD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; k=ed25519; p=QUJD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; K=rsa; h=sha1; p=QUJD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; s=tlsrpt; p=QUJD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; k=RSA; p=QUJD", KEY_UNUSABLE, NULL);
    expect("v=DKIM1; p", KEY_UNUSABLE, NULL);
}
END_TEST

START_TEST(an_empty_key_is_revoked)
{
    expect("v=DKIM1; p=", KEY_REVOKED, NULL);
    expect("v=DKIM1; p= ;", KEY_REVOKED, NULL);
}
END_TEST

START_TEST(a_key_of_more_than_1024_bytes_is_unusable_and_not_cut)
{
    char text[2000] = "v=DKIM1; p=";
    size_t n = strlen(text);
    memset(text + n, 'A', 1300);
    expect(text, KEY_UNUSABLE, NULL);
    text[KEY_RECORD_MAX - strlen(" k=rsa;")] = '\0';
    expect(text, KEY_FOUND, NULL);
    text[KEY_RECORD_MAX - strlen(" k=rsa;")] = 'A';
    text[KEY_RECORD_MAX - strlen(" k=rsa;") + 1] = '\0';
    expect(text, KEY_UNUSABLE, NULL);
}
END_TEST

START_TEST(among_several_texts_the_one_key_is_found_in_any_order)
{
    struct arena *arena = arena_new();
    const char *const key_last[] = {"v=spf1 -all", "v=DKIM1; p=", "v=DKIM1; p=QUJD", NULL};
    const char *const key_first[] = {"v=DKIM1; p=QUJD", "v=DKIM1; p=", "google-site=1", NULL};
    ck_assert_int_eq(choose(arena, key_last, KEY_RSA).status, KEY_FOUND);
    ck_assert_int_eq(choose(arena, key_first, KEY_RSA).status, KEY_FOUND);
    arena_free(&arena);
}
END_TEST

START_TEST(two_usable_keys_are_one_too_many)
{
    struct arena *arena = arena_new();
    const char *const two[] = {"v=DKIM1; p=QUJD", "v=DKIM1; p=REVG", NULL};
    struct key_record out = choose(arena, two, KEY_RSA);
    ck_assert_int_eq(out.status, KEY_UNUSABLE);
    ck_assert_str_eq(out.reason, "several keys at one name");
    arena_free(&arena);
}
END_TEST

START_TEST(the_signature_s_algorithm_chooses_between_two_types)
{
    struct arena *arena = arena_new();
    const char *const both[] = {"v=DKIM1; p=QUJD", "v=DKIM1; k=ed25519; p=REVG", NULL};
    ck_assert_str_eq(choose(arena, both, KEY_ED25519).text, "v=DKIM1; k=ed25519; p=REVG");
    ck_assert_str_eq(choose(arena, both, KEY_RSA).text, "v=DKIM1; k=rsa; p=QUJD");
    arena_free(&arena);
}
END_TEST

START_TEST(no_answer_is_no_missing_key)
{
    struct arena *arena = arena_new();
    struct key_record out;
    key_record_choose(&(struct dns_answer){.status = DNS_FAILURE}, KEY_RSA, arena, &out);
    ck_assert_int_eq(out.status, KEY_UNKNOWN);
    key_record_choose(&(struct dns_answer){.status = DNS_NXDOMAIN}, KEY_RSA, arena, &out);
    ck_assert_int_eq(out.status, KEY_ABSENT);
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("filters/signature/key_record", a_record_is_written_anew, a_double_semicolon_never_reaches_the_library,
          records_that_are_no_keys_are_unusable, an_empty_key_is_revoked, a_key_of_more_than_1024_bytes_is_unusable_and_not_cut,
          among_several_texts_the_one_key_is_found_in_any_order, two_usable_keys_are_one_too_many,
          the_signature_s_algorithm_chooses_between_two_types, no_answer_is_no_missing_key)
