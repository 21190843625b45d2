/* auth_results: what filters found, in the form of RFC 8601, and the field made of it; also further trace fields of theirs, such as
 * Received-SPF. Pure. */
#ifndef FILTERS_AUTH_RESULTS_H
#define FILTERS_AUTH_RESULTS_H

#include "base/arena.h"
#include "base/buf.h"

/** ptype.property=value, such as header.d=example.com (RFC 8601 §2.3). */
struct auth_property {
    const char *ptype; /* "smtp", "header", "policy", "body" */
    const char *property;
    struct slice value; /* bytes from outside: quoted as needed, control bytes never pass */
};

struct auth_result {
    const char *method;   /* "spf", "dkim", "dmarc" */
    const char *result;   /* "pass", "fail" ... of the method's vocabulary */
    struct slice reason;  /* or empty */
    struct slice comment; /* or empty */
    const struct auth_property *properties;
    size_t property_count;
    struct auth_result *next;
};

/** A trace field other than Authentication-Results. */
struct trace_field {
    const char *name;
    struct slice value; /* folded as it is to be written, without the final CRLF */
    struct trace_field *next;
};

struct auth_results {
    struct arena *arena;
    struct auth_result *first, **last;
    struct trace_field *first_field, **last_field;
};

void auth_results_init(struct auth_results *r, struct arena *arena);
/** Adds a copy of *result; the properties are copied, too, the bytes of their values are not. */
void auth_results_add(struct auth_results *r, const struct auth_result *result);
/** Writes "Authentication-Results: authserv-id;\r\n\tspf=pass smtp.mailfrom=..." with the final CRLF; lines folded under 78
 *  where possible, never over 998. No results: "authserv-id; none". */
void auth_results_format(const struct auth_results *r, const char *authserv_id, struct buf *out);
/** Adds a trace field, with a copy of the value; name stays by reference. False: they would not make one well-formed field: only
 *  printable ASCII and tabs, line ends only where the field is folded, lines of at most 998 bytes. */
bool auth_results_add_field(struct auth_results *r, const char *name, struct slice value);
/** Writes these fields in the order in which they were added, each with its final CRLF. */
void auth_results_format_fields(const struct auth_results *r, struct buf *out);
/** Whether a field with this value claims to come from authserv_id (RFC 8601 §5): comments, folding, quoting and case are
 *  seen through, a version number allowed; in doubt (unparsable, but beginning with our id) it does. */
bool auth_results_claims(struct slice value, const char *authserv_id);

#endif
