#include "tests/unit/base/conf_fixture.h"

START_TEST(a_tree_knows_where_each_part_stands)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "# comment\nlimits:\n  idle: 5m\nlist: [a, \"b\"]\n");
    ck_assert_uint_eq(f.errors.errors, 0);
    const struct conf_node *idle = conf_get(conf_get(root, "limits"), "idle");
    ck_slice_eq(idle->text, "5m");
    ck_assert_uint_eq(idle->line, 3);
    ck_assert_uint_eq(idle->column, 9);
    ck_assert_uint_eq(idle->key_column, 3);
    ck_assert_str_eq(idle->file, "t.yaml");
    const struct conf_node *list = conf_get(root, "list");
    ck_assert_int_eq(list->kind, CONF_LIST);
    ck_assert_uint_eq(list->count, 2);
    ck_assert(!list->children->quoted);
    ck_assert(list->children->next->quoted);
    ck_assert_uint_eq(list->children->next->index, 1);
    ck_assert_str_eq(conf_path(list->children->next, f.arena), "list[1]");
    ck_assert_str_eq(conf_path(root, f.arena), "");
    fixture_end(&f);
}
END_TEST

START_TEST(null_is_what_is_written_without_quotes)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "a:\nb: ~\nc: null\nd: ''\ne: \"null\"\nf: no\ng: {}\n");
    for (const char *key = "abc"; *key; key++)
        ck_assert(conf_is_null(conf_get(root, (const char[]){*key, '\0'})));
    for (const char *key = "defg"; *key; key++)
        ck_assert(!conf_is_null(conf_get(root, (const char[]){*key, '\0'})));
    ck_assert_ptr_null(conf_get(root, "h"));
    ck_assert_ptr_null(conf_get(NULL, "a"));
    ck_assert_ptr_null(conf_get(conf_get(root, "d"), "a"));
    fixture_end(&f);
}
END_TEST

START_TEST(a_file_without_content_is_an_empty_mapping)
{
    static const char *const texts[] = {"", "# only a comment\n", "---\n", "---\n...\n", "\xef\xbb\xbf", "null"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct conf_fixture f;
        fixture_begin(&f);
        const struct conf_node *root = fixture_read(&f, texts[i]);
        ck_assert_ptr_nonnull(root);
        ck_assert_int_eq(root->kind, CONF_MAP);
        ck_assert_uint_eq(root->count, 0);
        ck_assert_uint_eq(f.errors.errors, 0);
        fixture_end(&f);
    }
}
END_TEST

START_TEST(crlf_files_and_byte_order_marks_are_fine)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "\xef\xbb\xbfkey: value\r\nother:\r\n  - x\r\n");
    ck_assert_str_eq(fixture_print(&f), "");
    ck_slice_eq(conf_get(root, "key")->text, "value");
    ck_slice_eq(conf_get(root, "other")->children->text, "x");
    fixture_end(&f);
}
END_TEST

START_TEST(duplicate_keys_are_named_with_their_first_place)
{
    ck_conf_errors(
        "a: 1\nb: {x: 1, y: 2, x: 3}\na: 2\n",
        "t.yaml:2:17: error: b.x: this key is already set at t.yaml:2:5\nt.yaml:3:1: error: a: this key is already set at t.yaml:1:1\n");
}
END_TEST

START_TEST(the_first_of_duplicate_keys_stays_and_order_is_kept)
{
    struct conf_fixture f;
    fixture_begin(&f);
    const struct conf_node *root = fixture_read(&f, "z: 1\nb: 2\nz: 3\na: 4\n");
    ck_assert_uint_eq(root->count, 3);
    ck_slice_eq(root->children->text, "1");
    ck_slice_eq(root->children->next->key, "b");
    ck_slice_eq(root->children->next->next->key, "a");
    ck_assert_ptr_null(root->children->next->next->next);
    fixture_end(&f);
}
END_TEST

START_TEST(aliases_anchors_and_tags_are_refused)
{
    ck_conf_errors("a: &x 1\nb: !!int 2\nc: *x\n",
                   "t.yaml:1:4: error: anchors (&name) are not supported; a value that begins with & needs quotes\n"
                   "t.yaml:2:4: error: tags (!name) are not supported; a value that begins with ! needs quotes\n"
                   "t.yaml:3:4: error: aliases (*name) are not supported; a value that begins with * needs quotes, such as \"*:25\"\n");
    ck_conf_errors("a: {<<: {b: 1}}\n", "t.yaml:1:5: error: merge keys (<<) are not supported\n");
}
END_TEST

START_TEST(a_yaml_bomb_does_not_grow)
{
    ck_conf_errors("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\n",
                   "t.yaml:1:4: error: anchors (&name) are not supported; a value that begins with & needs quotes\n"
                   "t.yaml:2:4: error: anchors (&name) are not supported; a value that begins with & needs quotes\n"
                   "t.yaml:2:8: error: aliases (*name) are not supported; a value that begins with * needs quotes, such as \"*:25\"\n");
}
END_TEST

