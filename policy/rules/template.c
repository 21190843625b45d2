/* template: see template.h. */
#include "policy/rules/template.h"

#include "policy/policy_loader.h"

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

static struct template_part *part_new(struct arena *arena, struct slice literal, int fact)
{
    struct template_part *p = arena_alloc(arena, sizeof *p);
    p->literal = literal;
    p->fact = fact;
    return p;
}

static bool has_last_part(struct slice name, struct slice part)
{
    return name.len > part.len + 1 && name.ptr[name.len - part.len - 1] == '.' && slice_eq(slice_skip(name, name.len - part.len), part);
}

/** The full name that a short one stands for; the name itself if there is none or more than one. */
static struct slice full_name(const struct fact_schema *schema, struct slice name)
{
    struct slice found = name;
    size_t count = 0;
    for (size_t i = 0; i < fact_schema_count(schema); i++) {
        struct slice known = slice_of(fact_schema_def(schema, (int)i)->name);
        if (slice_eq(known, name))
            return name;
        if (has_last_part(known, name)) {
            found = known;
            count++;
        }
    }
    return count == 1 ? found : name;
}

/** The part that a name between braces stands for. NULL after an error. */
static struct template_part *named_part(struct policy_loader *l, const struct conf_node *node, struct slice name)
{
    if (slice_eq(name, SLICE("help_url"))) {
        if (l->help_url)
            return part_new(l->arena, slice_of(l->help_url), -1);
        conf_error_at(l->errors, node, "{help_url} is used, but the option `help_url` at the top of the configuration is not set");
        return NULL;
    }
    int fact = policy_loader_fact(l, node, AT_VALUE, full_name(l->schema, name));
    return fact < 0 ? NULL : part_new(l->arena, SLICE(""), fact);
}

/** Takes one part off *rest: a brace, a fact, or the run of bytes before the next brace. NULL after an error. */
static struct template_part *take_part(struct policy_loader *l, const struct conf_node *node, struct slice *rest)
{
    struct slice s = *rest;
    if (slice_starts(s, SLICE("{{")) || slice_starts(s, SLICE("}}"))) {
        *rest = slice_skip(s, 2);
        return part_new(l->arena, slice_first(s, 1), -1);
    }
    if (s.ptr[0] == '{') {
        ptrdiff_t end = slice_index(s, '}');
        if (end < 0) {
            conf_error_at(l->errors, node, "\"{\" without \"}\"; a brace itself is written twice");
            return NULL;
        }
        *rest = slice_skip(s, (size_t)end + 1);
        return named_part(l, node, slice_make(s.ptr + 1, (size_t)end - 1));
    }
    if (s.ptr[0] == '}') {
        conf_error_at(l->errors, node, "\"}\" without \"{\"; a brace itself is written twice");
        return NULL;
    }
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '{' && s.ptr[n] != '}')
        n++;
    *rest = slice_skip(s, n);
    return part_new(l->arena, slice_first(s, n), -1);
}

static bool check_bytes(struct policy_loader *l, const struct conf_node *node, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_printable(text.ptr[i])) {
            conf_error_at(l->errors, node, "one line of printable ASCII is needed");
            return false;
        }
    return true;
}

bool template_load(struct policy_loader *l, const struct conf_node *node, struct slice text, size_t max, struct template *out)
{
    struct template_part **last = &out->first;
    size_t literal = 0;
    out->first = NULL;
    if (!check_bytes(l, node, text))
        return false;
    while (!slice_empty(text)) {
        struct template_part *p = take_part(l, node, &text);
        if (!p)
            return false;
        literal += p->literal.len;
        *last = p;
        last = &p->next;
    }
    if (literal > max)
        conf_error_at(l->errors, node, "%zu bytes of text, more than the %zu there is room for", literal, max);
    return literal <= max;
}

static char sanitise(char c)
{
    return is_printable(c) && c != '<' && c != '>' ? c : '?';
}

struct template template_literal(struct slice text, struct arena *arena)
{
    struct slice copy = slice_empty(text) ? SLICE("") : slice_of(arena_string(arena, text));
    char *bytes = arena_string(arena, copy);
    for (size_t i = 0; i < copy.len; i++)
        bytes[i] = sanitise(bytes[i]);
    return (struct template){part_new(arena, slice_make(bytes, copy.len), -1)};
}

struct template template_verbatim(struct slice text, struct arena *arena)
{
    return (struct template){part_new(arena, text, -1)};
}

struct output {
    char *bytes;
    size_t len, max;
};

static void put(struct output *out, struct slice s)
{
    s = slice_first(s, out->max - out->len);
    if (s.len)
        memcpy(out->bytes + out->len, s.ptr, s.len);
    out->len += s.len;
}

static void put_value(struct output *out, struct slice value)
{
    char clean[TEMPLATE_VALUE_MAX];
    struct slice kept = slice_first(value, sizeof clean);
    for (size_t i = 0; i < kept.len; i++)
        clean[i] = sanitise(kept.ptr[i]);
    put(out, slice_make(clean, kept.len));
    if (kept.len < value.len)
        put(out, SLICE("..."));
}

static void put_fact(struct output *out, const struct facts *facts, int id, struct arena *arena)
{
    if (!facts_get(facts, id)->present) {
        put(out, SLICE("unknown"));
        return;
    }
    struct slice text = facts_to_text(facts, id, arena);
    if (slice_empty(text) && fact_schema_def(facts->schema, id)->type == FACT_MAILBOX)
        put(out, SLICE("<>"));
    else
        put_value(out, text);
}

struct slice template_render(const struct template *t, const struct facts *facts, size_t max, struct arena *arena)
{
    struct output out = {.bytes = arena_alloc(arena, max + 1), .max = max};
    for (const struct template_part *p = t->first; p; p = p->next) {
        if (p->fact >= 0)
            put_fact(&out, facts, p->fact, arena);
        else
            put(&out, p->literal);
    }
    return slice_make(out.bytes, out.len);
}
