/* tls: TLS 1.2 and 1.3 over a socket (RFC 5246, RFC 8446), without waiting: OpenSSL behind two small types.
 *
 * A context is made once for a configuration, before it is used, so that a bad certificate is refused in time; it is inherited over
 * fork. A session is one connection; base/stream.h drives it. Renegotiation, compression and early data are never on. Tickets let a client
 * resume at any worker: their keys are derived from a secret that all workers share, and change by the clock. */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include "base/slice.h"

#include <sys/types.h>

enum { TLS_TICKET_SECRET = 32, TLS_FINGERPRINT_TEXT = 65, TLS_NAME_MAX = 255, TLS_ERROR_MAX = 200 };

/** A certificate chain and its private key, as PEM files. The key may stand in the certificate's file. */
struct tls_pair {
    const char *certificate, *key;
};

enum tls_client_certificate {
    TLS_CLIENT_NEVER,   /* not asked for */
    TLS_CLIENT_ASK,     /* asked for; what it is worth is told by tls_info */
    TLS_CLIENT_REQUIRE, /* without a valid one there is no session */
};

struct tls_server_options {
    const struct tls_pair *pairs; /* the first one is for clients that name nobody we know */
    size_t pair_count;            /* at least 1 */
    enum tls_client_certificate client_certificate;
    const char *client_ca;       /* PEM file of whom to believe about clients; NULL: the system's */
    const unsigned char *secret; /* TLS_TICKET_SECRET bytes, copied; NULL: no tickets */
};

struct tls_server;

/** NULL: error says what is wrong, in printable ASCII, and *bad is the index of the pair it is wrong with, or pair_count. */
struct tls_server *tls_server_new(const struct tls_server_options *options, char error[TLS_ERROR_MAX], size_t *bad);
/** Sessions may outlive it. *server may be NULL. */
void tls_server_free(struct tls_server **server);

struct tls_client;

/** ca_file: whom to believe about servers; NULL: the system's. NULL: error says why. */
struct tls_client *tls_client_new(const char *ca_file, char error[TLS_ERROR_MAX]);
void tls_client_free(struct tls_client **client);

/** What can become of a step. */
enum tls_status {
    TLS_DONE,
    TLS_WANT_READ,  /* again when the socket is readable */
    TLS_WANT_WRITE, /* again when the socket takes more */
    TLS_CLOSED,     /* the peer has ended its side */
    TLS_FAILED,     /* nothing more can be done; tls_error says why */
};

struct tls_session;

/** fd: a connected, non-blocking socket; stays the caller's. early: what the client said already, if that belongs to TLS; copied. */
struct tls_session *tls_session_accept(struct tls_server *server, int fd, struct slice early);
/** name: whom we want, for SNI and, if verify, for the check of the certificate; an IP address is checked, but not named in SNI. */
struct tls_session *tls_session_connect(struct tls_client *client, int fd, const char *name, bool verify);
void tls_session_free(struct tls_session **t);

enum tls_status tls_handshake(struct tls_session *t);
/** One record at most. *n: bytes read, over 0 with TLS_DONE. */
enum tls_status tls_read(struct tls_session *t, char *bytes, size_t room, size_t *n);
/** *n: bytes taken, over 0 with TLS_DONE. */
enum tls_status tls_write(struct tls_session *t, struct slice bytes, size_t *n);
/** Whether decrypted bytes are there that tls_read would give without looking at the socket. */
bool tls_pending(const struct tls_session *t);
/** As tls_read with one byte, which is not taken. */
enum tls_status tls_peek(struct tls_session *t);
/** Tells the peer that nothing more comes, if the socket takes it at once. */
void tls_goodbye(struct tls_session *t);
/** Why it failed: printable ASCII, from OpenSSL's table of reasons; "" if it did not. */
const char *tls_error(const struct tls_session *t);

/** What is known after the handshake. Texts live as long as the session; nothing in them is unprintable. */
struct tls_info {
    const char *version; /* "TLSv1.3" */
    const char *cipher;  /* its IANA name */
    const char *name;    /* the host the client asked for, lower case; "" if none or no host name */
    bool resumed;
    bool certificate;        /* the peer showed one */
    bool verified;           /* and it is valid: chain, time, and for a server its name */
    const char *fingerprint; /* SHA-256 of it in lower-case hexadecimal; "" if none */
};

void tls_session_info(struct tls_session *t, struct tls_info *info);

#endif
