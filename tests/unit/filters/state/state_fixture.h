/* state_fixture: a store in a directory of its own, and, where redis-server is installed, a server of its own behind a socket there. */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include "filters/state/state_local.h"
#include "filters/state/state_redis.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char state_dir[64], state_socket[96];
static pid_t state_server;

static inline void state_make_directory(void)
{
    strcpy(state_dir, "/tmp/mailweir-state-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(state_dir));
    snprintf(state_socket, sizeof state_socket, "%s/socket", state_dir);
}

static inline void state_remove_directory(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", state_dir);
    ck_assert_int_eq(system(command), 0);
}

static inline struct state *state_open_local(void)
{
    const char *error = NULL;
    struct kv *kv = kv_open(state_dir, 1 << 20, &error);
    ck_assert_msg(kv != NULL, "%s", error);
    return state_local_new(kv);
}

/** False: there is no redis-server on this machine. extra: one more argument pair, or NULL. */
static inline bool state_start_server(const char *option, const char *value)
{
    struct stat st;
    if (access("/usr/bin/redis-server", X_OK) != 0)
        return false;
    unlink(state_socket);
    state_server = fork();
    if (state_server == 0) {
        execl("/usr/bin/redis-server", "redis-server", "--port", "0", "--unixsocket", state_socket, "--save", "", "--dir", state_dir,
              "--logfile", "redis.log", option, value, NULL);
        _exit(127);
    }
    while (stat(state_socket, &st) != 0)
        usleep(5000);
    return true;
}

static inline void state_stop_server(void)
{
    if (state_server > 0) {
        kill(state_server, SIGKILL);
        waitpid(state_server, NULL, 0);
    }
    state_server = 0;
}

static struct {
    struct event_base *base;
    bool answered;
    enum state_result result;
} state_wait;

static inline void state_on_done(void *ctx, enum state_result result)
{
    state_wait.answered = true;
    state_wait.result = result;
    event_base_loopbreak(state_wait.base);
}

/** Runs a batch and waits for its result. */
static inline enum state_result state_do(struct state *state, struct state_op *ops, size_t count)
{
    struct state_batch batch = {.ops = ops, .count = count, .done = state_on_done};
    state_wait.answered = false;
    enum state_result result = state_run(state, &batch);
    if (result != STATE_PENDING)
        return result;
    while (!state_wait.answered)
        ck_assert_int_eq(event_base_loop(state_wait.base, EVLOOP_ONCE), 0);
    return state_wait.result;
}

static inline struct state *state_open_redis(enum state_when_down when_down, struct state *local)
{
    struct state_redis_options options = {
        .server = {.address = state_socket, .timeout_ms = 2000}, .prefix = "t*[x]:", .when_down = when_down};
    if (!state_wait.base)
        state_wait.base = event_base_new();
    return state_redis_new(state_wait.base, &options, local);
}

static inline struct state_op state_op_of(enum state_op_kind kind, const char *key, int64_t cost)
{
    struct state_op op = {.kind = kind, .key = slice_of(key), .cost = cost, .most = 2, .ticket = (uint64_t)cost};
    ck_assert(gcra_limit_make(10, 3600000, 10, &op.limit));
    return op;
}

#endif
