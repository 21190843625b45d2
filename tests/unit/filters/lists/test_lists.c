/* Proves filters/lists/lists.c and filters/lists/list_file.c. */
#include "filters/lists/lists.h"

#include "tests/unit/filters/lists/lists_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

static void load(struct fixture *f, const char *yaml)
{
    fixture_open(f);
    f->lists = policy_lists_load(conf_read_text(slice_of(yaml), "t.yaml", f->arena, &f->errors), f->arena, &f->errors);
}

static const struct policy_list *list(const struct fixture *f, const char *name)
{
    const struct policy_list *l = policy_list_find(f->lists, slice_of(name));
    ck_assert_msg(l, "no list %s", name);
    return l;
}

static bool holds(const struct policy_list *l, enum fact_type type, const char *value)
{
    struct fact_value v = {.present = true, .text = slice_of(value)};
    if (type == FACT_ADDRESS)
        ck_assert(net_addr_parse_ip(v.text, &v.addr));
    return policy_list_holds(l, type, &v);
}

START_TEST(the_type_of_the_fact_decides_which_entries_count)
{
    struct fixture f;
    load(&f, "mixed: [192.0.2.0/24, example.com, '*.example.net', joe@example.org, '<>', two words]");
    const struct policy_list *l = list(&f, "mixed");
    ck_assert_uint_eq(f.errors.errors, 0);
    ck_assert(holds(l, FACT_ADDRESS, "192.0.2.3") && !holds(l, FACT_ADDRESS, "192.0.3.3"));
    ck_assert(holds(l, FACT_DOMAIN, "example.com") && holds(l, FACT_DOMAIN, "a.example.net") && !holds(l, FACT_DOMAIN, "example.net"));
    ck_assert(holds(l, FACT_MAILBOX, "any@example.com") && holds(l, FACT_MAILBOX, "\"JOE\"@example.org") && holds(l, FACT_MAILBOX, ""));
    ck_assert(!holds(l, FACT_MAILBOX, "ann@example.org") && !holds(l, FACT_MAILBOX, "any@x.example.com"));
    ck_assert(holds(l, FACT_TEXT, "Two Words") && !holds(l, FACT_TEXT, "192.0.2.3"));
    struct slice items[] = {SLICE("other.example"), SLICE("b.example.net")};
    struct fact_value value = {.present = true, .items = items, .count = 2};
    ck_assert(policy_list_holds(l, FACT_LIST, &value));
    value.count = 1;
    ck_assert(!policy_list_holds(l, FACT_LIST, &value));
    fixture_close(&f);
}
END_TEST

START_TEST(a_list_without_fitting_entries_is_known_to_be_useless)
{
    struct fixture f;
    load(&f, "nets: [192.0.2.0/24]\nboxes: [joe@example.org]\nempty: []\n");
    ck_assert(policy_list_fits(list(&f, "nets"), FACT_ADDRESS) && !policy_list_fits(list(&f, "nets"), FACT_DOMAIN));
    ck_assert(!policy_list_fits(list(&f, "nets"), FACT_MAILBOX) && !policy_list_fits(list(&f, "nets"), FACT_TEXT));
    ck_assert(policy_list_fits(list(&f, "boxes"), FACT_MAILBOX) && !policy_list_fits(list(&f, "boxes"), FACT_DOMAIN));
    ck_assert(policy_list_fits(list(&f, "empty"), FACT_ADDRESS) && policy_list_fits(list(&f, "empty"), FACT_DOMAIN));
    ck_assert(!holds(list(&f, "empty"), FACT_ADDRESS, "192.0.2.1") && !holds(list(&f, "empty"), FACT_DOMAIN, "x"));
    ck_assert_ptr_null(policy_list_find(f.lists, SLICE("other")));
    ck_assert_str_eq(policy_list_nearest(f.lists, SLICE("boxs"), f.arena), "boxes");
    fixture_close(&f);
}
END_TEST

START_TEST(no_lists_are_no_error)
{
    struct fixture f;
    fixture_open(&f);
    f.lists = policy_lists_load(NULL, f.arena, &f.errors);
    ck_assert_ptr_null(policy_list_find(f.lists, SLICE("x")));
    ck_assert_ptr_null(policy_list_nearest(f.lists, SLICE("x"), f.arena));
    ck_assert_ptr_null(policy_list_find(NULL, SLICE("x")));
    ck_assert_uint_eq(f.errors.errors, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(bad_entries_are_told_with_their_place)
{
    struct fixture f;
    load(&f, "a:\n  - 192.0.2.0/33\n  - good.example\n  - '*bad.example'\n  - [x]\n  - {fil: x}\n  -\nb: 1.2.3\n");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 2, "not an address or network"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 4, "last two labels"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 5, "not a list"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 6, "unknown key"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 7, "an empty entry"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 8, "not an address or network"));
    ck_assert(holds(list(&f, "a"), FACT_DOMAIN, "good.example"));
    fixture_close(&f);
    load(&f, "- a\n");
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "a mapping of names"));
    fixture_close(&f);
}
END_TEST

