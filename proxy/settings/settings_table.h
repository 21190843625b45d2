/* settings_table: every option there is, as one table built from fixed rows and those of the filters. Used by settings_load.c
 * and the command line's help. */
#ifndef PROXY_SETTINGS_TABLE_H
#define PROXY_SETTINGS_TABLE_H

#include "proxy/settings/settings.h"

/** What the table's top level fills. The filters' structs follow behind it in the same block. */
struct settings_raw {
    const char *hostname, *help_url, *user, *pid_file;
    int mode;
    int64_t workers, drain_ms;
    struct option_list include, listeners, backends;
    struct limit_settings limits;
    struct spool_settings spool;
    struct state_settings state;
    struct dns_settings dns;
    struct tls_settings tls;
    struct signing_settings signing;
    struct log_options log;
    struct status_settings status;
    const struct conf_node *lists, *policies;
};

/** Generic options of a filter; its own struct follows at filter_options_size(). */
struct filter_options {
    bool enabled;
    int on_error; /* enum filter_on_error */
    int64_t timeout_ms;
    const struct conf_node *node;
};

struct settings_table {
    const struct option *rows;
    size_t size;           /* bytes to give to options_load; begins with struct settings_raw */
    size_t filter_count;   /* in registry order */
    const size_t *filters; /* offset of each filter's struct filter_options in the block */
};

/** Bytes of struct filter_options, rounded so that any struct may follow. */
size_t filter_options_size(void);
struct settings_table settings_table_build(struct arena *arena);
/** The policy used if the configuration has none, by this name; listeners use it unless they name another. */
#define SETTINGS_DEFAULT_POLICY "inbound"

#endif
