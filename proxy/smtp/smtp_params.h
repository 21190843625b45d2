/* smtp_params: the parameters of MAIL and RCPT (RFC 5321 §4.1.1.11), one row for each that we know. Pure.
 *
 * A parameter is legal only if the session offered its extension. What is passed on to the backend is written anew from what was
 * understood: "SIZE=1000 BODY=8BITMIME RET=HDRS". Keywords that nobody here knows are refused (555), for nobody could say what dropping
 * them would lose. */
#ifndef PROXY_SMTP_PARAMS_H
#define PROXY_SMTP_PARAMS_H

#include "base/arena.h"

/** What the session offered in its EHLO reply: decides which parameters are legal. */
struct smtp_offer {
    bool esmtp;          /* the client said EHLO */
    bool size, eightbit; /* keywords offered: SIZE (RFC 1870), 8BITMIME (6152) */
    bool smtputf8;       /* RFC 6531 */
    bool dsn;            /* RFC 3461 */
    bool requiretls;     /* RFC 8689 */
    bool deliverby;      /* RFC 2852 */
    bool mt_priority;    /* RFC 6710 */
    bool future_release; /* RFC 4865 */
    bool chunking;       /* RFC 3030 */
    int64_t size_max;    /* the limit offered with SIZE; 0: none */
    bool auth;           /* RFC 4954 §5 */
    bool authenticated;  /* the client is: what it says in AUTH= counts */
    bool strict_helo;
};

struct smtp_params {
    int64_t size; /* SIZE=, or -1; INT64_MAX stands for anything larger */
    bool body_8bit, smtputf8, requiretls;
    struct slice text; /* all of them, canonical, single spaces between, or empty; in arena */
};

/** What is wrong with them; code 0: nothing. */
struct smtp_params_error {
    int code;                    /* 501, 552, 555 */
    const char *enhanced, *text; /* static */
};

/** Reads what stands behind the path; rcpt: of RCPT, else of MAIL. *out is complete if nothing is wrong. */
struct smtp_params_error smtp_params_parse(struct slice rest, bool rcpt, const struct smtp_offer *offer, struct arena *arena,
                                           struct smtp_params *out);
/** The parameters of text without those that this offer does not know: for a server that offers less than was promised. *lost: whether
 *  one is gone without which the message is another one (SMTPUTF8, REQUIRETLS). */
struct slice smtp_params_fit(struct slice text, const struct smtp_offer *offer, struct arena *arena, bool *lost);
/** RFC 3461 §4: printable ASCII but "+" and "=", or "+" and two hexadecimal digits. */
bool smtp_xtext_valid(struct slice text);

#endif
