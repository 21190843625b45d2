/* header_fields: see header_fields.h. */
#include "filters/signature/header_fields.h"

#include "filters/signature/field_canon.h"

#include <stdlib.h>

static void make_room(struct header_fields *f)
{
    size_t room = f->room ? f->room * 2 : 32;
    struct header_field *more = arena_alloc(f->arena, room * sizeof *more);
    if (f->count)
        memcpy(more, f->fields, f->count * sizeof *more);
    f->fields = more;
    f->room = room;
}

void header_fields_add(struct header_fields *f, const struct mail_header *header)
{
    if (f->count == f->room)
        make_room(f);
    struct header_field *field = &f->fields[f->count++];
    field->raw = arena_copy(f->arena, header->raw);
    field->name = slice_first(field->raw, header->name.len);
    field->value = slice_skip(field->raw, header->raw.len - header->value.len);
}

static int compare_names(struct slice a, struct slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < shorter; i++) {
        int difference = (unsigned char)ascii_lower(a.ptr[i]) - (unsigned char)ascii_lower(b.ptr[i]);
        if (difference)
            return difference;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_fields(const void *a, const void *b, void *fields)
{
    const size_t *x = a, *y = b;
    const struct header_field *all = fields;
    int names = compare_names(all[*x].name, all[*y].name);
    return names ? names : (*x > *y) - (*x < *y);
}

static void make_index(struct header_fields *f)
{
    if (f->order)
        return;
    f->order = arena_alloc(f->arena, (f->count + 1) * sizeof *f->order);
    f->taken = arena_alloc(f->arena, (f->count + 1) * sizeof *f->taken);
    for (size_t i = 0; i < f->count; i++)
        f->order[i] = i;
    if (f->count)
        qsort_r(f->order, f->count, sizeof *f->order, compare_fields, f->fields);
}

static struct slice name_at(const struct header_fields *f, size_t place)
{
    return f->fields[f->order[place]].name;
}

/* The place in order behind the last field whose name is not beyond this one; the first such place if before. */
static size_t find_end(struct header_fields *f, struct slice name, bool before)
{
    size_t low = 0, high = f->count;
    make_index(f);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(name_at(f, middle), name);
        if (order < 0 || (order == 0 && !before))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t header_fields_count(struct header_fields *f, struct slice name)
{
    return find_end(f, name, false) - find_end(f, name, true);
}

struct slice header_fields_relaxed(struct header_fields *f, size_t index)
{
    if (!f->relaxed)
        f->relaxed = arena_alloc(f->arena, (f->count + 1) * sizeof *f->relaxed);
    struct slice *form = &f->relaxed[index];
    if (!form->ptr)
        *form = field_canon_relaxed(f->fields[index].name, f->fields[index].value, f->arena);
    return *form;
}

void header_fields_choose_none(struct header_fields *f)
{
    make_index(f);
    memset(f->taken, 0, f->count * sizeof *f->taken);
}

size_t header_fields_choose(struct header_fields *f, struct slice name)
{
    size_t end = find_end(f, name, false);
    if (end == 0 || f->taken[end - 1] >= end)
        return f->count;
    size_t place = end - 1 - f->taken[end - 1];
    if (compare_names(name_at(f, place), name) != 0)
        return f->count;
    f->taken[end - 1]++;
    return f->order[place];
}
