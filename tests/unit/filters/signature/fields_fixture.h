/* fields_fixture: header fields from text. */
#ifndef TESTS_UNIT_FILTERS_SIGNATURE_FIELDS_FIXTURE_H
#define TESTS_UNIT_FILTERS_SIGNATURE_FIELDS_FIXTURE_H

#include "filters/signature/header_fields.h"
#include "tests/unit/unit.h"

#include <stdarg.h>

static struct header_fields fields;

static inline void add_field(const char *text)
{
    struct mail_header header = {.raw = slice_of(text)};
    size_t colon = (size_t)slice_index(header.raw, ':');
    header.name = slice_trim(slice_first(header.raw, colon));
    header.value = slice_skip(header.raw, colon + 1);
    header_fields_add(&fields, &header);
}

/* NULL ends the list. */
static inline void open_fields(const char *text, ...)
{
    va_list more;
    fields = (struct header_fields){.arena = arena_new()};
    va_start(more, text);
    for (; text; text = va_arg(more, const char *))
        add_field(text);
    va_end(more);
}

static inline void close_fields(void)
{
    arena_free(&fields.arena);
}

#endif
