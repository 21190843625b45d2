/* backend: what one worker knows of the server behind it: is it up, and what does it offer.
 *
 * A probe (connect, EHLO, QUIT) learns the EHLO keywords at start and then at an interval; every real dialogue teaches it too.
 * While the server is down the probe comes every second. */
#ifndef PROXY_BACKEND_H
#define PROXY_BACKEND_H

#include "proxy/settings/settings.h"
#include "proxy/smtp/smtp_params.h"
#include "proxy/smtp/smtp_reply.h"

#include <event2/event.h>

enum { OFFER_TEXT = 64 };

/** What a server's EHLO reply offered. */
struct backend_offer {
    bool esmtp; /* it knows EHLO */
    bool pipelining, size, eightbit, enhanced, starttls, smtputf8, dsn, requiretls, deliverby, mt_priority, future_release;
    char deliverby_text[OFFER_TEXT], mt_priority_text[OFFER_TEXT], future_release_text[OFFER_TEXT]; /* their parameters */
    int64_t size_max;                                                                               /* 0: no limit told */
    int64_t rcpt_max; /* LIMITS RCPTMAX (RFC 9422); 0: none told */
    /* XCLIENT attributes it takes */
    bool xclient, xclient_name, xclient_addr, xclient_port, xclient_helo, xclient_proto, xclient_login, xclient_destaddr, xclient_destport;
};

enum backend_health { BACKEND_UNKNOWN, BACKEND_UP, BACKEND_DOWN };

struct backend {
    const struct backend_settings *settings;
    const char *hostname; /* ours, for EHLO */
    struct event_base *base;
    enum backend_health health;
    struct backend_offer offer; /* the latest one learnt */
    bool clear;                 /* opportunistic TLS failed: sessions do without until a probe finds it mended */
    void (*learnt)(void *ctx);  /* called when the health is first known; may be NULL */
    void *ctx;
    struct backend_probe *probe;
};

/** Starts probing. */
void backend_init(struct backend *b, const struct backend_settings *settings, const char *hostname, struct event_base *base);
void backend_release(struct backend *b);
/** A dialogue reached the server; or the probe, or anybody's connection, failed to. One client's trouble with the server's greeting or
 *  with XCLIENT says nothing about the others. Logs each change of health, with the server and the reason. */
void backend_report_up(struct backend *b, const struct backend_offer *offer);
void backend_report_down(struct backend *b, const char *why);
/** The parameters of MAIL and RCPT that this server takes. Pure. */
struct smtp_offer backend_offer_parameters(const struct backend_offer *offer);
/** Reads an EHLO reply. Pure. */
void backend_offer_parse(const struct smtp_reply *reply, struct backend_offer *offer);

#endif
