/* rcpt_route: recipients who have a policy or a backend of their own: an entry of a listener's `recipients`. Pure.
 *
 *   - {rcpt: [postmaster, vip@example.com, .strict.example], policy: strict}
 *   - {rcpt: {in: partners}, policy: partners, backend: partners}
 *
 * What a rule may compare `rcpt` with may stand here (pattern.h). The first entry that names a recipient gives its policy
 * and its backend. */
#ifndef PROXY_RCPT_ROUTE_H
#define PROXY_RCPT_ROUTE_H

#include "filters/lists/lists.h"
#include "proxy/settings/settings.h"

/** One of the mailboxes or domains of an entry, or a list of them. */
struct rcpt_match {
    struct pattern pattern;
    const struct policy_list *list; /* NULL: the pattern */
    struct rcpt_match *next;
};

/** Reads route->rcpt_node into route->match; notes what is wrong with it, and a warning if no recipient can reach it, because the count
 *  entries before it name them all. */
void rcpt_route_load(struct rcpt_route *route, const struct rcpt_route *before, size_t count, const struct policy_lists *lists,
                     struct arena *arena, struct conf_errors *errors);
/** The first entry that names the recipient, or NULL. */
const struct rcpt_route *rcpt_route_find(const struct listener_settings *listener, struct slice rcpt);

#endif
