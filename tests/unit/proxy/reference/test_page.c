#include "proxy/reference/page.h"

#include "tests/unit/unit.h"

static char *text;
static size_t size;

static struct page open_page(enum page_format format)
{
    return (struct page){open_memstream(&text, &size), format};
}

static void assert_written(const struct page *p, const char *expected)
{
    fclose(p->out);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(roff_takes_no_byte_for_a_command)
{
    struct page p = open_page(PAGE_MAN);
    page_text(&p, ".starts with a dot, has a \\ and a-b 'c' ^~ \"q\"");
    assert_written(&p, ".PP\n\\&.starts with a dot, has a \\e and a\\-b \\(aqc\\(aq \\(ha\\(ti \\(dqq\\(dq\n");
    p = open_page(PAGE_MAN);
    page_code(&p, ".dot\n'quote\n\n  \\n\n");
    assert_written(&p, ".PP\n.RS 4\n.nf\n\\&.dot\n\\(aqquote\n\n  \\en\n.fi\n.RE\n");
}
END_TEST

START_TEST(characters_beyond_ascii_are_named_in_roff)
{
    struct page p = open_page(PAGE_MAN);
    page_text(&p, "\xc2\xa7 4 \xe2\x82\xac \xf0\x9f\x98\x80");
    assert_written(&p, ".PP\n\\[u00A7] 4 \\[u20AC] \\[u1F600]\n");
}
END_TEST

START_TEST(markdown_shows_what_is_written)
{
    struct page p = open_page(PAGE_MARKDOWN);
    page_text(&p, "a *b* <c> `*x* <y>` snake_case _d_ [e]");
    assert_written(&p, "\na \\*b\\* \\<c\\> `*x* <y>` snake_case \\_d\\_ [e]\n");
}
END_TEST

START_TEST(items_have_a_term_a_detail_and_a_meaning)
{
    struct page p = open_page(PAGE_MARKDOWN);
    page_item(&p, "a.b", "size; needs `to`", "What it is.");
    page_item(&p, "c", NULL, "Else.");
    assert_written(&p, "\n**`a.b`** (size; needs `to`)  \nWhat it is.\n\n**`c`**  \nElse.\n");
    p = open_page(PAGE_MAN);
    page_item(&p, ".a-b", "size; needs `to`", "What it is.");
    assert_written(&p, ".TP\n\\fB\\&.a\\-b\\fR (size; needs \\fBto\\fR)\nWhat it is.\n");
}
END_TEST

START_TEST(pages_open_with_name_and_summary)
{
    struct page p = open_page(PAGE_MAN);
    page_title(&p, "mailweir-policy", "5", "the policy");
    page_heading(&p, "See also");
    fclose(p.out);
    ck_assert_ptr_nonnull(strstr(text, "\n.TH MAILWEIR-POLICY 5 \"\" \"Mailweir "));
    ck_assert_ptr_nonnull(strstr(text, "\n.SH NAME\nmailweir\\-policy \\- the policy\n.SH SEE ALSO\n"));
    free(text);
}
END_TEST

UNIT_MAIN("proxy/page", roff_takes_no_byte_for_a_command, characters_beyond_ascii_are_named_in_roff, markdown_shows_what_is_written,
          items_have_a_term_a_detail_and_a_meaning, pages_open_with_name_and_summary)