START_TEST(forgotten_quotes_are_explained)
{
    ck_conf_errors(
        "listeners:\n  - *:25\n",
        "t.yaml:2:6: error: not valid YAML: while scanning an alias, did not find expected alphabetic or numeric character; a value "
        "that begins with one of * & ! % @ ` needs quotes\n");
    ck_conf_errors("a: @x\n", "t.yaml:1:4: error: not valid YAML: while scanning for the next token, found character that cannot start any "
                              "token; a value that begins with one of * & ! % @ ` needs quotes\n");
    ck_conf_errors("gr\xc3\xbc\xc3\xbc\xc3\xbc: @x\n",
                   "t.yaml:1:8: error: not valid YAML: while scanning for the next token, found character that cannot start any "
                   "token; a value that begins with one of * & ! % @ ` needs quotes\n");
}
END_TEST

START_TEST(syntax_errors_have_place_and_hint)
{
    ck_conf_errors("a: b: c\n",
                   "t.yaml:1:5: error: not valid YAML: mapping values are not allowed in this context; is the line indented too "
                   "far, or does a value with \": \" need quotes?\n");
    ck_conf_errors("a:\n  b: 1\n c: 2\n",
                   "t.yaml:3:2: error: not valid YAML: while parsing a block mapping, did not find expected key; is the "
                   "indentation right, and is every quote and bracket closed?\n");
    ck_conf_errors("a: \"open\n",
                   "t.yaml:2:1: error: not valid YAML: while scanning a quoted scalar, found unexpected end of stream; is every "
                   "quote and bracket closed?\n");
    ck_conf_errors("a: 1\nb\nc: 2\n",
                   "t.yaml:3:1: error: not valid YAML: while scanning a simple key, could not find expected ':'; is a colon "
                   "with a space missing after the key?\n");
}
END_TEST

START_TEST(keys_are_scalars)
{
    ck_conf_errors("? [a, b]\n: c\n", "t.yaml:1:3: error: a key must be a plain word; a text that begins with a bracket needs quotes\n");
    ck_conf_errors("'': c\n", "t.yaml:1:1: error: a key is missing before the colon\n");
}
END_TEST

START_TEST(a_file_holds_one_document)
{
    ck_conf_errors("a: 1\n---\nb: 2\n", "t.yaml:2:1: error: a second document begins here; a file holds one\n");
}
END_TEST

START_TEST(texts_hold_no_nul)
{
    ck_conf_errors("a: \"x\\0y\"\n", "t.yaml:1:4: error: a text may not hold a NUL character\n");
}
END_TEST

static void nest(char *text, size_t depth)
{
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
}

START_TEST(nesting_ends_at_32)
{
    char text[128];
    struct conf_fixture f;
    nest(text, 32);
    fixture_begin(&f);
    ck_assert_ptr_nonnull(fixture_read(&f, text));
    fixture_end(&f);
    nest(text, 33);
    ck_conf_errors(text, "t.yaml:1:33: error: nested too deeply\n");
}
END_TEST

START_TEST(any_depth_is_refused_at_once)
{
    size_t depth = 4 * 1024 * 1024;
    char *text = malloc(2 * depth + 1);
    nest(text, depth);
    ck_conf_errors(text, "t.yaml:1:33: error: nested too deeply\n");
    free(text);
}
END_TEST

START_TEST(too_many_values_are_refused)
{
    size_t size = 3 * 1000 * 1000;
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = i % 2 ? 'a' : ',';
    text[0] = '[';
    text[size] = '\0';
    ck_conf_errors(text, "t.yaml:1:2000000: error: too many values; long lists belong in files of their own (lists: NAME: {file: PATH})\n");
    free(text);
}
END_TEST

START_TEST(too_much_text_is_refused)
{
    size_t size = 16 * 1024 * 1024 + 1;
    char *text = malloc(size + 1);
    memset(text, ' ', size);
    text[size] = '\0';
    ck_conf_errors(text, "t.yaml: error: is larger than 16 MiB\n");
    free(text);
}
END_TEST

START_TEST(text_includes_nothing)
{
    ck_conf_errors("include: /etc/passwd\n", "t.yaml:1:1: error: include: include works in files only\n");
    ck_conf_errors("include: []\n", "");
    ck_conf_errors("include: ~\n", "");
}
END_TEST

UNIT_MAIN("base/conf_node", a_tree_knows_where_each_part_stands, null_is_what_is_written_without_quotes,
          a_file_without_content_is_an_empty_mapping, crlf_files_and_byte_order_marks_are_fine,
          duplicate_keys_are_named_with_their_first_place, the_first_of_duplicate_keys_stays_and_order_is_kept,
          aliases_anchors_and_tags_are_refused, a_yaml_bomb_does_not_grow, forgotten_quotes_are_explained,
          syntax_errors_have_place_and_hint, keys_are_scalars, a_file_holds_one_document, texts_hold_no_nul, nesting_ends_at_32,
          any_depth_is_refused_at_once, too_many_values_are_refused, too_much_text_is_refused, text_includes_nothing)
