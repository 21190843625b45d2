/* mail: what the proxy lets filters see of a session, an envelope and a message. Open for reading, written by the proxy only. */
#ifndef FILTERS_MAIL_H
#define FILTERS_MAIL_H

#include "base/arena.h"
#include "base/net_addr.h"

/** A reverse-path or forward-path (RFC 5321 §4.1.2), validated. Source routes are gone. */
struct mail_path {
    bool null;           /* "<>" */
    bool utf8;           /* it holds characters beyond ASCII (RFC 6531) */
    struct slice local;  /* as written, quotes included */
    struct slice domain; /* lower case, A-labels; an address literal with its brackets; empty for <postmaster> */
    struct slice text;   /* local@domain as it will be sent on, without angle brackets; empty for <> */
    struct slice params; /* ESMTP parameters as they will be sent on, single spaces between, or empty */
};

struct mail_session {
    struct net_addr client;
    struct net_addr listener;
    const char *client_ip;    /* as text */
    struct slice client_name; /* its host name, confirmed by its address; empty: unknown */
    struct slice helo;        /* as given, validated; empty before */
    bool esmtp;               /* EHLO, not HELO */
    struct slice auth_user;   /* empty: not authenticated */
    const char *tls;          /* "TLSv1.3 TLS_AES_256_GCM_SHA384"; NULL: in the clear */
    const char *hostname;     /* ours; also the authserv-id */
    struct arena *arena;      /* lives as long as the session */
};

struct spf_story;

struct mail_transaction {
    struct mail_path sender;
    struct mail_path *rcpts; /* those accepted so far, in order */
    size_t rcpt_count;
    struct mail_path rcpt;       /* in phase rcpt: the one being decided */
    int64_t size_declared;       /* SIZE=, or -1 */
    bool utf8;                   /* SMTPUTF8 was asked for */
    struct arena *arena;         /* lives until the transaction ends */
    struct spf_story *spf_story; /* filter spf tells it how its verdicts came about (spf/spf_trace.h); NULL: nobody asks */
};

/** One header field as it came, without its final CRLF. Views into the message, valid during the call. */
struct mail_header {
    struct slice name;  /* bytes before the colon, trailing blanks removed */
    struct slice value; /* bytes after the colon, folding included */
    struct slice raw;   /* the whole field: "Name: value", folding included, without the final CRLF */
    bool space_before_colon;
};

#endif
