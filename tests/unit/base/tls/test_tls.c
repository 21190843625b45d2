#include "base/tls/tls.h"

#include "tests/unit/base/tls/certificate.h"
#include "tests/unit/unit.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

static const unsigned char secret[TLS_TICKET_SECRET] = "a secret that all workers share";

static char *make(const char *name)
{
    return strdup(certificate_make(name));
}

static struct tls_server *serve(const struct tls_server_options *options)
{
    char error[TLS_ERROR_MAX];
    size_t bad;
    struct tls_server *server = tls_server_new(options, error, &bad);
    ck_assert_msg(server != NULL, "%s", error);
    return server;
}

/* A client of OpenSSL's own, so that the tests do not ask our code about itself. */
struct talk {
    SSL_CTX *context;
    SSL *client;
    struct tls_session *session;
    int ends[2];
    enum tls_status status;
    bool client_done;
};

static void talk_to(struct talk *t, struct tls_server *server, SSL_CTX *context, const char *name, SSL_SESSION *resume)
{
    *t = (struct talk){.context = context};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, t->ends), 0);
    t->session = tls_session_accept(server, t->ends[0], SLICE(""));
    t->client = SSL_new(context);
    SSL_set_fd(t->client, t->ends[1]);
    SSL_set_connect_state(t->client);
    char copy[64] = ""; /* the macro takes no const */
    if (name)
        SSL_set_tlsext_host_name(t->client, strncpy(copy, name, sizeof copy - 1));
    if (resume)
        SSL_set_session(t->client, resume);
    for (int i = 0; i < 10; i++) {
        t->client_done = SSL_do_handshake(t->client) == 1;
        t->status = tls_handshake(t->session);
    }
    char byte;
    SSL_read(t->client, &byte, 1); /* takes in the ticket */
}

static void hang_up(struct talk *t)
{
    SSL_shutdown(t->client); /* a client that just goes may not resume */
    SSL_free(t->client);
    tls_session_free(&t->session);
    close(t->ends[0]);
    close(t->ends[1]);
}

static bool shows_name(const struct talk *t, const char *name)
{
    return X509_check_host(SSL_get0_peer_certificate(t->client), name, 0, 0, NULL) == 1;
}

static SSL_CTX *client_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    return context;
}

START_TEST(the_certificate_is_the_one_for_the_name_and_else_the_first)
{
    char *one = make("one.example.com"), *two = make("*.two.example.com");
    struct tls_pair pairs[] = {{one, NULL}, {two, two}};
    struct tls_server *server = serve(&(struct tls_server_options){.pairs = pairs, .pair_count = 2});
    SSL_CTX *context = client_context();
    static const struct {
        const char *asks, *gets;
    } cases[] = {{"one.example.com", "one.example.com"},
                 {"mx.two.example.com", "mx.two.example.com"},
                 {"MX.TWO.example.com", "mx.two.example.com"},
                 {"other.example.com", "one.example.com"},
                 {NULL, "one.example.com"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct talk t;
        struct tls_info info;
        talk_to(&t, server, context, cases[i].asks, NULL);
        ck_assert_int_eq(t.status, TLS_DONE);
        ck_assert_msg(shows_name(&t, cases[i].gets), "asked for %s", cases[i].asks);
        tls_session_info(t.session, &info);
        ck_assert_int_eq(info.name[0] != '\0', cases[i].asks != NULL);
        ck_assert_int_ne(info.name[0], 'M');
        hang_up(&t);
    }
    SSL_CTX_free(context);
    tls_server_free(&server);
    unlink(one), unlink(two), free(one), free(two);
}
END_TEST

static void resume_at(int version, const unsigned char *other_secret, bool expected)
{
    char *pem = make("mx.example.com");
    struct tls_pair pair = {pem, NULL};
    struct tls_server *first = serve(&(struct tls_server_options){.pairs = &pair, .pair_count = 1, .secret = secret});
    struct tls_server *other = serve(&(struct tls_server_options){.pairs = &pair, .pair_count = 1, .secret = other_secret});
    SSL_CTX *context = client_context();
    struct talk t;
    struct tls_info info;
    SSL_CTX_set_max_proto_version(context, version);
    talk_to(&t, first, context, "mx.example.com", NULL);
    tls_session_info(t.session, &info);
    ck_assert(!info.resumed);
    SSL_SESSION *session = SSL_get1_session(t.client);
    hang_up(&t);
    talk_to(&t, other, context, "mx.example.com", session);
    ck_assert_int_eq(t.status, TLS_DONE);
    tls_session_info(t.session, &info);
    ck_assert_int_eq(info.resumed, expected);
    hang_up(&t);
    SSL_SESSION_free(session);
    SSL_CTX_free(context);
    tls_server_free(&first);
    tls_server_free(&other);
    unlink(pem), free(pem);
}

START_TEST(a_session_is_resumed_at_another_worker_with_the_same_secret)
{
    static const unsigned char wrong[TLS_TICKET_SECRET] = "another one";
    resume_at(TLS1_2_VERSION, secret, true);
    resume_at(TLS1_3_VERSION, secret, true);
    resume_at(TLS1_2_VERSION, wrong, false);
    resume_at(TLS1_3_VERSION, wrong, false);
    resume_at(TLS1_3_VERSION, NULL, false);
}
END_TEST

START_TEST(nothing_below_tls_1_2_is_spoken)
{
    char *pem = make("mx.example.com");
    struct tls_pair pair = {pem, NULL};
    struct tls_server *server = serve(&(struct tls_server_options){.pairs = &pair, .pair_count = 1});
    SSL_CTX *context = client_context();
    struct talk t;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    talk_to(&t, server, context, NULL, NULL);
    ck_assert_int_eq(t.status, TLS_FAILED);
    ck_assert_str_eq(tls_error(t.session), "unsupported protocol");
    ck_assert(!t.client_done);
    hang_up(&t);
    SSL_CTX_free(context);
    tls_server_free(&server);
    unlink(pem), free(pem);
}
END_TEST

START_TEST(a_renegotiation_is_refused)
{
    char *pem = make("mx.example.com");
    struct tls_pair pair = {pem, NULL};
    struct tls_server *server = serve(&(struct tls_server_options){.pairs = &pair, .pair_count = 1});
    SSL_CTX *context = client_context();
    struct talk t;
    char byte;
    size_t n;
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    talk_to(&t, server, context, NULL, NULL);
    ck_assert_int_eq(t.status, TLS_DONE);
    ck_assert_int_eq(SSL_renegotiate(t.client), 1);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(t.client);
        ck_assert_int_ne(tls_read(t.session, &byte, 1, &n), TLS_DONE);
    }
    ck_assert_int_eq(SSL_total_renegotiations(t.client), 1); /* it asked, and nothing came of it */
    ck_assert(!SSL_is_init_finished(t.client));
    hang_up(&t);
    SSL_CTX_free(context);
    tls_server_free(&server);
    unlink(pem), free(pem);
}
END_TEST

