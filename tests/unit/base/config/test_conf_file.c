#include "tests/unit/base/conf_fixture.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static void enter_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/mailweir-conf-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
    char command[128];
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
}

/** Reads a.yaml and compares everything that is said about it. */
static void check_errors(const char *lines)
{
    struct conf_fixture f;
    fixture_begin(&f);
    conf_read_file("a.yaml", f.arena, &f.errors);
    ck_assert_str_eq(fixture_print(&f), lines);
    fixture_end(&f);
}

START_TEST(included_files_are_read_beside_the_including_one)
{
    struct conf_fixture f;
    enter_directory();
    ck_assert_int_eq(mkdir("d", 0700), 0);
    write_file("a.yaml", "include: [d/b.yaml]\na: 1\n");
    write_file("d/b.yaml", "include: c.yaml\nb: 2\n");
    write_file("d/c.yaml", "c: 3\n");
    fixture_begin(&f);
    const struct conf_node *root = conf_read_file("a.yaml", f.arena, &f.errors);
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert_uint_eq(root->count, 3);
    ck_slice_eq(conf_get(root, "a")->text, "1");
    ck_slice_eq(conf_get(root, "c")->text, "3");
    ck_assert_str_eq(conf_get(root, "c")->file, "d/c.yaml");
    ck_assert_ptr_eq(conf_get(root, "c")->parent, root);
    fixture_end(&f);
    leave_directory();
}
END_TEST

START_TEST(mappings_of_included_files_are_merged)
{
    struct conf_fixture f;
    enter_directory();
    write_file("a.yaml", "include: b.yaml\nlists: {one: [a], deep: {x: 1}}\n");
    write_file("b.yaml", "lists: {two: [b], deep: {y: 2}}\n");
    fixture_begin(&f);
    const struct conf_node *lists = conf_get(conf_read_file("a.yaml", f.arena, &f.errors), "lists");
    ck_assert_str_eq(fixture_print(&f), "");
    ck_assert_uint_eq(lists->count, 3);
    ck_slice_eq(conf_get(lists, "two")->children->text, "b");
    ck_slice_eq(conf_get(conf_get(lists, "deep"), "y")->text, "2");
    ck_assert_str_eq(conf_path(conf_get(conf_get(lists, "deep"), "y"), f.arena), "lists.deep.y");
    fixture_end(&f);
    leave_directory();
}
END_TEST

START_TEST(what_two_files_set_is_a_duplicate)
{
    enter_directory();
    write_file("a.yaml", "include: b.yaml\nhostname: x\nlists: {one: [a]}\n");
    write_file("b.yaml", "lists: {one: [b]}\nhostname: y\n");
    check_errors("b.yaml:1:9: error: lists.one: this key is already set at a.yaml:3:9\n"
                 "b.yaml:2:1: error: hostname: this key is already set at a.yaml:2:1\n");
    leave_directory();
}
END_TEST

START_TEST(circles_of_includes_end)
{
    enter_directory();
    write_file("a.yaml", "include: b.yaml\n");
    write_file("b.yaml", "include: ./a.yaml\n");
    check_errors("b.yaml:1:10: error: include: ./a.yaml includes itself, directly or through others\n");
    write_file("a.yaml", "include: a.yaml\n");
    check_errors("a.yaml:1:10: error: include: a.yaml includes itself, directly or through others\n");
    leave_directory();
}
END_TEST

START_TEST(depth_of_includes_ends_at_8)
{
    enter_directory();
    write_file("a.yaml", "include: 1.yaml\n");
    for (int i = 1; i <= 9; i++) {
        char path[16], text[32];
        snprintf(path, sizeof path, "%d.yaml", i);
        snprintf(text, sizeof text, i < 9 ? "include: %d.yaml\n" : "x: 1\n", i + 1);
        write_file(path, text);
    }
    check_errors("8.yaml:1:10: error: include: too many files include one another\n");
    leave_directory();
}
END_TEST

