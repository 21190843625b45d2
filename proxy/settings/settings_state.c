/* settings_state: see settings_state.h. */
#include "proxy/settings/settings_state.h"

#include "base/log.h"
#include "filters/state/state_local.h"
#include "filters/state/state_redis.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSWORD_MAX = 512 };

/** The first line of the file, without its end. Read as whoever reads the configuration: workers need not be able to. */
static const char *read_password(const char *path, struct arena *arena, const struct settings_checking *c)
{
    char line[PASSWORD_MAX + 2];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not stop us */
    ssize_t len = fd < 0 || fstat(fd, &st) != 0 ? -1 : S_ISREG(st.st_mode) ? read(fd, line, sizeof line - 1) : 0;
    const char *wrong = len < 0 ? strerror(errno) : len == 0 ? "no password in it" : NULL;
    if (fd >= 0)
        close(fd);
    if (wrong) {
        settings_tell(c, CONF_ERROR, "state.redis.password_file", "%s: %s", path, wrong);
        return NULL;
    }
    line[len] = '\0';
    if (st.st_mode & S_IROTH)
        settings_tell(c, CONF_WARNING, "state.redis.password_file", "%s can be read by everybody on this machine", path);
    struct slice password = slice_first(slice_of(line), strcspn(line, "\r\n"));
    if (slice_empty(password) || password.len > PASSWORD_MAX)
        settings_tell(c, CONF_ERROR, "state.redis.password_file", "%s: its first line is no password", path);
    return arena_string(arena, password);
}

void settings_state_load(struct state_settings *state, struct arena *arena, const struct settings_checking *c)
{
    struct redis_settings *redis = &state->redis;
    if (state->store != STORE_REDIS)
        return;
    if (!redis->address || !redis_address_valid(redis->address))
        settings_tell(c, CONF_ERROR, "state.redis.address",
                      "must be an address with port, such as 192.0.2.10:6379, or the absolute path of a socket");
    if (redis->password_file)
        redis->password = read_password(redis->password_file, arena, c);
    else if (redis->user)
        settings_tell(c, CONF_ERROR, "state.redis.user", "a user needs a password: password_file is missing");
    if (redis->when_down == STATE_DOWN_LOCAL && !state->directory)
        settings_tell(c, CONF_ERROR, "state.redis.when_down", "local needs state.directory, where this machine counts meanwhile");
}

static struct state *open_local(const struct state_settings *settings)
{
    const char *error = NULL;
    if (!settings->directory)
        return NULL;
    struct kv *kv = kv_open(settings->directory, (size_t)settings->size, &error);
    if (kv)
        return state_local_new(kv);
    log_event(LOG_LEVEL_ERROR, "state.unavailable", "directory", settings->directory, "reason", error, NULL);
    return NULL;
}

struct state *settings_state_open(const struct settings *settings, struct event_base *base)
{
    const struct state_settings *s = &settings->state;
    const struct redis_settings *r = &s->redis;
    if (s->store == STORE_LMDB)
        return open_local(s);
    struct state_redis_options options = {
        .server = {.address = r->address, .user = r->user, .password = r->password, .database = r->database, .timeout_ms = r->timeout_ms},
        .prefix = r->prefix ? r->prefix : "",
        .when_down = (enum state_when_down)r->when_down,
    };
    return state_redis_new(base, &options, options.when_down == STATE_DOWN_LOCAL ? open_local(s) : NULL);
}
