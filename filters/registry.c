/* registry: see registry.h. A new filter is one declaration and one row here. */
#include "filters/registry.h"

extern const struct filter rate_limit_filter;
extern const struct filter spf_filter;
extern const struct filter dkim_filter;
extern const struct filter dmarc_filter;
extern const struct filter arc_filter;
extern const struct filter iprev_filter;

static const struct filter *const filters[] = {&iprev_filter, &spf_filter,        &dkim_filter, &dmarc_filter,
                                               &arc_filter,   &rate_limit_filter, NULL};

const struct filter *const *filter_registry(void)
{
    return filters;
}

const struct filter *filter_registry_find(struct slice name)
{
    for (const struct filter *const *f = filters; *f; f++)
        if (slice_eq(slice_of((*f)->name), name))
            return *f;
    return NULL;
}