START_TEST(a_clients_certificate_is_told_with_what_it_is_worth)
{
    char *pem = make("mx.example.com"), *good = make("client.example.com"), *bad = make("stranger.example.com");
    struct tls_pair pair = {pem, NULL};
    static const char *const none = NULL;
    const struct {
        enum tls_client_certificate wanted;
        const char *shown;
        bool done, certificate, verified;
    } cases[] = {{TLS_CLIENT_NEVER, good, true, false, false},   {TLS_CLIENT_ASK, none, true, false, false},
                 {TLS_CLIENT_ASK, good, true, true, true},       {TLS_CLIENT_ASK, bad, true, true, false},
                 {TLS_CLIENT_REQUIRE, good, true, true, true},   {TLS_CLIENT_REQUIRE, bad, false, false, false},
                 {TLS_CLIENT_REQUIRE, none, false, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tls_server *server =
            serve(&(struct tls_server_options){.pairs = &pair, .pair_count = 1, .client_certificate = cases[i].wanted, .client_ca = good});
        SSL_CTX *context = client_context();
        struct talk t;
        struct tls_info info;
        if (cases[i].shown) {
            SSL_CTX_use_certificate_chain_file(context, cases[i].shown);
            SSL_CTX_use_PrivateKey_file(context, cases[i].shown, SSL_FILETYPE_PEM);
        }
        talk_to(&t, server, context, NULL, NULL);
        ck_assert_int_eq(t.status == TLS_DONE, cases[i].done);
        if (cases[i].done) {
            tls_session_info(t.session, &info);
            ck_assert_msg(info.certificate == cases[i].certificate && info.verified == cases[i].verified, "case %zu", i);
            ck_assert_uint_eq(strlen(info.fingerprint), cases[i].certificate ? 64 : 0);
        }
        hang_up(&t);
        SSL_CTX_free(context);
        tls_server_free(&server);
    }
    unlink(pem), unlink(good), unlink(bad), free(pem), free(good), free(bad);
}
END_TEST

START_TEST(a_bad_pair_is_refused_and_named)
{
    char *one = make("one.example.com"), *two = make("two.example.com");
    char error[TLS_ERROR_MAX];
    size_t bad = 9;
    struct tls_pair missing[] = {{one, NULL}, {"/nonexistent.pem", NULL}}, crossed[] = {{one, two}};
    ck_assert_ptr_null(tls_server_new(&(struct tls_server_options){.pairs = missing, .pair_count = 2}, error, &bad));
    ck_assert_uint_eq(bad, 1);
    ck_assert_str_eq(error, "certificate /nonexistent.pem: No such file or directory");
    ck_assert_ptr_null(tls_server_new(&(struct tls_server_options){.pairs = crossed, .pair_count = 1}, error, &bad));
    ck_assert_uint_eq(bad, 0);
    ck_assert_msg(strstr(error, "key values mismatch") != NULL, "%s", error);
    ck_assert_ptr_null(tls_client_new("/nonexistent.pem", error));
    ck_assert_msg(strstr(error, "/nonexistent.pem") != NULL, "%s", error);
    unlink(one), unlink(two), free(one), free(two);
}
END_TEST

UNIT_MAIN("base/tls", the_certificate_is_the_one_for_the_name_and_else_the_first,
          a_session_is_resumed_at_another_worker_with_the_same_secret, nothing_below_tls_1_2_is_spoken, a_renegotiation_is_refused,
          a_clients_certificate_is_told_with_what_it_is_worth, a_bad_pair_is_refused_and_named)
