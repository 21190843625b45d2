/* from_parser: the author of a message, from its From field (RFC 5322 §3.4, §3.6.2). Pure.
 *
 * Strict where two readers could see two domains, lenient where every reader sees the same: a display name may hold anything
 * before "<", as real mail does, because a message with an unreadable From must not get away with less than one that can be
 * read. Groups, comments, folding, quoted strings, routes and several mailboxes of one domain are understood. */
#ifndef FILTERS_DMARC_FROM_PARSER_H
#define FILTERS_DMARC_FROM_PARSER_H

#include "base/arena.h"

enum { FROM_VALUE_MAX = 16384, FROM_MAILBOXES_MAX = 100 };

struct from_author {
    const char *error;    /* NULL: there is one author domain. Else why there is none: a static text */
    struct slice domain;  /* normalised (domain_name.h); empty on error */
    struct slice mailbox; /* of the first author: local-part@domain; empty on error. May hold bytes from outside in the local-part */
};

/** value: what stands behind the colon, folding included. Strings live in the arena. */
void from_parse(struct slice value, struct arena *arena, struct from_author *out);

#endif
