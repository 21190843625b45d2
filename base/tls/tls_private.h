/* tls_private: what the files tls_*.c share. */
#ifndef BASE_TLS_PRIVATE_H
#define BASE_TLS_PRIVATE_H

#include "base/tls/tls.h"

#include <openssl/ssl.h>

struct tls_server {
    SSL_CTX **contexts; /* one for each pair */
    size_t count;
    unsigned char secret[TLS_TICKET_SECRET];
};

struct tls_client {
    SSL_CTX *context;
};

/** A context with the settings that both sides share. NULL: out of memory. */
SSL_CTX *tls_context_new(const SSL_METHOD *method);
/** early: what was read from the socket before. NULL: out of memory. */
BIO *tls_bio_new(int fd, struct slice early);
/** The reason of OpenSSL's oldest queued error, or fallback; empties the queue. Static text. */
const char *tls_reason(const char *fallback);
/** Makes contexts[i] issue and take tickets made with the server's secret. */
void tls_tickets_use(SSL_CTX *context, struct tls_server *server);

#endif
