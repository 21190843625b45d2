/* received_spf: the trace field Received-SPF (RFC 7208 §9.1). Pure. */
#ifndef FILTERS_RECEIVED_SPF_H
#define FILTERS_RECEIVED_SPF_H

#include "filters/auth_results.h"

/** Every slice may hold any byte from outside; what is empty is left out. */
struct received_spf {
    const char *result;         /* "pass", "softfail" ... */
    struct slice domain;        /* whose policy it is; for the comment, which is for people */
    struct slice client_ip;     /* as text */
    struct slice envelope_from; /* without angle brackets */
    struct slice helo;
    const char *identity;   /* "mailfrom" or "helo" */
    struct slice mechanism; /* the one that matched; "default" if none did */
    struct slice problem;   /* why the result is an error */
    struct slice receiver;  /* our host name */
};

/** Appends what stands behind "Received-SPF: ", folded under 78 columns where possible, never over 998, without the final CRLF.
 *  Only printable ASCII comes out; other bytes are shown as '?'. */
void received_spf_format(const struct received_spf *r, struct buf *out);
/** Adds the field to those that will stand on top of the message. */
void received_spf_add(struct auth_results *results, const struct received_spf *r);

#endif
