/* settings_table: see settings_table.h. */
#include "proxy/settings/settings_table.h"

#include "filters/registry.h"
#include "proxy/settings/settings_rows.h"

static size_t aligned(size_t n)
{
    size_t unit = _Alignof(max_align_t);
    return (n + unit - 1) / unit * unit;
}

size_t filter_options_size(void)
{
    return aligned(sizeof(struct filter_options));
}

static size_t count_rows(const struct option *rows)
{
    size_t n = 0;
    while (rows && rows[n].key)
        n++;
    return n;
}

/** The generic options as this filter has them. */
static void set_defaults(struct option *generic, const struct filter *filter)
{
    for (struct option *row = generic; row->key; row++)
        if (filter->off_by_default && strcmp(row->key, "enabled") == 0)
            row->fallback = "false";
}

/** The filter's own options and the generic ones, as one table over one block. */
static const struct option *build_filter_rows(const struct filter *filter, struct arena *arena)
{
    size_t own = count_rows(filter->options), generic = count_rows(settings_filter_rows);
    struct option *rows = arena_alloc(arena, (generic + own + 1) * sizeof *rows);
    memcpy(rows, settings_filter_rows, generic * sizeof *rows);
    set_defaults(rows, filter);
    for (size_t i = 0; i < own; i++) {
        rows[generic + i] = filter->options[i];
        rows[generic + i].offset += filter_options_size();
    }
    return rows;
}

/** The section `filters`: one row for each filter of the registry. */
static struct option build_filters_row(struct settings_table *t, size_t base, struct arena *arena)
{
    const struct filter *const *filters = filter_registry();
    while (filters[t->filter_count])
        t->filter_count++;
    struct option *rows = arena_alloc(arena, (t->filter_count + 1) * sizeof *rows);
    size_t *offsets = arena_alloc(arena, (t->filter_count + 1) * sizeof *offsets), at = 0;
    for (size_t i = 0; i < t->filter_count; i++) {
        size_t size = filter_options_size() + aligned(filters[i]->config_size);
        rows[i] = (struct option){.key = filters[i]->name, .type = OPTION_SECTION, .offset = at, .doc = filters[i]->doc};
        rows[i].section = build_filter_rows(filters[i], arena);
        rows[i].section_size = size;
        offsets[i] = base + at;
        at += size;
    }
    t->filters = offsets;
    t->size = base + at;
    return (struct option){.key = "filters",
                           .type = OPTION_SECTION,
                           .offset = base,
                           .section = rows,
                           .section_size = at,
                           .doc = "What is measured. Each filter publishes facts; the policy decides on them."};
}

/** The built-in policy under its name, as the value of `policies`. */
static const char *default_policies(struct arena *arena)
{
    struct buf text = {0};
    struct slice rest = policy_default_text(), line;
    buf_add_text(&text, SETTINGS_DEFAULT_POLICY ":\n");
    while (slice_split(&rest, '\n', &line))
        buf_add_format(&text, "%s%.*s\n", line.len ? "  " : "", SLICE_FMT(line));
    const char *copy = arena_string(arena, buf_slice(&text));
    buf_release(&text);
    return copy;
}

struct settings_table settings_table_build(struct arena *arena)
{
    struct settings_table t = {0};
    size_t top = count_rows(settings_top_rows);
    struct option *rows = arena_alloc(arena, (top + 3) * sizeof *rows);
    memcpy(rows, settings_top_rows, top * sizeof *rows);
    rows[top] = build_filters_row(&t, aligned(sizeof(struct settings_raw)), arena);
    rows[top + 1] = (struct option){
        .key = "policies",
        .type = OPTION_NODE,
        .offset = offsetof(struct settings_raw, policies),
        .fallback = default_policies(arena),
        .doc = "What is decided, by name: for each stage an ordered list of rules; the first one that decides wins. They replace the "
               "built-in policy, which is the default. The language is described in docs/policy.md; `mailweir config facts` lists what "
               "rules can look at.",
    };
    t.rows = rows;
    return t;
}
