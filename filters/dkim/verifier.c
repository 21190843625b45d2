/* verifier: see verifier.h. One engine, or two beside each other: then the first one's verdict counts. */
#include "filters/dkim/verifier.h"

#include "filters/dkim/dkim_engine.h"

enum { ENGINES_MAX = 2 };

struct verifier {
    struct arena *arena;
    const struct dkim_engine *const *engines; /* ends with NULL */
    void *states[ENGINES_MAX];
};

const char *const dkim_engine_words[] = {"strict", "libopendkim", "both", NULL};

static const struct dkim_engine *const choices[][ENGINES_MAX + 1] = {
    {&dkim_engine_strict, NULL},
    {&dkim_engine_libopendkim, NULL},
    {&dkim_engine_strict, &dkim_engine_libopendkim, NULL},
};

struct verifier *verifier_new(struct arena *arena, const struct verifier_options *options)
{
    struct verifier *v = arena_alloc(arena, sizeof *v);
    v->arena = arena;
    v->engines = choices[options->engine];
    for (size_t i = 0; v->engines[i]; i++) {
        v->states[i] = v->engines[i]->start(arena, options);
        if (!v->states[i])
            return NULL;
    }
    return v;
}

void verifier_add_header(struct verifier *v, const struct mail_header *header)
{
    for (size_t i = 0; v->engines[i]; i++)
        v->engines[i]->add_header(v->states[i], header);
}

size_t verifier_end_headers(struct verifier *v, uint64_t now)
{
    size_t keys = 0;
    for (size_t i = 0; v->engines[i]; i++)
        keys += v->engines[i]->end_headers(v->states[i], now);
    return keys;
}

void verifier_look_up_keys(struct verifier *v, struct dns_view *view)
{
    for (size_t i = 0; v->engines[i]; i++)
        v->engines[i]->look_up_keys(v->states[i], view);
}

void verifier_add_body(struct verifier *v, struct slice chunk)
{
    for (size_t i = 0; v->engines[i]; i++)
        v->engines[i]->add_body(v->states[i], chunk);
}

static const struct verifier_report *compare(struct verifier *v, const struct verifier_report *first, enum dkim_result second)
{
    struct verifier_report *both = arena_alloc(v->arena, sizeof *both);
    *both = *first;
    both->compared = true;
    both->second = second;
    return both;
}

const struct verifier_report *verifier_finish(struct verifier *v, struct dns_view *view)
{
    const struct verifier_report *report = v->engines[0]->finish(v->states[0], view);
    return v->engines[1] ? compare(v, report, v->engines[1]->finish(v->states[1], view)->result) : report;
}

const char *dkim_result_word(enum dkim_result result)
{
    static const char *const words[] = {"none", "neutral", "permerror", "policy", "fail", "temperror", "pass"};
    return words[result];
}
