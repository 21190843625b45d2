/* settings_listeners: see settings_listeners.h. */
#include "proxy/settings/settings_listeners.h"

static const struct cidr_set *read_networks(struct settings *s, const struct option_list *texts, const struct conf_node *node,
                                            struct conf_errors *errors)
{
    const char *const *networks = texts->items;
    if (texts->count == 0)
        return NULL;
    struct cidr_set *set = cidr_set_new(s->arena);
    for (size_t i = 0; i < texts->count; i++)
        if (!cidr_set_add(set, slice_of(networks[i])))
            conf_error_at(errors, node, "\"%s\" is not a network such as 192.0.2.0/24", networks[i]);
    cidr_set_seal(set);
    return set;
}

static void prepare_rate(const struct option_rate *rate, const struct conf_node *node, struct gcra_limit *out, struct conf_errors *errors)
{
    if (rate->count && !gcra_limit_make(rate->count, rate->period_ms, rate->count, out))
        conf_error_at(errors, node, "the time of a rate may not be over %d days", GCRA_HORIZON_DAYS);
}

static void prepare_limits(struct settings *s, struct listener_limits *l, struct conf_errors *errors)
{
    l->exempted = read_networks(s, &l->exempt, conf_get(l->node, "exempt"), errors);
    prepare_rate(&l->rate, conf_get(l->node, "rate"), &l->rate_gcra, errors);
    if (l->per_network && (l->per_address > l->per_network || l->per_address == 0))
        conf_warning_at(errors, l->node, "per_network is %lld: no address will have more sessions than that", (long long)l->per_network);
    prepare_rate(&l->network_rate, conf_get(l->node, "network_rate"), &l->network_rate_gcra, errors);
}

void settings_prepare_listeners(struct settings *s, struct conf_errors *errors)
{
    for (size_t i = 0; i < s->listener_count; i++) {
        struct listener_settings *l = &s->listeners[i];
        l->proxies = read_networks(s, &l->proxy_from, conf_get(l->node, "proxy_from"), errors);
        prepare_limits(s, &l->limits, errors);
    }
}
