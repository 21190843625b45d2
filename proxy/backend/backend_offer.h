/* backend_offer: what a server offers in its reply to EHLO (RFC 5321 §4.1.1.1). Pure. */
#ifndef PROXY_BACKEND_OFFER_H
#define PROXY_BACKEND_OFFER_H

#include "proxy/smtp/sasl.h"
#include "proxy/smtp/smtp_params.h"
#include "proxy/smtp/smtp_reply.h"

enum { OFFER_TEXT = 64 };

struct backend_offer {
    bool esmtp; /* it knows EHLO */
    bool pipelining, size, eightbit, enhanced, starttls, smtputf8, dsn, requiretls, deliverby, mt_priority, future_release;
    char deliverby_text[OFFER_TEXT], mt_priority_text[OFFER_TEXT], future_release_text[OFFER_TEXT]; /* their parameters */
    unsigned char auth[SASL_COUNT]; /* enum sasl_mechanism: those that we relay, in its order */
    size_t auth_count;
    int64_t size_max; /* 0: no limit told */
    int64_t rcpt_max; /* LIMITS RCPTMAX (RFC 9422); 0: none told */
    /* XCLIENT attributes it takes */
    bool xclient, xclient_name, xclient_addr, xclient_port, xclient_helo, xclient_proto, xclient_login, xclient_destaddr, xclient_destport;
    /* XFORWARD attributes it takes */
    bool xforward, xforward_name, xforward_addr, xforward_port, xforward_helo, xforward_proto, xforward_source;
};

/** Reads an EHLO reply. */
void backend_offer_parse(const struct smtp_reply *reply, struct backend_offer *offer);
/** The parameters of MAIL and RCPT that this server takes. */
struct smtp_offer backend_offer_parameters(const struct backend_offer *offer);
/** Leaves in offer what other, whom a client may come to as well, offers too. The ways to pass on an identity are left alone: they are no
 *  business of the client's. */
void backend_offer_meet(struct backend_offer *offer, const struct backend_offer *other);

#endif
