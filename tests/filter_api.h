/* filter_api: include it where the filters are linked but nothing else of the proxy is asked for. Filters call filter_resume and
 * filter_fail, which the proxy's chain defines; a static library is searched once, so somebody must want the chain before. */
#ifndef TESTS_FILTER_API_H
#define TESTS_FILTER_API_H

#include "filters/filter.h"

static void (*const filter_api)(struct filter_ctx *ctx) __attribute__((used)) = filter_resume;

#endif