static const char *write_file(char path[64], const char *text)
{
    strcpy(path, "/tmp/mailweir-list-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

START_TEST(a_file_has_one_entry_a_line)
{
    struct fixture f;
    char path[64];
    write_file(path, "# relays\n192.0.2.0/24 # the old ones\r\n\n  Example.COM  \nbad#name is text\n2001:db8::/32");
    fixture_open(&f);
    f.lists = policy_lists_load(conf_read_text(slice_of(arena_format(f.arena, "a: {file: %s}\nb: [x.example, {file: %s}]\n", path, path)),
                                               "t.yaml", f.arena, &f.errors),
                                f.arena, &f.errors);
    unlink(path);
    ck_assert_msg(f.errors.errors == 0, "%s", f.errors.first ? f.errors.first->text : "");
    ck_assert(holds(list(&f, "a"), FACT_ADDRESS, "192.0.2.1") && holds(list(&f, "a"), FACT_ADDRESS, "2001:db8::1"));
    ck_assert(holds(list(&f, "a"), FACT_DOMAIN, "example.com") && holds(list(&f, "a"), FACT_TEXT, "bad#name is text"));
    ck_assert(!holds(list(&f, "a"), FACT_DOMAIN, "x.example") && holds(list(&f, "b"), FACT_DOMAIN, "x.example"));
    ck_assert(holds(list(&f, "b"), FACT_ADDRESS, "192.0.2.1"));
    fixture_close(&f);
}
END_TEST

START_TEST(a_files_errors_name_the_file_and_line)
{
    struct fixture f;
    char path[64];
    write_file(path, "good.example\n\n  10.0.0.0/99\n");
    fixture_open(&f);
    policy_lists_load(conf_read_text(slice_of(arena_format(f.arena, "a: {file: %s}\n", path)), "t.yaml", f.arena, &f.errors), f.arena,
                      &f.errors);
    unlink(path);
    const struct conf_error *e = fixture_find_error(&f, 3, "not an address or network");
    ck_assert_ptr_nonnull(e);
    ck_assert_str_eq(e->file, path);
    ck_assert_uint_eq(e->column, 3);
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_no_readable_regular_file_is_told_and_never_waited_for)
{
    struct fixture f;
    char fifo[64];
    write_file(fifo, "");
    unlink(fifo);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    fixture_open(&f);
    const char *yaml = arena_format(f.arena, "a: {file: /nonexistent/list}\nb: {file: %s}\nc: {file: /}\nd: {file: ''}\n", fifo);
    policy_lists_load(conf_read_text(slice_of(yaml), "t.yaml", f.arena, &f.errors), f.arena, &f.errors);
    unlink(fifo);
    ck_assert_ptr_nonnull(fixture_find_error(&f, 1, "No such file"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 2, "not a regular file"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 3, "not a regular file"));
    ck_assert_ptr_nonnull(fixture_find_error(&f, 4, "a file's path is needed"));
    fixture_close(&f);
}
END_TEST

START_TEST(a_relative_file_is_beside_the_file_that_names_it)
{
    struct fixture f;
    char path[64];
    write_file(path, "here.example\n");
    fixture_open(&f);
    const char *yaml = arena_format(f.arena, "a: {file: %s}\n", strrchr(path, '/') + 1);
    f.lists = policy_lists_load(conf_read_text(slice_of(yaml), "/tmp/some.yaml", f.arena, &f.errors), f.arena, &f.errors);
    unlink(path);
    ck_assert_uint_eq(f.errors.errors, 0);
    ck_assert(holds(list(&f, "a"), FACT_DOMAIN, "here.example"));
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("filters/lists/lists", the_type_of_the_fact_decides_which_entries_count, a_list_without_fitting_entries_is_known_to_be_useless,
          no_lists_are_no_error, bad_entries_are_told_with_their_place, a_file_has_one_entry_a_line, a_files_errors_name_the_file_and_line,
          what_is_no_readable_regular_file_is_told_and_never_waited_for, a_relative_file_is_beside_the_file_that_names_it)
