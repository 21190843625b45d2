/* smtp_address: the paths of MAIL and RCPT and the argument of EHLO (RFC 5321 §4.1.2 and §4.1.3). Pure. */
#ifndef PROXY_SMTP_ADDRESS_H
#define PROXY_SMTP_ADDRESS_H

#include "filters/mail.h"
#include "filters/smtp_mailbox.h"

/** RFC 5321 §4.5.3.1.3. The path counts with its angle brackets and source route. */
enum { SMTP_PATH_MAX = 256 };

/** What a path may be besides a plain mailbox. */
enum {
    SMTP_PATH_NULL = 1,       /* "<>" (reverse-path) */
    SMTP_PATH_POSTMASTER = 2, /* "<postmaster>" without domain (forward-path) */
    SMTP_PATH_UTF8 = 4,       /* UTF-8 in local part and domain (RFC 6531); else bytes outside printable ASCII are refused */
};

/** Parses "<local@domain>" from the start of text; *rest gets what follows. A source route is checked and dropped. Domain goes to
 *  lower case in arena, the local part stays as written. A domain of UTF-8 stays as written in text; domain holds its A-labels.
 *  Returns NULL or a short static text that says what is wrong; then *out is all empty. */
const char *smtp_path_parse(struct slice text, unsigned allowed, struct arena *arena, struct mail_path *out, struct slice *rest);
/** What EHLO and HELO may be given: a domain or an address literal; strict: nothing else. Lenient: any token of printable
 *  ASCII without blanks, at most 255 bytes, for real clients that greet with a bare or odd host name. */
bool smtp_helo_valid(struct slice text, bool strict);

#endif
