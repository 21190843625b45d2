/* header_fields: the header fields of a message, kept for signatures that cover some of them (RFC 6376 §3.7, §5.4.2). Pure.
 *
 * What is computed of a field is computed once. Finding the fields that h= names costs the logarithm of their number for each
 * name: a hostile h= and a hostile header are both long. */
#ifndef FILTERS_SIGNATURE_HEADER_FIELDS_H
#define FILTERS_SIGNATURE_HEADER_FIELDS_H

#include "base/arena.h"
#include "filters/mail.h"

struct header_field {
    struct slice name;  /* without blanks around it */
    struct slice raw;   /* the whole field, without its final CRLF */
    struct slice value; /* a view into raw: behind the colon */
};

/** Zeroed but for the arena, it is empty. */
struct header_fields {
    struct arena *arena;
    struct header_field *fields;
    size_t count;
    /* private */
    size_t room;
    struct slice *relaxed; /* by field; ptr NULL: not computed yet */
    size_t *order;         /* indices of the fields by name, then by place */
    size_t *taken;         /* by place in order, at the last field of a name: how many of them are chosen */
};

/** Copies the field. */
void header_fields_add(struct header_fields *fields, const struct mail_header *header);

/* When all are there: */
/** How many fields have this name. */
size_t header_fields_count(struct header_fields *fields, struct slice name);
/** The field in relaxed form, without final CRLF. */
struct slice header_fields_relaxed(struct header_fields *fields, size_t index);
/** No field is chosen. */
void header_fields_choose_none(struct header_fields *fields);
/** The last field of that name that is not chosen becomes so; its index, or count if there is none. */
size_t header_fields_choose(struct header_fields *fields, struct slice name);

#endif
