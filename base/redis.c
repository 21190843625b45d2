/* redis: see redis.h. */
#include "base/redis.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/net_addr.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

enum { PAUSE_FIRST_MS = 100, PAUSE_MOST_MS = 5000, WORDS_MAX = 512 };

enum redis_phase {
    REDIS_FIRST,      /* the first connection is being made: commands are taken and wait for it */
    REDIS_UP,         /* the server has answered */
    REDIS_CONNECTING, /* a later connection is being made: commands are refused */
    REDIS_PAUSING,    /* nothing is there until the next attempt */
};

/** A command under way. */
struct question {
    redis_answer_fn fn;
    void *ctx;
    int64_t asked_us;
    struct question *next;
};

struct redis {
    struct event_base *base;
    struct redis_options options;
    enum redis_phase phase;
    redisAsyncContext *connection;
    struct event *again, *overdue;
    struct question *first, **last; /* in the order in which they were asked */
    int64_t pause_ms;
    bool told_down;
};

static void connect_now(struct redis *r);

static void start_timer(struct event *timer, int64_t us)
{
    struct timeval tv = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
    evtimer_add(timer, &tv);
}

/** The timer always stands at the oldest question. */
static void watch(struct redis *r)
{
    if (!r->first) {
        evtimer_del(r->overdue);
        return;
    }
    int64_t left = r->first->asked_us + r->options.timeout_ms * 1000 - clock_monotonic_us();
    start_timer(r->overdue, left > 1000 ? left : 1000);
}

static void tell_down(struct redis *r, const char *why)
{
    if (!r->told_down)
        log_event(LOG_LEVEL_ERROR, "state.redis.down", "address", r->options.address, "reason", why, NULL);
    r->told_down = true;
}

static void tell_up(struct redis *r)
{
    if (r->told_down || r->phase != REDIS_UP)
        log_event(LOG_LEVEL_INFO, "state.redis.up", "address", r->options.address, NULL);
    r->told_down = false;
    r->phase = REDIS_UP;
    r->pause_ms = PAUSE_FIRST_MS;
}

static void pause_connecting(struct redis *r)
{
    r->phase = REDIS_PAUSING;
    start_timer(r->again, r->pause_ms * 1000);
    r->pause_ms = r->pause_ms * 2 < PAUSE_MOST_MS ? r->pause_ms * 2 : PAUSE_MOST_MS;
}

/** hiredis answers every open question with NULL while it frees the connection. */
static void drop(struct redis *r, const char *why)
{
    redisAsyncContext *c = r->connection;
    if (!c)
        return;
    r->connection = NULL;
    c->data = NULL;
    tell_down(r, why);
    pause_connecting(r);
    redisAsyncFree(c);
}

static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
    drop(arg, "no answer in time");
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    struct redis *r = arg;
    if (r->connection)
        drop(r, "refused"); /* and comes here again after a pause */
    else
        connect_now(r);
}

static void on_connected(const redisAsyncContext *c, int status)
{
    struct redis *r = c->data;
    if (!r || status == REDIS_OK)
        return;
    r->connection = NULL; /* hiredis frees it after this call */
    tell_down(r, c->c.errstr[0] ? c->c.errstr : "cannot connect");
    pause_connecting(r);
}

static void on_disconnected(const redisAsyncContext *c, int status)
{
    struct redis *r = c->data;
    if (!r)
        return;
    r->connection = NULL;
    tell_down(r, status == REDIS_OK ? "closed" : c->c.errstr);
    pause_connecting(r);
}

static struct redis_answer read_reply(const redisReply *reply)
{
    struct redis_answer a = {.kind = REDIS_IS_NIL, .text = SLICE("")};
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        a.kind = REDIS_IS_NUMBER;
        a.number = reply->integer;
        break;
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_ERROR:
        a.kind = reply->type == REDIS_REPLY_ERROR ? REDIS_IS_ERROR : REDIS_IS_TEXT;
        a.text = slice_make(reply->str, (size_t)reply->len);
        break;
    case REDIS_REPLY_ARRAY:
        a.kind = REDIS_IS_LIST;
        a.count = reply->elements;
        a.items = reply->element;
        break;
    default:
        break;
    }
    return a;
}

struct redis_answer redis_item(const struct redis_answer *list, size_t i)
{
    redisReply *const *items = list->items;
    return read_reply(items[i]);
}

/** Replies answer the questions in their order. One that nobody asked for: the server is out of step, and its next reply would be taken
 *  for an answer. */
static void on_reply(redisAsyncContext *c, void *reply, void *privdata)
{
    struct redis *r = privdata;
    struct question *q = r->first;
    if (!q) {
        if (reply) /* else the connection is being freed */
            drop(r, "it speaks unasked");
        return;
    }
    r->first = q->next;
    if (!r->first)
        r->last = &r->first;
    watch(r);
    struct redis_answer answer;
    if (reply)
        answer = read_reply(reply);
    q->fn(q->ctx, reply ? &answer : NULL);
    mem_free(q);
}

