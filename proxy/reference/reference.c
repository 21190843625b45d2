/* reference: see reference.h. */
#include "proxy/reference/reference.h"

const struct reference_page reference_pages[] = {
    {"configuration", "mailweir.yaml", "5", "the configuration of Mailweir", page_write_configuration},
    {"policy", "mailweir-policy", "5", "the words of Mailweir's policy language, and the facts", page_write_policy},
    {"commands", "mailweir", "8", "transparent SMTP filtering proxy", page_write_commands},
    {0},
};

/** The other pages, and where all of them are in the tree of files. */
static void write_see_also(const struct reference_page *page, const struct page *p)
{
    struct buf text = {0};
    for (const struct reference_page *other = reference_pages; other->name; other++)
        if (other != page)
            buf_add_format(&text, "%s`%s`(%s)", text.len ? ", " : "", other->manual, other->section);
    page_heading(p, "See also");
    page_text(p, text.ptr);
    buf_release(&text);
}

void reference_write(const struct reference_page *page, enum page_format format, FILE *out)
{
    struct page p = {out, format};
    page_title(&p, page->manual, page->section, page->summary);
    page->write(&p);
    write_see_also(page, &p);
}
