#include "filters/auth_results.h"
#include "tests/unit/unit.h"

static const char *formatted(struct arena *arena, const struct auth_results *results)
{
    struct buf out = {0};
    auth_results_format(results, "mx.example.com", &out);
    const char *text = arena_string(arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

static const char *with_value(struct arena *arena, struct slice value)
{
    struct auth_results results;
    auth_results_init(&results, arena);
    struct auth_property property = {"smtp", "mailfrom", value};
    auth_results_add(&results, &(struct auth_result){.method = "spf", .result = "pass", .properties = &property, .property_count = 1});
    return formatted(arena, &results);
}

START_TEST(no_results_say_none)
{
    struct arena *arena = arena_new();
    struct auth_results results;
    auth_results_init(&results, arena);
    ck_assert_str_eq(formatted(arena, &results), "Authentication-Results: mx.example.com; none\r\n");
    arena_free(&arena);
}
END_TEST

START_TEST(each_result_has_its_line)
{
    struct arena *arena = arena_new();
    struct auth_results results;
    auth_results_init(&results, arena);
    struct auth_property spf[] = {{"smtp", "mailfrom", SLICE("joe@example.org")}};
    struct auth_property dkim[] = {{"header", "d", SLICE("example.org")}, {"header", "b", SLICE("ab/+12==")}};
    auth_results_add(&results, &(struct auth_result){.method = "spf", .result = "pass", .properties = spf, .property_count = 1});
    auth_results_add(&results, &(struct auth_result){.method = "dkim",
                                                     .result = "fail",
                                                     .reason = SLICE("body hash \"did\" not verify"),
                                                     .comment = SLICE("2048 (bit) key"),
                                                     .properties = dkim,
                                                     .property_count = 2});
    ck_assert_str_eq(formatted(arena, &results), "Authentication-Results: mx.example.com;\r\n"
                                                 "\tspf=pass smtp.mailfrom=joe@example.org;\r\n"
                                                 "\tdkim=fail (2048 ?bit? key) reason=\"body hash \\\"did\\\" not verify\"\r\n"
                                                 "\theader.d=example.org header.b=\"ab/+12==\"\r\n");
    arena_free(&arena);
}
END_TEST

START_TEST(control_bytes_from_outside_never_reach_the_field)
{
    struct arena *arena = arena_new();
    const char *text = with_value(arena, slice_make("a\r\nX-Evil: 1\0\x7f\xc3\xa4", 16));
    ck_assert_str_eq(text, "Authentication-Results: mx.example.com;\r\n\tspf=pass smtp.mailfrom=\"a??X-Evil: 1????\"\r\n");
    arena_free(&arena);
}
END_TEST

START_TEST(values_that_are_no_token_are_quoted)
{
    struct arena *arena = arena_new();
    ck_assert_ptr_nonnull(strstr(with_value(arena, SLICE("\"a b\"@example.org")), "smtp.mailfrom=\"\\\"a b\\\"@example.org\"\r\n"));
    ck_assert_ptr_nonnull(strstr(with_value(arena, SLICE("")), "smtp.mailfrom=\"\"\r\n"));
    ck_assert_ptr_nonnull(strstr(with_value(arena, SLICE("a;dkim=pass")), "smtp.mailfrom=\"a;dkim=pass\"\r\n"));
    ck_assert_ptr_nonnull(strstr(with_value(arena, SLICE("example.com")), "smtp.mailfrom=example.com\r\n"));
    arena_free(&arena);
}
END_TEST

START_TEST(no_line_is_over_998_whatever_comes)
{
    struct arena *arena = arena_new();
    char *huge = arena_alloc(arena, 5000);
    memset(huge, '"', 5000);
    const char *text = with_value(arena, slice_make(huge, 5000));
    for (const char *line = text, *end; (end = strstr(line, "\r\n")) != NULL; line = end + 2)
        ck_assert_int_le(end - line, 998);
    arena_free(&arena);
}
END_TEST

START_TEST(our_id_is_recognised_in_every_disguise)
{
    const char *const ours[] = {
        " mx.example.com; spf=pass",
        "MX.Example.COM; none",
        "mx.example.com 1; spf=pass",
        "mx.example.com/1; spf=pass",
        "(c) mx.example.com (d) ; spf=pass",
        "\r\n\tmx.example.com;\r\n\tspf=pass",
        "\"mx.example.com\"; spf=pass",
        "\"mx\\.example.com\"; spf=pass",
        "mx . example . com; spf=pass",
        "mx.(x)example.com; spf=pass",
        "mx.example.com.; spf=pass",
        "mx.example.com spf=pass",
        "mx.example.com",
        "mx.example.com (open; spf=pass",
        "\"mx.example.com; spf=pass",
        "(mx.example.com; spf=pass",
        "<mx.example.com>; spf=pass",
        ",mx.example.com; spf=pass",
        ";mx.example.com; spf=pass",
        "@mx.example.com; spf=pass",
    };
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        ck_assert_msg(auth_results_claims(slice_of(ours[i]), "mx.example.com"), "%s", ours[i]);
    ck_assert(auth_results_claims(slice_make("mx.example.com\0; spf=pass", 25), "mx.example.com"));
}
END_TEST

START_TEST(other_ids_are_left_alone)
{
    const char *const others[] = {
        "mx.example.org; spf=pass",
        "example.com; spf=pass",
        "amx.example.com; spf=pass",
        "mx.example.com.evil.org; spf=pass",
        "mx.example.community; spf=pass",
        "other.example; spf=pass smtp.helo=mx.example.com",
        "other.example (mx.example.com); spf=pass",
        "other.example; spf=pass (open mx.example.com",
        "",
        ";",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_msg(!auth_results_claims(slice_of(others[i]), "mx.example.com"), "%s", others[i]);
}
END_TEST

UNIT_MAIN("filters/auth_results", no_results_say_none, each_result_has_its_line, control_bytes_from_outside_never_reach_the_field,
          values_that_are_no_token_are_quoted, no_line_is_over_998_whatever_comes, our_id_is_recognised_in_every_disguise,
          other_ids_are_left_alone)
