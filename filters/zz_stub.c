#include "filters/filter.h"
extern const struct filter dmarc_filter;
const struct filter dmarc_filter = {.api_version = 1, .name = "dmarc"};
