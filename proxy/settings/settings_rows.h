/* settings_rows: every option that is not a filter's own, one row each. Used by settings_table.c. */
#ifndef PROXY_SETTINGS_ROWS_H
#define PROXY_SETTINGS_ROWS_H

#include "proxy/settings/settings_table.h"

/** The top level, without filters and policies: fills struct settings_raw. Ends with a row whose key is NULL. */
extern const struct option settings_top_rows[];
/** What every filter has: fills struct filter_options. Ends with a row whose key is NULL. */
extern const struct option settings_filter_rows[];

#endif
