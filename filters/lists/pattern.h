/* pattern: one entry of a list, or one value a rule compares with: a network, a domain, a mailbox or other text. Pure.
 *
 *   192.0.2.0/24, 2001:db8::1    a network or an address
 *   example.com                  this domain        (of a mailbox: any mailbox at it; also written @example.com)
 *   *.example.com                any domain below it, but not itself
 *   .example.com                 itself and any domain below it
 *   mail*.example.com            "*" elsewhere: any run of bytes, dots included, or none; never in the last two labels
 *   joe@example.com              one mailbox, without case and whatever its quoting (mailbox_fold.h)
 *   <>                           the null reverse-path
 * Anything else is text, compared as a whole without case. */
#ifndef FILTERS_LISTS_PATTERN_H
#define FILTERS_LISTS_PATTERN_H

#include "base/arena.h"
#include "base/net_addr.h"

enum pattern_kind { PATTERN_NETWORK, PATTERN_DOMAIN, PATTERN_MAILBOX, PATTERN_TEXT, PATTERN_KIND_COUNT };

/** What a domain covers. The first two may both be set, the third stands alone: key has stars. */
enum { PATTERN_SELF = 1, PATTERN_BELOW = 2, PATTERN_GLOB = 4 };

struct pattern {
    enum pattern_kind kind;
    unsigned covers;      /* PATTERN_SELF, _BELOW, _GLOB; always _SELF for mailboxes and text */
    struct slice key;     /* the bytes compared: without "*." or "."; a mailbox folded; a view of the text where possible */
    struct net_addr addr; /* PATTERN_NETWORK, host bits zero */
    unsigned bits;
};

/** Reads one entry; *out may point into text. Returns NULL, or what is wrong with it (static). */
const char *pattern_parse(struct slice text, struct arena *arena, struct pattern *out);
/** Whether text is like glob, in which "*" stands for any run of bytes. Without case. */
bool pattern_glob_matches(struct slice glob, struct slice text);
/** Whether it matches a domain or other text (any kind but a network). */
bool pattern_matches_text(const struct pattern *p, struct slice value);
/** Whether it matches a mailbox: by itself, or by its domain. */
bool pattern_matches_mailbox(const struct pattern *p, struct slice mailbox);
bool pattern_matches_address(const struct pattern *p, const struct net_addr *addr);

#endif