static bool send_words(struct redis *r, const struct slice *words, size_t count, redis_answer_fn fn, void *ctx)
{
    const char *argv[WORDS_MAX];
    size_t lengths[WORDS_MAX];
    if (count > WORDS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        argv[i] = words[i].ptr;
        lengths[i] = words[i].len;
    }
    struct question *q = mem_alloc(sizeof *q);
    *q = (struct question){.fn = fn, .ctx = ctx, .asked_us = clock_monotonic_us()};
    if (redisAsyncCommandArgv(r->connection, on_reply, r, (int)count, argv, lengths) != REDIS_OK) {
        mem_free(q);
        return false;
    }
    *r->last = q;
    r->last = &q->next;
    if (r->first == q)
        watch(r);
    return true;
}

bool redis_ask(struct redis *r, const struct slice *words, size_t count, redis_answer_fn fn, void *ctx)
{
    bool ready = r->connection && (r->phase == REDIS_FIRST || r->phase == REDIS_UP);
    return ready && send_words(r, words, count, fn, ctx);
}

/** To what is said on every new connection. An error is final for this connection, which is dropped as soon as hiredis has returned. */
static void on_welcome(void *ctx, const struct redis_answer *answer)
{
    struct redis *r = ctx;
    if (!answer || answer->kind != REDIS_IS_ERROR || !r->connection)
        return;
    bool password = slice_starts(answer->text, SLICE("WRONGPASS")) || slice_starts(answer->text, SLICE("NOAUTH"));
    tell_down(r, password ? "the server wants another user or password" : "the server refuses us");
    r->phase = REDIS_CONNECTING;
    start_timer(r->again, 0);
}

static void on_ready(void *ctx, const struct redis_answer *answer)
{
    struct redis *r = ctx;
    if (r->connection && answer && answer->kind != REDIS_IS_ERROR)
        tell_up(r);
    else
        on_welcome(ctx, answer);
}

/** Lets hiredis always expect one reply more than there are questions: it ends the process over one that it does not expect. */
static void expect_unasked(struct redis *r)
{
    redisCallbackList *expected = &r->connection->replies;
    redisCallback *one = mem_alloc(sizeof *one); /* hiredis frees it */
    one->fn = on_reply;
    one->privdata = r;
    expected->head = expected->tail = one;
}

static void say_hello(struct redis *r)
{
    char number[24];
    const struct redis_options *o = &r->options;
    snprintf(number, sizeof number, "%" PRId64, o->database);
    struct slice auth[3] = {SLICE("AUTH")}, select[] = {SLICE("SELECT"), slice_of(number)};
    size_t words = 1;
    if (o->user)
        auth[words++] = slice_of(o->user);
    if (o->password) {
        auth[words++] = slice_of(o->password);
        send_words(r, auth, words, on_welcome, r);
    }
    if (o->database)
        send_words(r, select, 2, on_welcome, r);
    struct slice load[] = {SLICE("SCRIPT"), SLICE("LOAD"), o->script ? *o->script : SLICE("return 1")};
    send_words(r, load, 3, on_ready, r);
}

static redisAsyncContext *dial(const char *address)
{
    struct net_addr addr;
    char ip[NET_ADDR_TEXT];
    if (address[0] == '/')
        return redisAsyncConnectUnix(address);
    if (!net_addr_parse_endpoint(slice_of(address), &addr))
        return NULL;
    return redisAsyncConnect(net_addr_format_ip(&addr, ip), addr.port);
}

static void connect_now(struct redis *r)
{
    redisAsyncContext *c = dial(r->options.address);
    if (r->phase == REDIS_PAUSING)
        r->phase = REDIS_CONNECTING;
    if (!c || c->err) {
        tell_down(r, c && c->c.errstr[0] ? c->c.errstr : "cannot connect");
        if (c)
            redisAsyncFree(c);
        pause_connecting(r);
        return;
    }
    c->data = r;
    r->connection = c;
    redisLibeventAttach(c, r->base);
    redisAsyncSetConnectCallback(c, on_connected);
    redisAsyncSetDisconnectCallback(c, on_disconnected);
    expect_unasked(r);
    say_hello(r);
}

struct redis *redis_new(struct event_base *base, const struct redis_options *options)
{
    struct redis *r = mem_alloc(sizeof *r);
    signal(SIGPIPE, SIG_IGN); /* hiredis writes to connections that have gone */
    r->base = base;
    r->options = *options;
    r->last = &r->first;
    r->pause_ms = PAUSE_FIRST_MS;
    r->again = evtimer_new(base, on_again, r);
    r->overdue = evtimer_new(base, on_overdue, r);
    connect_now(r);
    return r;
}

void redis_free(struct redis **redis)
{
    struct redis *r = *redis;
    *redis = NULL;
    if (!r)
        return;
    redisAsyncContext *c = r->connection;
    r->connection = NULL;
    if (c) {
        c->data = NULL;
        redisAsyncFree(c);
    }
    event_free(r->again);
    event_free(r->overdue);
    mem_free(r);
}

bool redis_address_valid(const char *address)
{
    struct net_addr addr;
    return address[0] == '/' || (net_addr_parse_endpoint(slice_of(address), &addr) && addr.port != 0);
}
