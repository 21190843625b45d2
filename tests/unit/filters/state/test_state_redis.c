/* Proves filters/state/state_redis.c, its scripts and base/redis.c, against a real server that the test starts. Where none is installed
 * (tools/install test installs it) only what needs no server is proved. */
#include "base/clock.h"
#include "tests/unit/filters/state/state_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct state *redis;
static bool have_server;

static bool open_server(enum state_when_down when_down)
{
    state_make_directory();
    have_server = state_start_server(NULL, NULL);
    redis = state_open_redis(when_down, when_down == STATE_DOWN_LOCAL ? state_open_local() : NULL);
    return have_server;
}

static void close_server(void)
{
    state_free(&redis);
    state_stop_server();
    state_remove_directory();
}

static struct state_op one(struct state *state, enum state_op_kind kind, const char *key, int64_t cost)
{
    struct state_op op = state_op_of(kind, key, cost);
    ck_assert_int_eq(state_do(state, &op, 1), STATE_DONE);
    return op;
}

/* Random operations, in batches, must come out alike in both stores. The clocks differ by less than one event. */
START_TEST(both_stores_give_the_same_answers)
{
    static const enum state_op_kind kinds[] = {STATE_COUNT, STATE_COUNT, STATE_LOOK,  STATE_SET,   STATE_FORGET,
                                               STATE_ENTER, STATE_ENTER, STATE_RENEW, STATE_LEAVE, STATE_PLACES};
    static const char *const buckets[] = {"a", "b\n\xff", "c"}, *const places[] = {"p", "q"};
    struct state_op ours[8], theirs[8];
    unsigned seed = 4711;
    if (open_server(STATE_DOWN_OPEN)) {
        struct state *local = state_open_local();
        for (int round = 0; round < 400; round++) {
            size_t n = 1 + (size_t)rand_r(&seed) % 8;
            for (size_t i = 0; i < n; i++) {
                enum state_op_kind kind = kinds[(size_t)rand_r(&seed) % 10];
                bool place = kind >= STATE_ENTER && kind <= STATE_PLACES;
                /* one session: Redis knows sessions by ticket, LMDB by process */
                ours[i] = state_op_of(kind, place ? places[rand_r(&seed) % 2] : buckets[rand_r(&seed) % 3], rand_r(&seed) % 13);
                if (kind == STATE_RENEW || kind == STATE_LEAVE || kind == STATE_ENTER)
                    ours[i].kind = STATE_PLACES;
                theirs[i] = ours[i];
            }
            ck_assert_int_eq(state_do(local, ours, n), STATE_DONE);
            ck_assert_int_eq(state_do(redis, theirs, n), STATE_DONE);
            for (size_t i = 0; i < n; i++) {
                ck_assert_int_eq(ours[i].over, theirs[i].over);
                ck_assert_int_eq(ours[i].used, theirs[i].used);
                ck_assert_int_le(llabs(ours[i].retry_us - theirs[i].retry_us), 60 * 1000000);
            }
        }
        state_free(&local);
    }
    close_server();
}
END_TEST

START_TEST(places_are_entered_renewed_and_left)
{
    if (open_server(STATE_DOWN_OPEN)) {
        ck_assert_int_eq(one(redis, STATE_ENTER, "s", 1).used, 1);
        ck_assert_int_eq(one(redis, STATE_ENTER, "s", 2).used, 2);
        struct state_op third = one(redis, STATE_ENTER, "s", 3);
        ck_assert(third.over && third.used == 2 && third.retry_us == 0);
        ck_assert_int_eq(one(redis, STATE_RENEW, "s", 1).used, 2);
        ck_assert_int_eq(one(redis, STATE_LEAVE, "s", 1).used, 1);
        ck_assert_int_eq(one(redis, STATE_LEAVE, "s", 1).used, 1);
        ck_assert(!one(redis, STATE_ENTER, "s", 3).over);
        one(redis, STATE_FORGET, "s", 0);
        ck_assert_int_eq(one(redis, STATE_PLACES, "s", 0).used, 0);
        ck_assert_int_eq(one(redis, STATE_RENEW, "s", 3).used, 1); /* a server that forgot everything learns it again */
    }
    close_server();
}
END_TEST

static void collect(void *ctx, const struct state_entry *e)
{
    char *text = ctx;
    sprintf(text + strlen(text), "%.*s=%d/%d ", SLICE_FMT(e->key), e->ahead_us > 0, (int)e->places);
}

