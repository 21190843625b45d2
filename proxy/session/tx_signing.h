/* tx_signing: makes our DKIM signatures over a message as it will be sent: fed its bytes, it gives the fields that go on top.
 *
 * The keys are those of the domain nearest to the author's: its own, or one that it stands below (RFC 9989 alignment). Reads no spool and
 * waits for nothing. Pure. */
#ifndef PROXY_TX_SIGNING_H
#define PROXY_TX_SIGNING_H

#include "proxy/settings/settings.h"

struct tx_signing;

/** Lives in the arena. */
struct tx_signing *tx_signing_new(const struct signing_settings *settings, struct arena *arena);
/** Takes bytes in the form that goes on the wire. False: the rest need not come, nothing will be signed. */
bool tx_signing_feed(struct tx_signing *t, struct slice wire);

struct tx_signatures {
    struct slice fields;      /* with their final CRLF; empty: none */
    struct slice names;       /* "example.com/s1, example.com/s2"; empty: none */
    const char *unsigned_why; /* if there are none: a static text */
    bool failed;              /* there should be, but the crypto library failed */
};

/** The message is complete. unix_s: the time of signing. Strings live in the arena. */
void tx_signing_finish(struct tx_signing *t, int64_t unix_s, struct tx_signatures *out);

#endif
