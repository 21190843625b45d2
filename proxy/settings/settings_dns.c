/* settings_dns: the resolver's options as the configuration has them. */
#include "proxy/settings/settings.h"

struct dns_options settings_dns_options(const struct dns_settings *d)
{
    return (struct dns_options){
        .forward = d->servers.items,
        .forward_count = d->servers.count,
        .zone_file = d->zone_file,
        .trust_anchor = d->trust_anchor,
        .timeout_ms = d->timeout_ms,
        .cache_bytes = d->cache_bytes,
    };
}
