/* registry: the filters there are, in the order in which they run. */
#ifndef FILTERS_REGISTRY_H
#define FILTERS_REGISTRY_H

#include "filters/filter.h"

/** NULL-terminated; each stands behind those it names in `after`. */
const struct filter *const *filter_registry(void);
const struct filter *filter_registry_find(struct slice name);

#endif
