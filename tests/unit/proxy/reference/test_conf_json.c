#include "proxy/reference/conf_json.h"

#include "tests/unit/base/conf_fixture.h"

static void assert_json(const char *yaml, const char *expected)
{
    struct conf_fixture f;
    fixture_begin(&f);
    json_t *json = conf_json(fixture_read(&f, yaml));
    char *text = json_dumps(json, JSON_COMPACT);
    ck_assert_str_eq(text, expected);
    free(text);
    json_decref(json);
    fixture_end(&f);
}

START_TEST(bare_words_and_numbers_get_their_types)
{
    assert_json("[true, false, null, 0, 12, -3, 1MiB, 'true', '12', 012, 1.5, -, '']",
                "[true,false,null,0,12,-3,\"1MiB\",\"true\",\"12\",\"012\",\"1.5\",\"-\",\"\"]");
    assert_json("[9223372036854775807, 9223372036854775808]", "[9223372036854775807,\"9223372036854775808\"]");
}
END_TEST

START_TEST(trees_keep_their_shape_and_order)
{
    assert_json("{b: {}, a: [x, {y: []}]}", "{\"b\":{},\"a\":[\"x\",{\"y\":[]}]}");
}
END_TEST

UNIT_MAIN("proxy/conf_json", bare_words_and_numbers_get_their_types, trees_keep_their_shape_and_order)
