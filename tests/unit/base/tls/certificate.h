/* certificate: a self-signed certificate with its key, made for a test. */
#ifndef TESTS_CERTIFICATE_H
#define TESTS_CERTIFICATE_H

#include "tests/unit/unit.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

static inline void certificate_add(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    ck_assert_ptr_nonnull(e);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

/** For a DNS name: the path of a PEM file with both, for the caller to remove; static, so good until the next call. */
static inline const char *certificate_make(const char *name)
{
    static char path[64];
    static unsigned serial;
    char alternative[300];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_NAME *subject = X509_get_subject_name(x);
    ASN1_INTEGER_set(X509_get_serialNumber(x), (long)++serial);
    X509_set_version(x, 2);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, subject);
    X509_set_pubkey(x, key);
    snprintf(alternative, sizeof alternative, "DNS:%s", name);
    certificate_add(x, NID_subject_alt_name, alternative);
    certificate_add(x, NID_basic_constraints, "CA:TRUE");
    ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
    snprintf(path, sizeof path, "/tmp/mailweir-tls-XXXXXX");
    FILE *f = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(f);
    PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    PEM_write_X509(f, x);
    fclose(f);
    X509_free(x);
    EVP_PKEY_free(key);
    return path;
}

#endif