START_TEST(entries_below_a_prefix_are_listed_and_no_others)
{
    char text[200] = "";
    if (open_server(STATE_DOWN_OPEN)) {
        one(redis, STATE_COUNT, "rl/a*/1", 1);
        one(redis, STATE_COUNT, "rl/ab/1", 1);
        one(redis, STATE_ENTER, "rs/a*/2", 1);
        ck_assert(state_each(redis, SLICE("rl/a*/"), collect, text));
        ck_assert_str_eq(text, "rl/a*/1=1/0 ");
        ck_assert(state_each(redis, SLICE("rs/"), collect, text));
        ck_assert_str_eq(text, "rl/a*/1=1/0 rs/a*/2=0/1 ");
    }
    close_server();
}
END_TEST

/** Gone without a word: the next batch may still be waiting when the connection breaks. */
static enum state_result ask_after_kill(enum state_when_down when_down, struct state_op *op)
{
    if (open_server(when_down))
        one(redis, STATE_COUNT, "a", 1);
    state_stop_server();
    *op = state_op_of(STATE_COUNT, "a", 5);
    enum state_result first = state_do(redis, op, 1);
    *op = state_op_of(STATE_COUNT, "a", 1);
    enum state_result second = state_do(redis, op, 1);
    ck_assert_int_eq(first, second);
    close_server();
    return second;
}

START_TEST(without_a_server_it_is_as_configured)
{
    struct state_op op;
    ck_assert_int_eq(ask_after_kill(STATE_DOWN_OPEN, &op), STATE_FAILED);
    ck_assert_int_eq(ask_after_kill(STATE_DOWN_CLOSED, &op), STATE_CLOSED);
    ck_assert_int_eq(ask_after_kill(STATE_DOWN_LOCAL, &op), STATE_DONE);
    ck_assert_int_eq(op.used, 6);
}
END_TEST

/** Asks until the server answers; the connection is made again by itself. */
static int64_t used_by_the_server(void)
{
    struct state_op op;
    enum state_result result;
    int64_t until = clock_monotonic_us() + INT64_C(20) * 1000000;
    do {
        op = state_op_of(STATE_LOOK, "a", 1);
        result = state_do(redis, &op, 1);
        struct timeval soon = {.tv_usec = 20000};
        event_base_loopexit(state_wait.base, &soon);
        event_base_dispatch(state_wait.base);
    } while (result != STATE_DONE && clock_monotonic_us() < until);
    return result == STATE_DONE ? op.used : -1;
}

START_TEST(a_server_that_comes_back_is_used_again)
{
    struct state_op op = state_op_of(STATE_COUNT, "a", 1);
    if (open_server(STATE_DOWN_OPEN)) {
        one(redis, STATE_COUNT, "a", 3);
        state_stop_server();
        ck_assert_int_eq(state_do(redis, &op, 1), STATE_FAILED);
        state_start_server(NULL, NULL);
        ck_assert_int_eq(used_by_the_server(), 0);
        ck_assert_int_eq(one(redis, STATE_COUNT, "a", 2).used, 2);
    }
    close_server();
}
END_TEST

START_TEST(a_server_that_is_silent_is_given_up)
{
    struct state_op op = state_op_of(STATE_COUNT, "a", 1);
    if (open_server(STATE_DOWN_CLOSED)) {
        one(redis, STATE_COUNT, "a", 1);
        kill(state_server, SIGSTOP);
        ck_assert_int_eq(state_do(redis, &op, 1), STATE_CLOSED);
        ck_assert_int_eq(state_do(redis, &op, 1), STATE_CLOSED);
        kill(state_server, SIGCONT);
    }
    close_server();
}
END_TEST

START_TEST(a_password_is_given_and_a_wrong_one_is_no_connection)
{
    state_make_directory();
    if (state_start_server("--requirepass", "s3cret")) {
        const char *passwords[] = {"s3cret", "wrong", NULL};
        for (int i = 0; i < 3; i++) {
            struct state_redis_options options = {
                .server = {.address = state_socket, .timeout_ms = 2000, .password = passwords[i], .database = 2}, .prefix = ""};
            options.when_down = STATE_DOWN_OPEN;
            state_wait.base = state_wait.base ? state_wait.base : event_base_new();
            redis = state_redis_new(state_wait.base, &options, NULL);
            struct state_op op = state_op_of(STATE_COUNT, "a", 1);
            ck_assert_int_eq(state_do(redis, &op, 1), i == 0 ? STATE_DONE : STATE_FAILED);
            state_free(&redis);
        }
    }
    close_server();
}
END_TEST

