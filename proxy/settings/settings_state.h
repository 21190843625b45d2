/* settings_state: the section `state`: its checks, the server's password, and the opening of what it describes. */
#ifndef PROXY_SETTINGS_STATE_H
#define PROXY_SETTINGS_STATE_H

#include "filters/state/state.h"
#include "proxy/settings/settings_tell.h"

#include <event2/event.h>

/** Notes errors; reads the password into state->redis.password. */
void settings_state_load(struct state_settings *state, struct arena *arena, const struct settings_checking *c);
/** Opens the store for this process; what goes wrong is logged. NULL: there is none. The settings must live as long. */
struct state *settings_state_open(const struct settings *settings, struct event_base *base);

#endif
