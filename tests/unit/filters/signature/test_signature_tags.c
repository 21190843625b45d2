/* Proves filters/signature/signature_tags.c. */
#include "filters/signature/signature_tags.h"
#include "tests/unit/unit.h"

START_TEST(algorithms_are_told_apart)
{
    enum key_type type;
    ck_assert(signature_tags_read_algorithm(SLICE("rsa-sha256"), &type) && type == KEY_RSA);
    ck_assert(signature_tags_read_algorithm(SLICE("Ed25519-SHA256"), &type) && type == KEY_ED25519);
    ck_assert(!signature_tags_read_algorithm(SLICE("rsa-sha1"), &type));
    ck_assert(!signature_tags_read_algorithm(SLICE(""), &type));
}
END_TEST

START_TEST(canonicalisation_has_defaults)
{
    static const struct {
        const char *c;
        bool header, body;
    } good[] = {{"", false, false},
                {"simple", false, false},
                {"relaxed", true, false},
                {"simple/relaxed", false, true},
                {"Relaxed/RELAXED", true, true},
                {"relaxed/simple", true, false}};
    static const char *const bad[] = {"relaxed/", "/simple", "nowsp", "simple/simple/simple", "simple /simple"};
    bool header, body;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(signature_tags_read_canon(slice_of(good[i].c), &header, &body), "%s", good[i].c);
        ck_assert(header == good[i].header && body == good[i].body);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!signature_tags_read_canon(slice_of(bad[i]), &header, &body), "%s", bad[i]);
}
END_TEST

START_TEST(keys_have_names)
{
    struct arena *arena = arena_new();
    struct slice name;
    ck_assert(signature_tags_read_key_name(SLICE("A.b"), SLICE("example.com"), arena, &name));
    ck_slice_eq(name, "a.b._domainkey.example.com");
    ck_assert(!signature_tags_read_key_name(SLICE(""), SLICE("example.com"), arena, &name));
    ck_assert(!signature_tags_read_key_name(SLICE("a..b"), SLICE("example.com"), arena, &name));
    ck_assert(!signature_tags_read_key_name(SLICE("a(b"), SLICE("example.com"), arena, &name));
    arena_free(&arena);
}
END_TEST

START_TEST(times_lists_and_methods)
{
    struct tag_list tags;
    uint64_t at;
    ck_assert(tag_list_parse(SLICE("t=17; x=1.5; q=other : DNS/txt; h=to: From"), &tags));
    ck_assert(signature_tags_read_time(&tags, "t", &at) && at == 17);
    ck_assert(!signature_tags_read_time(&tags, "x", &at));
    ck_assert(signature_tags_read_time(&tags, "z", &at) && at == 0);
    ck_assert(signature_tags_ask_dns(&tags));
    ck_assert(signature_tags_sign(tag_list_value(&tags, "h"), "from"));
    ck_assert(!signature_tags_sign(tag_list_value(&tags, "h"), "cc"));
    ck_assert(tag_list_parse(SLICE("q=other"), &tags) && !signature_tags_ask_dns(&tags));
    ck_assert(tag_list_parse(SLICE("a=b"), &tags) && signature_tags_ask_dns(&tags));
}
END_TEST

UNIT_MAIN("filters/signature/signature_tags", algorithms_are_told_apart, canonicalisation_has_defaults, keys_have_names,
          times_lists_and_methods)
