/* settings_tls: see settings_tls.h. */
#include "proxy/settings/settings_tls.h"

#include "proxy/settings/settings_tell.h"

#include <errno.h>
#include <openssl/rand.h>
#include <unistd.h>

/** Only root may read it, and we are not root: the service is. */
static bool is_withheld(const struct settings_checking *c, const struct certificate_settings *pair)
{
    const char *const files[] = {pair->certificate, pair->key};
    for (size_t i = 0; i < 2; i++)
        if (files[i] && geteuid() != 0 && access(files[i], R_OK) != 0 && errno == EACCES) {
            conf_warning_at(c->errors, pair->node, "%s cannot be read by you, so it was not checked", files[i]);
            return true;
        }
    return false;
}

static const struct conf_node *node_of(const struct tls_settings *tls, const struct tls_pair *pair)
{
    const struct certificate_settings *certificates = tls->certificates.items;
    size_t i = 0;
    while (certificates[i].certificate != pair->certificate)
        i++;
    return certificates[i].node;
}

static struct tls_server *open_server(const struct settings_checking *c, const struct tls_pair *pairs, size_t count)
{
    const struct tls_settings *tls = &c->s->tls;
    unsigned char secret[TLS_TICKET_SECRET];
    char error[TLS_ERROR_MAX];
    size_t bad = count;
    struct tls_server_options options = {.pairs = pairs,
                                         .pair_count = count,
                                         .client_certificate = (enum tls_client_certificate)tls->client_certificate,
                                         .client_ca = tls->client_ca,
                                         .secret = RAND_bytes(secret, sizeof secret) == 1 ? secret : NULL};
    struct tls_server *server = tls_server_new(&options, error, &bad);
    if (!server)
        conf_error_at(c->errors, bad < count ? node_of(tls, &pairs[bad]) : NULL, "%s", error);
    return server;
}

static void open_certificates(const struct settings_checking *c, struct settings *s)
{
    const struct certificate_settings *certificates = s->tls.certificates.items;
    size_t count = s->tls.certificates.count;
    struct tls_pair *pairs = arena_alloc(s->arena, (count + 1) * sizeof *pairs);
    bool withheld = false;
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        withheld = is_withheld(c, &certificates[i]) || withheld;
        if (certificates[i].certificate)
            pairs[named++] = (struct tls_pair){certificates[i].certificate, certificates[i].key};
    }
    if (named && !withheld)
        s->tls.server = open_server(c, pairs, named);
}

/** Passwords need TLS; a listener that has none never offers what it is told to. */
static void check_auth(const struct settings_checking *c, const struct listener_settings *l)
{
    const struct conf_node *node = conf_get(l->node, "auth");
    if (l->auth == LISTENER_AUTH_TLS && l->tls == LISTENER_TLS_NEVER)
        conf_error_at(c->errors, node, "under TLS only, but the listener's tls is never: nobody could log in");
    else if (l->auth == LISTENER_AUTH_TLS && l->tls == LISTENER_TLS_OFFER && c->s->tls.certificates.count == 0)
        conf_error_at(c->errors, node, "under TLS only, which needs a certificate, and there is none under tls.certificates");
    else if (l->auth == LISTENER_AUTH_ALWAYS && (l->tls == LISTENER_TLS_NEVER || l->tls == LISTENER_TLS_OFFER))
        conf_warning_at(c->errors, node, "passwords may travel in the clear here; \"tls\" asks for TLS first");
}

static void check_listener(const struct settings_checking *c, const struct listener_settings *l)
{
    bool needs = l->tls == LISTENER_TLS_REQUIRE || l->tls == LISTENER_TLS_IMPLICIT;
    if (needs && c->s->tls.certificates.count == 0)
        conf_error_at(c->errors, conf_get(l->node, "tls"), "TLS needs a certificate, and there is none under tls.certificates");
    check_auth(c, l);
}

static void open_backend(const struct settings_checking *c, struct backend_settings *b)
{
    char error[TLS_ERROR_MAX];
    if (b->tls == BACKEND_TLS_NONE) {
        if (b->tls_implicit)
            conf_error_at(c->errors, b->node, "tls_implicit needs tls: require or verify");
        return;
    }
    if (b->tls == BACKEND_TLS_OPPORTUNISTIC && b->tls_implicit)
        conf_error_at(c->errors, b->node, "tls_implicit needs tls: require or verify; without TLS such a backend cannot be spoken to");
    b->tls_client = tls_client_new(b->tls_ca, error);
    if (!b->tls_client)
        conf_error_at(c->errors, b->node, "%s", error);
}

void settings_open_tls(struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct settings_checking c = {s, root, errors};
    open_certificates(&c, s);
    for (size_t i = 0; i < s->listener_count; i++)
        check_listener(&c, &s->listeners[i]);
    for (size_t i = 0; i < s->backend_count; i++)
        open_backend(&c, &s->backends[i]);
    if (s->tls.client_certificate != TLS_CLIENT_NEVER && s->tls.certificates.count == 0)
        settings_tell(&c, CONF_WARNING, "tls.client_certificate", "nobody is asked: there is no certificate of our own");
}

void settings_close_tls(struct settings *s)
{
    tls_server_free(&s->tls.server);
    for (size_t i = 0; i < s->backend_count; i++)
        tls_client_free(&s->backends[i].tls_client);
}
