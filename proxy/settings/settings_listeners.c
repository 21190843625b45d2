/* settings_listeners: see settings_listeners.h. */
#include "proxy/settings/settings_listeners.h"

static void prepare_proxies(struct settings *s, struct listener_settings *l, struct conf_errors *errors)
{
    const char *const *networks = l->proxy_from.items;
    if (l->proxy_from.count == 0)
        return;
    struct cidr_set *set = cidr_set_new(s->arena);
    for (size_t i = 0; i < l->proxy_from.count; i++)
        if (!cidr_set_add(set, slice_of(networks[i])))
            conf_error_at(errors, conf_get(l->node, "proxy_from"), "\"%s\" is not a network such as 192.0.2.0/24", networks[i]);
    cidr_set_seal(set);
    l->proxies = set;
}

void settings_prepare_listeners(struct settings *s, struct conf_errors *errors)
{
    for (size_t i = 0; i < s->listener_count; i++)
        prepare_proxies(s, &s->listeners[i], errors);
}
