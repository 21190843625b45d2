/* signature_field: a DKIM-Signature field, read (RFC 6376 §3.5, §6.1.1; RFC 8301; RFC 8463). Pure.
 *
 * Finds out all that can be known without key, body and the other fields. */
#ifndef FILTERS_DKIM_SIGNATURE_FIELD_H
#define FILTERS_DKIM_SIGNATURE_FIELD_H

#include "filters/dkim/verifier.h"
#include "filters/signature/key_record.h"

/** Views into the field's value but for what is said to be normalised. */
struct signature_field {
    enum dkim_result result; /* DKIM_IS_NONE: it may be valid, and all that follows is there */
    const char *reason;      /* static */
    struct slice d, s, a;    /* as they stand there, or empty */
    struct slice domain;     /* d=, normalised; empty if it is no domain name */
    struct slice b, bh;      /* base64, normalised and without white space */
    struct slice b_extent;   /* what is left out for the hash */
    struct slice h;
    struct slice key_name;
    enum key_type algorithm;
    bool header_relaxed, body_relaxed;
    bool has_length;
    uint64_t length;   /* l= */
    bool in_subdomain; /* i= stands below d= */
};

/** False: it is no list of tags at all. */
bool signature_field_read(struct slice value, uint64_t now, struct arena *arena, struct signature_field *out);

#endif
