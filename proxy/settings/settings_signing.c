/* settings_signing: see settings_signing.h. */
#include "proxy/settings/settings_signing.h"

#include "filters/domain_name.h"
#include "proxy/settings/settings_tell.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 64 * 1024 };

static const struct conf_node *place(const struct signing_key_settings *k, const char *option)
{
    const struct conf_node *node = conf_get(k->node, option);
    return node ? node : k->node;
}

/** Up to KEY_FILE_MAX bytes; the caller wipes them. */
static bool read_all(int fd, struct buf *out)
{
    ssize_t n = 1;
    buf_reserve(out, KEY_FILE_MAX);
    while (n > 0 && out->len < KEY_FILE_MAX) {
        n = read(fd, out->ptr + out->len, KEY_FILE_MAX - out->len);
        out->len += n > 0 ? (size_t)n : 0;
    }
    return n == 0;
}

static void warn_open_to_others(const struct settings_checking *c, const struct signing_key_settings *k, const struct stat *st)
{
    if (st->st_mode & (S_IRWXG | S_IRWXO))
        conf_warning_at(c->errors, place(k, "key"), "%s can be read or changed by others than its owner (mode %03o); chmod 600", k->file,
                        (unsigned)st->st_mode & 0777);
}

/** False: it was told why. */
static bool read_file(const struct settings_checking *c, const struct signing_key_settings *k, struct buf *out)
{
    struct stat st;
    int fd = open(k->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool withheld = fd < 0 && errno == EACCES && geteuid() != 0, good = false;
    if (withheld)
        conf_warning_at(c->errors, place(k, "key"), "%s cannot be read by you, so it was not checked", k->file);
    else if (fd < 0 || fstat(fd, &st) != 0)
        conf_error_at(c->errors, place(k, "key"), "%s: %s", k->file, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        conf_error_at(c->errors, place(k, "key"), "%s is not a regular file", k->file);
    else if (!read_all(fd, out))
        conf_error_at(c->errors, place(k, "key"), "%s is no key: too long, or it cannot be read", k->file);
    else
        good = true;
    if (good)
        warn_open_to_others(c, k, &st);
    if (fd >= 0)
        close(fd);
    return good;
}

/** Labels such as those of a host name (RFC 6376 §3.1). */
static bool is_selector(struct slice text, struct arena *arena)
{
    struct slice out;
    return domain_name_normalise(slice_of(arena_format(arena, "%.*s._domainkey.example.com", SLICE_FMT(text))), arena, &out);
}

static struct signing_key *load_key(const struct settings_checking *c, const struct signing_key_settings *k)
{
    const char *why;
    struct slice domain;
    struct buf file = {0};
    struct signing_key *key = NULL;
    if (!k->domain || !k->selector || !k->file)
        return NULL; /* told already */
    bool named = domain_name_normalise(slice_of(k->domain), c->s->arena, &domain);
    if (!named)
        conf_error_at(c->errors, place(k, "domain"), "\"%s\" is not a domain name", k->domain);
    if (!is_selector(slice_of(k->selector), c->s->arena))
        conf_error_at(c->errors, place(k, "selector"), "\"%s\" is not a selector such as s2026", k->selector);
    if (read_file(c, k, &file)) {
        key = signing_key_read(buf_slice(&file), (enum signing_algorithm)k->algorithm, c->s->arena, &why);
        if (!key)
            conf_error_at(c->errors, place(k, "key"), "%s: %s", k->file, why);
    }
    buf_wipe(&file);
    if (!key || !named)
        return NULL;
    key->domain = domain;
    key->selector = slice_of(k->selector);
    return key;
}

static void check_key(const struct settings_checking *c, const struct signing_key_settings *k, const struct signing_key *key)
{
    const struct signing_settings *s = &c->s->signing;
    if (key->bits && key->bits < SIGNING_KEY_BITS_ADVISED)
        conf_warning_at(c->errors, place(k, "key"), "%s: an RSA key of %u bits is weak; 2048 are usual", k->file, key->bits);
    for (size_t i = 0; i < s->loaded_count; i++)
        if (slice_eq(s->loaded[i]->domain, key->domain) && slice_eq_nocase(s->loaded[i]->selector, key->selector))
            conf_error_at(c->errors, k->node, "another key stands under the same domain and selector");
}

static void load_keys(const struct settings_checking *c, struct signing_settings *s)
{
    const struct signing_key_settings *keys = s->keys.items;
    s->loaded = arena_alloc(c->s->arena, (s->keys.count + 1) * sizeof *s->loaded);
    for (size_t i = 0; i < s->keys.count; i++) {
        struct signing_key *key = load_key(c, &keys[i]);
        if (!key)
            continue;
        check_key(c, &keys[i], key);
        s->loaded[s->loaded_count++] = key;
    }
}

static void load_networks(const struct settings_checking *c, struct signing_settings *s)
{
    const char *const *networks = s->networks.items;
    if (s->networks.count == 0)
        return;
    struct cidr_set *set = cidr_set_new(c->s->arena);
    for (size_t i = 0; i < s->networks.count; i++)
        if (!cidr_set_add(set, slice_of(networks[i])))
            settings_tell(c, CONF_ERROR, "signing.networks", "\"%s\" is not a network such as 192.0.2.0/24", networks[i]);
    cidr_set_seal(set);
    s->clients = set;
}

static void set_options(struct signing_settings *s)
{
    s->options.relaxed_header = s->canonicalization == SIGNING_RELAXED_RELAXED || s->canonicalization == SIGNING_RELAXED_SIMPLE;
    s->options.relaxed_body = s->canonicalization == SIGNING_RELAXED_RELAXED || s->canonicalization == SIGNING_SIMPLE_RELAXED;
    s->options.expire_s = (s->expire_ms + 999) / 1000;
}

/** Where something asks for signatures that nobody can make. */
static void check_use(const struct settings_checking *c)
{
    const struct signing_settings *s = &c->s->signing;
    if (s->keys.count)
        return;
    if (s->networks.count)
        settings_tell(c, CONF_WARNING, "signing.networks", "nothing is signed: there is no key under signing.keys");
    for (size_t i = 0; i < c->s->listener_count; i++)
        if (c->s->listeners[i].sign)
            conf_warning_at(c->errors, conf_get(c->s->listeners[i].node, "sign"), "nothing is signed: there is no key under signing.keys");
}

void settings_open_signing(struct settings *s, const struct conf_node *root, struct conf_errors *errors)
{
    const struct settings_checking c = {s, root, errors};
    load_keys(&c, &s->signing);
    load_networks(&c, &s->signing);
    check_use(&c);
    set_options(&s->signing);
}
