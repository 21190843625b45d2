/* smtp_address: mailboxes, domains and address literals of RFC 5321 §4.1.2 and §4.1.3. Pure. */
#ifndef PROXY_SMTP_ADDRESS_H
#define PROXY_SMTP_ADDRESS_H

#include "filters/mail.h"

/** Limits of RFC 5321 §4.5.3.1. The path counts with its angle brackets and source route. */
enum { SMTP_LOCAL_PART_MAX = 64, SMTP_DOMAIN_MAX = 255, SMTP_PATH_MAX = 256, SMTP_LABEL_MAX = 63 };

/** Parses "<local@domain>" from the start of text; *rest gets what follows. A source route is checked and dropped. Domain goes to
 *  lower case in arena, the local part stays as written. null_allowed: "<>" (reverse-path); postmaster_allowed: "<postmaster>"
 *  without domain (forward-path). Bytes outside printable ASCII are refused: SMTPUTF8 is not offered.
 *  Returns NULL or a short static text that says what is wrong; then *out is all empty. */
const char *smtp_path_parse(struct slice text, bool null_allowed, bool postmaster_allowed, struct arena *arena, struct mail_path *out,
                            struct slice *rest);
/** A domain name: labels of letters, digits, hyphens (inside) and, tolerated, underscores; no final dot. */
bool smtp_domain_valid(struct slice text);
/** "[192.0.2.1]", "[IPv6:2001:db8::1]" or a general address literal. */
bool smtp_literal_valid(struct slice text);
/** What EHLO and HELO may be given: a domain or an address literal; strict: nothing else. Lenient: any token of printable
 *  ASCII without blanks, at most 255 bytes, for real clients that greet with a bare or odd host name. */
bool smtp_helo_valid(struct slice text, bool strict);

#endif
