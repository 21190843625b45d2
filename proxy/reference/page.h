/* page: one page of the reference, written once and shown as Markdown or as a manual page (man(7)).
 *
 * Texts are UTF-8; what stands between back-quotes is code. Nothing else in them is markup: it is shown as it is. */
#ifndef PROXY_PAGE_H
#define PROXY_PAGE_H

#include "base/buf.h"

#include <stdio.h>

enum page_format { PAGE_MARKDOWN, PAGE_MAN };

struct page {
    FILE *out;
    enum page_format format;
};

/** Opens the page. name: "mailweir.yaml", section: "5", summary: half a sentence. */
void page_title(const struct page *p, const char *name, const char *section, const char *summary);
void page_heading(const struct page *p, const char *text);
void page_subheading(const struct page *p, const char *text);
void page_text(const struct page *p, const char *text);
/** A term, a few words about it (or NULL), and what it means. */
void page_item(const struct page *p, const char *term, const char *detail, const char *text);
/** A term within the item before it. */
void page_subitem(const struct page *p, const char *term, const char *text);
/** Lines shown as they are. */
void page_code(const struct page *p, const char *lines);

#endif
