/* sasl: what passes between client and backend in AUTH (RFC 4954), as far as we look at it. Pure.
 *
 * The exchange is the backend's: we relay it, and read one thing out of it, the name of the user. Mechanisms that bind themselves to the
 * TLS channel (-PLUS) cannot pass: the client's channel ends here. Others are offered only if their first message tells the user's name. */
#ifndef PROXY_SASL_H
#define PROXY_SASL_H

#include "base/slice.h"

enum sasl_mechanism {
    SASL_PLAIN,         /* RFC 4616 */
    SASL_LOGIN,         /* draft-murchison-sasl-login */
    SASL_CRAM_MD5,      /* RFC 2195 */
    SASL_SCRAM_SHA_1,   /* RFC 5802 */
    SASL_SCRAM_SHA_256, /* RFC 7677 */
    SASL_XOAUTH2,
    SASL_OAUTHBEARER, /* RFC 7628 */
    SASL_COUNT,       /* none of them */
};

enum {
    SASL_LINE_MAX = 12288, /* bytes with CRLF, RFC 4954 §4 */
    SASL_USER_MAX = 255,
};

/** SASL_COUNT: none that we relay. */
enum sasl_mechanism sasl_find(struct slice name);
/** "SCRAM-SHA-1" */
const char *sasl_name(enum sasl_mechanism mechanism);
/** The same in lower case, NULL-terminated: the words of the fact. */
extern const char *const sasl_words[];
/** Whole groups of four, padded at the end only; the empty text, too. */
bool sasl_base64_valid(struct slice text);
/** Reads the name of the user who proves who he is (not of one for whom he may act) from the client's first message, in base64, into user,
 *  NUL-terminated. False: there is none, or none that could be shown: 1 to SASL_USER_MAX bytes of UTF-8 without control characters. */
bool sasl_user(enum sasl_mechanism mechanism, struct slice message, char user[SASL_USER_MAX + 1]);

#endif