START_TEST(number_of_files_is_bounded)
{
    char text[8192] = "include: [b.yaml";
    enter_directory();
    for (int i = 0; i < 299; i++)
        strcat(text, ", b.yaml");
    write_file("a.yaml", strcat(text, "]\n"));
    write_file("b.yaml", "# empty\n");
    struct conf_fixture f;
    fixture_begin(&f);
    ck_assert_ptr_null(conf_read_file("a.yaml", f.arena, &f.errors));
    ck_assert_uint_eq(f.errors.errors, 300 - 255);
    fixture_end(&f);
    leave_directory();
}
END_TEST

START_TEST(files_that_cannot_be_read_are_named)
{
    enter_directory();
    check_errors("a.yaml: error: cannot be read: No such file or directory\n");
    ck_assert_int_eq(mkdir("a.yaml", 0700), 0);
    check_errors("a.yaml: error: is a directory, not a file\n");
    ck_assert_int_eq(rmdir("a.yaml"), 0);
    ck_assert_int_eq(mkfifo("a.yaml", 0600), 0);
    check_errors("a.yaml: error: is no regular file\n");
    ck_assert_int_eq(unlink("a.yaml"), 0);
    write_file("a.yaml", "include: [gone.yaml, /dev/zero, {x: 1}]\n");
    check_errors("a.yaml:1:11: error: include[0]: gone.yaml cannot be read: No such file or directory\n"
                 "a.yaml:1:22: error: include[1]: /dev/zero is no regular file\n"
                 "a.yaml:1:33: error: include[2]: must be the path of a file\n");
    leave_directory();
}
END_TEST

START_TEST(a_file_without_permission_is_named)
{
    bool is_root = geteuid() == 0;
    ck_assert(!is_root || seteuid(65534) == 0);
    enter_directory();
    write_file("a.yaml", "a: 1\n");
    ck_assert_int_eq(chmod("a.yaml", 0), 0);
    check_errors("a.yaml: error: cannot be read: Permission denied\n");
    leave_directory();
    ck_assert(!is_root || (seteuid(0) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0)); /* the leak checker wants it */
}
END_TEST

START_TEST(a_huge_file_is_refused_unread)
{
    enter_directory();
    write_file("a.yaml", "a: 1\n");
    ck_assert_int_eq(truncate("a.yaml", 1LL << 33), 0);
    check_errors("a.yaml: error: is larger than 16 MiB\n");
    leave_directory();
}
END_TEST

START_TEST(an_included_file_holds_a_mapping)
{
    enter_directory();
    write_file("a.yaml", "include: b.yaml\n");
    write_file("b.yaml", "[a, b]\n");
    check_errors("b.yaml:1:1: error: an included file must hold a mapping, not a list\n");
    leave_directory();
}
END_TEST

START_TEST(errors_of_all_included_files_are_told)
{
    enter_directory();
    write_file("a.yaml", "include: [b.yaml, c.yaml]\n");
    write_file("b.yaml", "x: [\n");
    write_file("c.yaml", "\ty: 1\n");
    check_errors("b.yaml:2:1: error: not valid YAML: while parsing a flow node, did not find expected node content; a value that "
                 "begins with a bracket, such as \"[::]:25\", needs quotes\n"
                 "c.yaml:1:1: error: a tab; use spaces (inside a text in double quotes write \\t)\n");
    leave_directory();
}
END_TEST

UNIT_MAIN("base/conf_file", included_files_are_read_beside_the_including_one, mappings_of_included_files_are_merged,
          what_two_files_set_is_a_duplicate, circles_of_includes_end, depth_of_includes_ends_at_8, number_of_files_is_bounded,
          files_that_cannot_be_read_are_named, a_file_without_permission_is_named, a_huge_file_is_refused_unread,
          an_included_file_holds_a_mapping, errors_of_all_included_files_are_told)
