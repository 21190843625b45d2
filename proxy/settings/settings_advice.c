/* settings_advice: see settings_advice.h. */
#include "proxy/settings/settings_advice.h"

static const struct filter_settings *find_filter(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (strcmp(s->filters[i].filter->name, name) == 0)
            return &s->filters[i];
    return NULL;
}

static bool is_on(const struct settings *s, const char *name)
{
    const struct filter_settings *f = find_filter(s, name);
    return f && f->enabled;
}

void settings_mark_off(const struct settings *s)
{
    for (size_t i = 0; i < s->filter_count; i++) {
        const struct filter_settings *f = &s->filters[i];
        int end = i + 1 < s->filter_count ? s->filters[i + 1].fact_base : (int)fact_schema_count(s->facts);
        if (!f->enabled)
            fact_schema_set_off(s->facts, f->fact_base, end, f->filter->name);
    }
}

/** Where the filter is turned off, or as near to it as the configuration goes. */
static const struct conf_node *find_switch(const struct conf_node *root, const char *name)
{
    const struct conf_node *filters = conf_get(root, "filters"), *filter = conf_get(filters, name), *enabled = conf_get(filter, "enabled");
    return enabled ? enabled : filter ? filter : filters ? filters : root;
}

/** DMARC fails only a message that neither SPF nor DKIM vouches for, so both must have looked. */
static void advise_dmarc(const struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    static const char *const needed[] = {"spf", "dkim"};
    if (!is_on(s, "dmarc"))
        return;
    for (size_t i = 0; i < 2; i++)
        if (!is_on(s, needed[i]))
            conf_warning_at(errors, find_switch(root, needed[i]),
                            "without filter %s, dmarc never says fail: it says nothing unless something speaks for the domain", needed[i]);
}

void settings_advise(const struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct conf_node *policies = conf_get(root, "policies");
    advise_dmarc(s, root, errors);
    if (policies && conf_is_null(policies))
        conf_warning_at(errors, policies, "there is no policy below it: the built-in one applies");
    else if (policies)
        settings_mark_off(s);
}
