/* tls_session: one connection: handshake, records, what is known of the peer. See tls.h. */
#include "base/tls/tls_private.h"

#include "base/mem.h"
#include "base/net_addr.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

struct tls_session {
    SSL *ssl;
    const char *error;
    char name[TLS_NAME_MAX + 1];
    char fingerprint[TLS_FINGERPRINT_TEXT];
};

static struct tls_session *session_new(SSL_CTX *context, int fd, struct slice early)
{
    struct tls_session *t = mem_alloc(sizeof *t);
    ERR_clear_error();
    t->ssl = SSL_new(context);
    t->error = "";
    BIO *bio = tls_bio_new(fd, early);
    if (t->ssl && bio) {
        SSL_set_bio(t->ssl, bio, bio);
        return t;
    }
    BIO_free(bio);
    SSL_free(t->ssl);
    t->ssl = NULL;
    t->error = "out of memory";
    return t;
}

struct tls_session *tls_session_accept(struct tls_server *server, int fd, struct slice early)
{
    struct tls_session *t = session_new(server->contexts[0], fd, early);
    if (t->ssl)
        SSL_set_accept_state(t->ssl);
    return t;
}

/* An address is checked as an address; only a name goes into SNI (RFC 6066 §3). */
static bool set_name(SSL *ssl, const char *name, bool verify)
{
    struct net_addr addr;
    if (net_addr_parse_ip(slice_of(name), &addr))
        return !verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    char copy[TLS_NAME_MAX + 1]; /* the macro takes no const */
    if (strlen(name) > TLS_NAME_MAX)
        return false;
    strcpy(copy, name);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(ssl, copy) == 1 && (!verify || SSL_set1_host(ssl, name) == 1);
}

struct tls_session *tls_session_connect(struct tls_client *client, int fd, const char *name, bool verify)
{
    struct tls_session *t = session_new(client->context, fd, (struct slice){NULL, 0});
    if (!t->ssl)
        return t;
    SSL_set_connect_state(t->ssl);
    SSL_set_verify(t->ssl, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (!set_name(t->ssl, name, verify)) {
        t->error = "bad server name";
        SSL_free(t->ssl);
        t->ssl = NULL;
    }
    return t;
}

void tls_session_free(struct tls_session **t)
{
    if (!*t)
        return;
    SSL_free((*t)->ssl);
    mem_free(*t);
    *t = NULL;
}

static const char *failure(const struct tls_session *t)
{
    long verdict = SSL_get_verify_result(t->ssl);
    if (verdict != X509_V_OK && !SSL_is_init_finished(t->ssl) && !SSL_is_server(t->ssl)) {
        ERR_clear_error();
        return X509_verify_cert_error_string(verdict);
    }
    return tls_reason(errno ? strerror(errno) : "connection lost");
}

static enum tls_status status(struct tls_session *t, int result)
{
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_NONE:
        return TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        t->error = failure(t);
        return TLS_FAILED;
    }
}

/* OpenSSL's verdict on a call is only true if nothing older is in its queue. */
static bool begin(struct tls_session *t)
{
    ERR_clear_error();
    errno = 0;
    return t->ssl && !t->error[0];
}

enum tls_status tls_handshake(struct tls_session *t)
{
    return begin(t) ? status(t, SSL_do_handshake(t->ssl)) : TLS_FAILED;
}

enum tls_status tls_read(struct tls_session *t, char *bytes, size_t room, size_t *n)
{
    *n = 0;
    return begin(t) ? status(t, SSL_read_ex(t->ssl, bytes, room, n)) : TLS_FAILED;
}

enum tls_status tls_write(struct tls_session *t, struct slice bytes, size_t *n)
{
    *n = 0;
    return begin(t) ? status(t, SSL_write_ex(t->ssl, bytes.ptr, bytes.len, n)) : TLS_FAILED;
}

bool tls_pending(const struct tls_session *t)
{
    return t->ssl && SSL_pending(t->ssl) > 0;
}

enum tls_status tls_peek(struct tls_session *t)
{
    char byte;
    size_t n;
    return begin(t) ? status(t, SSL_peek_ex(t->ssl, &byte, 1, &n)) : TLS_FAILED;
}

void tls_goodbye(struct tls_session *t)
{
    if (begin(t) && SSL_is_init_finished(t->ssl))
        SSL_shutdown(t->ssl);
    ERR_clear_error();
}

const char *tls_error(const struct tls_session *t)
{
    return t->error;
}

/* A host name or nothing: it comes from the client. */
static void keep_name(struct tls_session *t)
{
    const char *name = SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name);
    size_t length = name ? strlen(name) : 0;
    if (length > TLS_NAME_MAX)
        return;
    for (size_t i = 0; i < length; i++) {
        if (!ascii_is_alnum(name[i]) && name[i] != '-' && name[i] != '.' && name[i] != '_') {
            t->name[0] = '\0';
            return;
        }
        t->name[i] = ascii_lower(name[i]);
    }
}

static void keep_fingerprint(struct tls_session *t, const X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1)
        return;
    for (unsigned i = 0; i < length && i < sizeof t->fingerprint / 2; i++)
        snprintf(t->fingerprint + (size_t)2 * i, 3, "%02x", digest[i]);
}

void tls_session_info(struct tls_session *t, struct tls_info *info)
{
    const X509 *certificate = SSL_get0_peer_certificate(t->ssl);
    const SSL_CIPHER *cipher = SSL_get_current_cipher(t->ssl);
    const char *cipher_name = cipher ? SSL_CIPHER_standard_name(cipher) : NULL;
    keep_name(t);
    if (certificate)
        keep_fingerprint(t, certificate);
    *info = (struct tls_info){
        .version = SSL_get_version(t->ssl),
        .cipher = cipher_name ? cipher_name : "",
        .name = t->name,
        .resumed = SSL_session_reused(t->ssl) == 1,
        .certificate = certificate != NULL,
        .verified = certificate && SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(t->ssl) == X509_V_OK,
        .fingerprint = t->fingerprint,
    };
}
