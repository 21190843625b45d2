/* smtp_mailbox: mailboxes, domains and address literals as they may be sent in SMTP (RFC 5321 §4.1.2 and §4.1.3). Pure. */
#ifndef FILTERS_SMTP_MAILBOX_H
#define FILTERS_SMTP_MAILBOX_H

#include "base/slice.h"

/** Limits of RFC 5321 §4.5.3.1; a mailbox is a path without its angle brackets. */
enum { SMTP_LOCAL_PART_MAX = 64, SMTP_DOMAIN_MAX = 255, SMTP_LABEL_MAX = 63, SMTP_MAILBOX_MAX = 254 };

/** A domain name: labels of letters, digits, hyphens (inside) and, tolerated, underscores; no final dot. */
bool smtp_domain_valid(struct slice text);
/** "[192.0.2.1]", "[IPv6:2001:db8::1]" or a general address literal. */
bool smtp_literal_valid(struct slice text);
/** NULL if text is local-part@domain and nothing else; or what is wrong with it (static). */
const char *smtp_mailbox_check(struct slice text);

/** Takes a local part off the front; NULL, or what is wrong (static). utf8: its characters may be any of UTF-8 (RFC 6531 §3.3); the caller
 *  has checked that the bytes are (smtp_utf8_valid). */
const char *smtp_take_local(struct slice *rest, bool utf8, struct slice *local);
/** Takes a domain name or literal off the front, unchecked: everything up to a byte that cannot be part of one. */
struct slice smtp_take_domain(struct slice *rest);
/** Well-formed UTF-8 (RFC 3629) without control characters. */
bool smtp_utf8_valid(struct slice text);
/** NULL if a mailbox may have this domain or address literal; or what is wrong (static). */
const char *smtp_mailbox_domain_check(struct slice domain);

#endif
