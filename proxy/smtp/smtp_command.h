/* smtp_command: one line becomes one validated command (RFC 5321 §4.1). Pure.
 *
 * Beyond the grammar we tolerate, since nearly every server does and nothing hangs on it: blanks at the end of the line, more
 * than one blank between words, and blanks behind the colon of "MAIL FROM: <a@b>". Control characters are tolerated nowhere. */
#ifndef PROXY_SMTP_COMMAND_H
#define PROXY_SMTP_COMMAND_H

#include "filters/mail.h"
#include "proxy/smtp/sasl.h"
#include "proxy/smtp/smtp_params.h"

enum smtp_verb {
    SMTP_HELO,
    SMTP_EHLO,
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_RSET,
    SMTP_NOOP,
    SMTP_QUIT,
    SMTP_HELP,
    SMTP_VRFY,
    SMTP_EXPN,
    SMTP_STARTTLS,
    SMTP_AUTH,
    SMTP_BDAT,
    SMTP_UNKNOWN, /* no verb that we know: always with an error, 500 */
    SMTP_VERB_COUNT,
};

struct smtp_command {
    enum smtp_verb verb;       /* known even if the rest of the line is wrong */
    struct slice argument;     /* HELO/EHLO: the name; others: the text behind the verb, for nobody to echo */
    struct mail_path path;     /* MAIL, RCPT */
    struct smtp_params params; /* of MAIL and RCPT */
    uint64_t chunk_size;       /* BDAT */
    bool chunk_last;
    enum sasl_mechanism mechanism; /* AUTH */
    struct slice initial;          /* AUTH: the initial response in base64; ptr NULL: none came */
    /* What is wrong, if anything: the reply to give. error_code 0: the command is good. */
    int error_code;                          /* 500, 501, 504, 552, 555 */
    const char *error_enhanced, *error_text; /* static: never contains bytes of the line */
};

/** line: without CRLF. Fills *out; returns whether the command is good. Strings live in arena or in line. path.params gets
 *  the parameters in canonical form: "SIZE=123 BODY=8BITMIME". */
bool smtp_command_parse(struct slice line, const struct smtp_offer *offer, struct arena *arena, struct smtp_command *out);
/** "MAIL"; "unknown" for SMTP_UNKNOWN. */
const char *smtp_verb_name(enum smtp_verb verb);

#endif
