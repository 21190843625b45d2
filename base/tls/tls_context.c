/* tls_context: what a server or a client brings to every session: certificates, whom it believes, what it agrees to. See tls.h. */
#include "base/tls/tls_private.h"

#include "base/mem.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

/* For TLS 1.2; forward secrecy always. CBC comes last, for old senders: refused TLS would mean mail in the clear. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES:!aNULL:!eNULL:!PSK:!SRP";

static const unsigned char resumption_id[] = "mailweir";

const char *tls_reason(const char *fallback)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    if (code && !reason && ERR_SYSTEM_ERROR(code))
        reason = strerror(ERR_GET_REASON(code));
    ERR_clear_error();
    return reason ? reason : fallback;
}

SSL_CTX *tls_context_new(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, ciphers);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_read_buffer_len(context, 4096);
    return context;
}

static bool fail(char error[TLS_ERROR_MAX], const char *what, const char *path, const char *fallback)
{
    snprintf(error, TLS_ERROR_MAX, "%s %s: %s", what, path, tls_reason(fallback));
    return false;
}

static bool load_pair(SSL_CTX *context, const struct tls_pair *pair, char error[TLS_ERROR_MAX])
{
    const char *key = pair->key ? pair->key : pair->certificate;
    if (SSL_CTX_use_certificate_chain_file(context, pair->certificate) != 1)
        return fail(error, "certificate", pair->certificate, "cannot be read");
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return fail(error, "private key", key, "cannot be read");
    return SSL_CTX_check_private_key(context) == 1 || fail(error, "private key", key, "does not belong to the certificate");
}

/* Whatever the certificate is worth, the session goes on: the policy decides what it means. */
static int accept_any(int valid, X509_STORE_CTX *store)
{
    (void)valid, (void)store;
    return 1;
}

static bool use_authorities(SSL_CTX *context, const char *file, char error[TLS_ERROR_MAX])
{
    if (!file)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    return SSL_CTX_load_verify_file(context, file) == 1 || fail(error, "certificate authorities", file, "cannot be read");
}

static bool use_client_certificates(SSL_CTX *context, const struct tls_server_options *options, char error[TLS_ERROR_MAX])
{
    if (options->client_certificate == TLS_CLIENT_NEVER)
        return true;
    if (!use_authorities(context, options->client_ca, error))
        return false;
    bool require = options->client_certificate == TLS_CLIENT_REQUIRE;
    SSL_CTX_set_verify(context, require ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_PEER, require ? NULL : accept_any);
    if (options->client_ca)
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(options->client_ca));
    return true;
}

/* RFC 6066 §3: another of our certificates, if it is for the name that the client asks for. */
static int on_name(SSL *ssl, int *alert, void *arg)
{
    const struct tls_server *server = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    for (size_t i = 0; name && i < server->count; i++)
        if (X509_check_host(SSL_CTX_get0_certificate(server->contexts[i]), name, 0, 0, NULL) == 1) {
            SSL_set_SSL_CTX(ssl, server->contexts[i]);
            return SSL_TLSEXT_ERR_OK;
        }
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *server_context(struct tls_server *server, const struct tls_server_options *options, const struct tls_pair *pair,
                               char error[TLS_ERROR_MAX])
{
    SSL_CTX *context = tls_context_new(TLS_server_method());
    if (!context || !load_pair(context, pair, error) || !use_client_certificates(context, options, error)) {
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_session_id_context(context, resumption_id, sizeof resumption_id - 1);
    SSL_CTX_set_tlsext_servername_callback(context, on_name);
    SSL_CTX_set_tlsext_servername_arg(context, server);
    SSL_CTX_set_num_tickets(context, options->secret ? 1 : 0);
    if (options->secret)
        tls_tickets_use(context, server);
    else
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return context;
}

struct tls_server *tls_server_new(const struct tls_server_options *options, char error[TLS_ERROR_MAX], size_t *bad)
{
    struct tls_server *server = mem_alloc(sizeof *server);
    ERR_clear_error();
    snprintf(error, TLS_ERROR_MAX, "out of memory");
    server->contexts = mem_alloc(options->pair_count * sizeof(SSL_CTX *));
    if (options->secret)
        memcpy(server->secret, options->secret, TLS_TICKET_SECRET);
    for (; server->count < options->pair_count; server->count++) {
        SSL_CTX *context = server_context(server, options, &options->pairs[server->count], error);
        if (!context) {
            *bad = server->count;
            tls_server_free(&server);
            return NULL;
        }
        server->contexts[server->count] = context;
    }
    return server;
}

void tls_server_free(struct tls_server **server)
{
    struct tls_server *gone = *server;
    if (!gone)
        return;
    *server = NULL;
    for (size_t i = 0; i < gone->count; i++)
        SSL_CTX_free(gone->contexts[i]);
    mem_free(gone->contexts);
    OPENSSL_cleanse(gone->secret, sizeof gone->secret);
    mem_free(gone);
}

struct tls_client *tls_client_new(const char *ca_file, char error[TLS_ERROR_MAX])
{
    ERR_clear_error();
    snprintf(error, TLS_ERROR_MAX, "out of memory");
    SSL_CTX *context = tls_context_new(TLS_client_method());
    if (!context || !use_authorities(context, ca_file, error)) {
        SSL_CTX_free(context);
        return NULL;
    }
    struct tls_client *client = mem_alloc(sizeof *client);
    client->context = context;
    return client;
}

void tls_client_free(struct tls_client **client)
{
    if (!*client)
        return;
    SSL_CTX_free((*client)->context);
    mem_free(*client);
    *client = NULL;
}
