/* key_record: chooses, checks and rewrites the DKIM key among the TXT records of a name (RFC 6376 §3.6.1). Pure.
 *
 * The library corrupts on ";;", takes no text over 1,024 bytes and leaves the choice to its caller: it only gets what is
 * written anew here, tags in a fixed order, notes and unknown tags left out. */
#ifndef FILTERS_SIGNATURE_KEY_RECORD_H
#define FILTERS_SIGNATURE_KEY_RECORD_H

#include "base/arena.h"
#include "base/dns/dns.h"

enum { KEY_RECORD_MAX = 1024 };

enum key_type { KEY_RSA, KEY_ED25519 };

enum key_status {
    KEY_FOUND,
    KEY_ABSENT,  /* no such name, or nothing there */
    KEY_UNKNOWN, /* a temporary error */
    KEY_REVOKED, /* empty p= */
    KEY_UNUSABLE,
};

struct key_record {
    enum key_status status;
    const char *reason; /* static; "" if found */
    bool testing;       /* t=y */
    bool strict;        /* t=s: i= must not stand in a subdomain of d= */
    const char *text;   /* canonical, at most KEY_RECORD_MAX bytes; if found */
    const char *key;    /* its p=, base64 without white space; if found */
};

void key_record_choose(const struct dns_answer *txt, enum key_type type, struct arena *arena, struct key_record *out);

#endif
