/* tls_tickets: session tickets that every worker can read (RFC 5077 §4, RFC 8446 §4.6.1).
 *
 * Keys are not stored: each period of the clock has its own, derived from the shared secret. Tickets of this period and of the one before
 * are taken; older ones mean a full handshake. */
#include "base/tls/tls_private.h"

#include "base/clock.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>

enum { PERIOD_MS = 8 * 3600 * 1000, NAME_BYTES = 16, KEY_BYTES = 32 };

static int server_index = -1;

struct ticket_keys {
    unsigned char name[KEY_BYTES], cipher[KEY_BYTES], mac[KEY_BYTES]; /* of name the first NAME_BYTES are used */
};

static bool derive(const struct tls_server *server, int64_t period, const char *purpose, unsigned char out[KEY_BYTES])
{
    char label[64];
    unsigned length = 0;
    int n = snprintf(label, sizeof label, "ticket %s %lld", purpose, (long long)period);
    return HMAC(EVP_sha256(), server->secret, TLS_TICKET_SECRET, (const unsigned char *)label, (size_t)n, out, &length) &&
           length == KEY_BYTES;
}

static bool keys_of(const struct tls_server *server, int64_t period, struct ticket_keys *keys)
{
    return derive(server, period, "name", keys->name) && derive(server, period, "cipher", keys->cipher) &&
           derive(server, period, "mac", keys->mac);
}

static bool use_mac(EVP_MAC_CTX *mac, const unsigned char *key)
{
    unsigned char copy[KEY_BYTES];
    char digest[] = "SHA256";
    memcpy(copy, key, KEY_BYTES);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, copy, KEY_BYTES),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(const struct tls_server *server, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct ticket_keys keys;
    if (!keys_of(server, clock_unix_ms() / PERIOD_MS, &keys) || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
        return -1;
    memcpy(name, keys.name, NAME_BYTES);
    return EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, keys.cipher, iv) == 1 && use_mac(mac, keys.mac) ? 1 : -1;
}

/* 0: not one of ours, or too old; 1: good; 2: good, but the client should get a new one. */
static int unseal(const struct tls_server *server, const unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    int64_t now = clock_unix_ms() / PERIOD_MS;
    for (int age = 0; age < 2; age++) {
        struct ticket_keys keys;
        if (!keys_of(server, now - age, &keys))
            return -1;
        if (memcmp(name, keys.name, NAME_BYTES) != 0)
            continue;
        if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, keys.cipher, iv) != 1 || !use_mac(mac, keys.mac))
            return -1;
        return age ? 2 : 1;
    }
    return 0;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
    const struct tls_server *server = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), server_index);
    return encrypt ? seal(server, name, iv, cipher, mac) : unseal(server, name, iv, cipher, mac);
}

void tls_tickets_use(SSL_CTX *context, struct tls_server *server)
{
    if (server_index < 0)
        server_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    SSL_CTX_set_ex_data(context, server_index, server);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}