/** A server that knows the script and answers whatever else it is asked with these bytes, on every connection. */
static void pretend_server(const char *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char asked[4096];
    strcpy(address.sun_path, state_socket);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listening, 5), 0);
    state_server = fork();
    for (int fd; state_server == 0 && (fd = accept(listening, NULL, NULL)) >= 0; close(fd)) {
        bool known = false;
        for (ssize_t n; (n = read(fd, asked, sizeof asked)) > 0;) {
            const char *said = memmem(asked, (size_t)n, "EVALSHA", 7) || known ? answer : "+OK\r\n";
            if (!known && said == answer && write(fd, "+OK\r\n", 5) < 0) /* both came at once */
                break;
            known = true;
            if (write(fd, said, strlen(said)) < 0)
                break;
        }
    }
    close(listening);
}

/** What comes of three questions to a server that answers like this. */
static void check_pretender(const char *answer, enum state_result first, enum state_result others)
{
    state_make_directory();
    pretend_server(answer);
    redis = state_open_redis(STATE_DOWN_OPEN, NULL);
    for (int i = 0; i < 3; i++) {
        struct state_op op = state_op_of(STATE_COUNT, "a", 1);
        ck_assert_int_eq(state_do(redis, &op, 1), i == 0 ? first : others);
    }
    close_server();
}

START_TEST(an_answer_that_makes_no_sense_is_none)
{
    check_pretender("*3\r\n:0\r\n:1\r\n:0\r\n", STATE_DONE, STATE_DONE);
    check_pretender("*3\r\n:1\r\n:1\r\n:9223372036854775807\r\n", STATE_FAILED, STATE_FAILED);
    check_pretender("*3\r\n:1\r\n:-9223372036854775808\r\n:0\r\n", STATE_FAILED, STATE_FAILED);
    check_pretender("*3\r\n$1\r\nx\r\n$-1\r\n*0\r\n", STATE_FAILED, STATE_FAILED);
    check_pretender("*2\r\n:0\r\n:1\r\n", STATE_FAILED, STATE_FAILED);
}
END_TEST

START_TEST(a_server_that_speaks_unasked_is_left)
{
    check_pretender("*3\r\n:0\r\n:1\r\n:0\r\n+OK\r\n+OK\r\n", STATE_DONE, STATE_FAILED);
}
END_TEST

static void never(void *ctx, enum state_result result)
{
    ck_abort_msg("a batch that was cancelled is answered");
}

START_TEST(a_connection_that_was_refused_is_made_again)
{
    state_make_directory();
    have_server = state_start_server("--requirepass", "s3cret");
    if (have_server) {
        struct state_redis_options options = {
            .server = {.address = state_socket, .timeout_ms = 2000, .password = "later"}, .prefix = "", .when_down = STATE_DOWN_OPEN};
        state_wait.base = state_wait.base ? state_wait.base : event_base_new();
        redis = state_redis_new(state_wait.base, &options, NULL);
        struct state_op op = state_op_of(STATE_COUNT, "a", 1);
        ck_assert_int_eq(state_do(redis, &op, 1), STATE_FAILED);
        state_stop_server();
        state_start_server("--requirepass", "later");
        ck_assert_int_eq(used_by_the_server(), 0);
    }
    close_server();
}
END_TEST

START_TEST(a_cancelled_batch_is_never_answered)
{
    if (open_server(STATE_DOWN_OPEN)) {
        static struct state_op asked;
        struct state_op op = state_op_of(STATE_COUNT, "a", 1);
        asked = op;
        struct state_batch batch = {.ops = &op, .count = 1, .done = never};
        ck_assert_int_eq(state_run(redis, &batch), STATE_PENDING);
        state_cancel(redis, &batch);
        state_cancel(redis, &batch);
        memset(&op, 0, sizeof op);
        ck_assert_int_eq(state_do(redis, &asked, 1), STATE_DONE);
        ck_assert_int_eq(asked.used, 2);
        static struct state_batch last; /* must live until the store has gone */
        last = (struct state_batch){.ops = &asked, .count = 1, .done = never};
        ck_assert_int_eq(state_run(redis, &last), STATE_PENDING);
    }
    close_server();
}
END_TEST

UNIT_MAIN("filters/state/state_redis", both_stores_give_the_same_answers, places_are_entered_renewed_and_left,
          entries_below_a_prefix_are_listed_and_no_others, without_a_server_it_is_as_configured, a_server_that_comes_back_is_used_again,
          a_server_that_is_silent_is_given_up, a_password_is_given_and_a_wrong_one_is_no_connection,
          a_connection_that_was_refused_is_made_again, a_cancelled_batch_is_never_answered, an_answer_that_makes_no_sense_is_none,
          a_server_that_speaks_unasked_is_left)
