/* smtp_command: one line becomes one validated command (RFC 5321 §4.1). Pure.
 *
 * Beyond the grammar we tolerate, since nearly every server does and nothing hangs on it: blanks at the end of the line, more
 * than one blank between words, and blanks behind the colon of "MAIL FROM: <a@b>". Control characters are tolerated nowhere. */
#ifndef PROXY_SMTP_COMMAND_H
#define PROXY_SMTP_COMMAND_H

#include "filters/mail.h"

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
    SMTP_UNKNOWN, /* no verb that we know: always with an error, 500 */
    SMTP_VERB_COUNT,
};

/** What the session offered in its EHLO reply: decides which parameters are legal. */
struct smtp_offer {
    bool esmtp;          /* the client said EHLO */
    bool size, eightbit; /* keywords offered */
    int64_t size_max;    /* the limit offered with SIZE; 0: none */
    bool strict_helo;
};

struct smtp_command {
    enum smtp_verb verb;   /* known even if the rest of the line is wrong */
    struct slice argument; /* HELO/EHLO: the name; others: the text behind the verb, for nobody to echo */
    struct mail_path path; /* MAIL, RCPT */
    int64_t size;          /* MAIL SIZE=, or -1; INT64_MAX stands for anything larger */
    bool body_8bit;        /* MAIL BODY=8BITMIME */
    /* What is wrong, if anything: the reply to give. error_code 0: the command is good. */
    int error_code;                          /* 500, 501, 552, 555 */
    const char *error_enhanced, *error_text; /* static: never contains bytes of the line */
};

/** line: without CRLF. Fills *out; returns whether the command is good. Strings live in arena or in line. path.params gets
 *  the parameters in canonical form: "SIZE=123 BODY=8BITMIME". */
bool smtp_command_parse(struct slice line, const struct smtp_offer *offer, struct arena *arena, struct smtp_command *out);
/** "MAIL"; "unknown" for SMTP_UNKNOWN. */
const char *smtp_verb_name(enum smtp_verb verb);

#endif
