/* rehearsal_cast: see rehearsal_cast.h. */
#include "proxy/offline/rehearsal_cast.h"

#include "filters/rate_limit/rate_limit.h"

static const char *verb_of(const struct smtp_command *command)
{
    switch (command->verb) {
    case SMTP_EHLO:
        return "EHLO ";
    case SMTP_MAIL:
        return "MAIL FROM:";
    default:
        return "RCPT TO:";
    }
}

const char *rehearsal_cast_command(const char *value, const struct settings *settings, struct arena *arena, struct smtp_command *out)
{
    struct smtp_offer offer = {.esmtp = true, .size = true, .eightbit = true, .strict_helo = settings->limits.strict_helo};
    bool bare = out->verb != SMTP_EHLO && value[0] != '<';
    const char *line = arena_format(arena, "%s%s%s%s", verb_of(out), bare ? "<" : "", value, bare ? ">" : "");
    if (smtp_command_parse(slice_of(line), &offer, arena, out))
        return NULL;
    return arena_format(arena, "a session would answer %d %s %s", out->error_code, out->error_enhanced, out->error_text);
}

static bool is_same(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

const char *rehearsal_cast_listener(const char *text, const struct settings *settings, const struct listener_settings **out)
{
    struct net_addr wanted;
    *out = &settings->listeners[0];
    if (!text)
        return NULL;
    if (!net_addr_parse_endpoint(slice_of(text), &wanted))
        return "an address with port is needed, as the configuration has it";
    for (size_t i = 0; i < settings->listener_count; i++) {
        *out = &settings->listeners[i];
        if (is_same(&settings->listeners[i].address, &wanted))
            return NULL;
    }
    return "the configuration has no such listener";
}

bool rehearsal_leave_out_limits(struct settings *settings)
{
    bool found = false;
    for (size_t i = 0; i < settings->filter_count; i++) {
        struct filter_settings *f = &settings->filters[i];
        if (!f->enabled || strcmp(f->filter->name, "rate_limit") != 0)
            continue;
        const struct rate_limit_config *config = f->config;
        f->enabled = config->limits.count == 0;
        found = !f->enabled;
    }
    return found;
}
