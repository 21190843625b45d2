/* drain: see drain.h. Keys are "drain/BACKEND/SERVER". */
#include "proxy/backend/drain.h"

#include "base/buf.h"
#include "base/clock.h"

struct visit {
    size_t prefix;
    void (*each)(void *ctx, struct slice server);
    void *ctx;
};

static void add_prefix(struct buf *key, const char *backend)
{
    buf_add_format(key, "drain/%s/", backend);
}

static bool keep(void *ctx, struct slice current, struct kv_value *next)
{
    const bool *drained = ctx;
    next->len = *drained ? 1 : 0;
    next->bytes[0] = '1';
    next->expires_ms = INT64_MAX;
    return true;
}

bool drain_set(struct kv *state, const char *backend, const char *server, bool drained)
{
    struct buf key = {0};
    add_prefix(&key, backend);
    buf_add_text(&key, server);
    bool good = key.len <= KV_KEY_MAX && kv_update(state, buf_slice(&key), clock_unix_ms(), keep, &drained);
    buf_release(&key);
    return good;
}

static void on_key(void *ctx, struct slice key, struct slice value, int64_t expires_ms)
{
    struct visit *visit = ctx;
    visit->each(visit->ctx, slice_skip(key, visit->prefix));
}

void drain_each(struct kv *state, const char *backend, void (*each)(void *ctx, struct slice server), void *ctx)
{
    struct buf prefix = {0};
    add_prefix(&prefix, backend);
    struct visit visit = {prefix.len, each, ctx};
    kv_each(state, buf_slice(&prefix), clock_unix_ms(), on_key, &visit);
    buf_release(&prefix);
}

/** One server while the keys are walked. */
struct finding {
    const struct server *server;
    bool drained;
};

static void compare(void *ctx, struct slice name)
{
    struct finding *f = ctx;
    f->drained = f->drained || slice_eq(name, slice_of(f->server->name)) || slice_eq(name, slice_of(f->server->settings->address));
}

void drain_look(struct backend *b)
{
    for (struct server *s = b->servers; s && b->tools.state; s = s->next) {
        struct finding f = {s, false};
        drain_each(b->tools.state, b->settings->name, compare, &f);
        server_set_drained(s, f.drained);
    }
}
