/* Every file in tests/config/bad is a mistake that people make, with the errors they are told in a file NAME.expect beside it
 * (not the warnings: some depend on the machine).
 * After a wanted change of texts: UPDATE=1 unit_proxy_settings_test_settings_bad writes them anew. */
#include "proxy/settings/settings.h"
#include "tests/unit/unit.h"

#include <glob.h>
#include <stdio.h>
#include <unistd.h>

static void drop_warnings(struct conf_errors *errors)
{
    for (struct conf_error **at = &errors->first; *at;) {
        if ((*at)->severity == CONF_WARNING)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    errors->warnings = 0;
}

/** Loads a file that must be refused; *printed gets what is said about it. */
static void load_bad(const char *path, char **printed)
{
    size_t size;
    struct arena *arena = arena_new();
    struct conf_errors errors;
    conf_errors_init(&errors, arena);
    struct settings *s = settings_load(path, &errors);
    drop_warnings(&errors);
    FILE *out = open_memstream(printed, &size);
    conf_errors_print(&errors, out);
    fclose(out);
    ck_assert_msg(s == NULL, "%s was taken", path);
    arena_free(&arena);
}

static char *read_all(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "%s is missing", path);
    if (getdelim(&text, &size, '\0', in) < 0)
        text = strdup("");
    fclose(in);
    return text;
}

static void check_file(const char *path)
{
    char expect_path[256], *printed = NULL;
    snprintf(expect_path, sizeof expect_path, "%.*s.expect", (int)strcspn(path, "."), path);
    load_bad(path, &printed);
    if (getenv("UPDATE")) {
        FILE *out = fopen(expect_path, "w");
        fputs(printed, out);
        fclose(out);
    }
    char *expected = read_all(expect_path);
    ck_assert_msg(strcmp(printed, expected) == 0, "%s: printed:\n%s\nexpected:\n%s", path, printed, expected);
    free(expected);
    free(printed);
}

START_TEST(every_mistake_is_told_as_expected)
{
    glob_t files;
    ck_assert_int_eq(chdir(SOURCE_DIR "/tests/config/bad"), 0);
    ck_assert_int_eq(glob("*.yaml", 0, NULL, &files), 0);
    ck_assert_uint_gt(files.gl_pathc, 20);
    for (size_t i = 0; i < files.gl_pathc; i++)
        check_file(files.gl_pathv[i]);
    globfree(&files);
}
END_TEST

UNIT_MAIN("proxy/settings_bad", every_mistake_is_told_as_expected)
