/* signature_tags: what the tags of DKIM-Signature (RFC 6376 §3.5) and ARC-Message-Signature (RFC 8617 §4.1.2) mean alike. Pure. */
#ifndef FILTERS_SIGNATURE_SIGNATURE_TAGS_H
#define FILTERS_SIGNATURE_SIGNATURE_TAGS_H

#include "filters/signature/key_record.h"
#include "filters/tag_list.h"

enum { SIGNATURE_CLOCK_DRIFT = 300 }; /* seconds by which other clocks may differ */

/** a=, but not rsa-sha1 (RFC 8301 §3.1). False: it is not known. */
bool signature_tags_read_algorithm(struct slice a, enum key_type *out);
/** c=; simple/simple if it is empty, and the body's half simple if only the header's is given. False: it is not known. */
bool signature_tags_read_canon(struct slice c, bool *header_relaxed, bool *body_relaxed);
/** Where the key is (§3.6.2.1). domain: normalised. False: s= is no selector. */
bool signature_tags_read_key_name(struct slice s, struct slice domain, struct arena *arena, struct slice *out);
/** A tag with a time, 0 if it is not there. False: it is none. */
bool signature_tags_read_time(const struct tag_list *tags, const char *name, uint64_t *out);
/** Whether h= names the field. */
bool signature_tags_sign(struct slice h, const char *field);
/** Whether q= is not there, or allows to look the key up in DNS. */
bool signature_tags_ask_dns(const struct tag_list *tags);

#endif
