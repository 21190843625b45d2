/* reference: the pages of the reference, made from the tables that the program itself works by: options, commands, words of the policy
 * language, facts. Used by config_reference.c. */
#ifndef PROXY_REFERENCE_H
#define PROXY_REFERENCE_H

#include "filters/facts.h"
#include "proxy/reference/page.h"

struct reference_page {
    const char *name;             /* "configuration" */
    const char *manual, *section; /* "mailweir.yaml", "5" */
    const char *summary;          /* half a sentence */
    void (*write)(const struct page *p);
};

/** All there are; ends with a row whose name is NULL. */
extern const struct reference_page reference_pages[];
void reference_write(const struct reference_page *page, enum page_format format, FILE *out);

/** The pages' contents (page_configuration.c, page_policy.c, page_commands.c). */
void page_write_configuration(const struct page *p);
void page_write_policy(const struct page *p);
void page_write_commands(const struct page *p);

#endif
