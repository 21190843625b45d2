/* Proves proxy/command/fact_list.c. */
#include "proxy/command/fact_list.h"
#include "tests/unit/unit.h"

static const char *const words[] = {"pass", "fail", NULL};

static const struct fact_def defs[] = {
    {"spf", FACT_WORD, STAGE_RCPT, FACT_TRANSACTION, words, "the verdict"},
    {"client.ip", FACT_ADDRESS, STAGE_CONNECT, FACT_SESSION, NULL,
     "the client's address, told in a sentence that is so long that it must go on in a second line"},
};

/** What one of the two functions prints, for the caller to free; the second fact is one of filter arc, which is off. */
static char *print(void (*function)(const struct fact_schema *, FILE *))
{
    char *text;
    size_t size;
    struct arena *arena = arena_new();
    struct fact_schema *schema = fact_schema_new(arena);
    fact_schema_add(schema, &defs[0]);
    fact_schema_add(schema, &defs[1]);
    fact_schema_set_off(schema, 1, 2, "arc");
    FILE *out = open_memstream(&text, &size);
    function(schema, out);
    fclose(out);
    arena_free(&arena);
    return text;
}

START_TEST(people_get_columns)
{
    char *text = print(fact_list_print);
    ck_assert_str_eq(text,
                     "FACT         TYPE     FROM     MEANING, AND THE WORDS IT CAN BE\n"
                     "spf          word     rcpt     the verdict\n"
                     "                               pass, fail\n"
                     "client.ip    address  connect  the client's address, told in a sentence that is so long that it must go on in a\n"
                     "                               second line\n"
                     "                               (always absent: filter arc is off)\n"
                     "header.NAME  text     data     the first header field of that name, unfolded; any name\n");
    free(text);
}
END_TEST

START_TEST(programs_get_one_object)
{
    char *text = print(fact_list_print_json);
    ck_assert_ptr_eq(strstr(text, "{\n  \"facts\": [\n    {\n      \"name\": \"spf\",\n      \"type\": \"word\",\n      \"words\": [\n"
                                  "        \"pass\",\n        \"fail\"\n      ],\n      \"stage\": \"rcpt\",\n"
                                  "      \"doc\": \"the verdict\",\n      \"off\": null\n    },\n"),
                     text);
    ck_assert_ptr_nonnull(strstr(text, "\"off\": \"arc\""));
    ck_assert_ptr_nonnull(strstr(text, "\"name\": \"header.NAME\""));
    free(text);
}
END_TEST

UNIT_MAIN("proxy/fact_list", people_get_columns, programs_get_one_object)
