/* state_listing: see state_listing.h. One script finds the keys of a step and what is in each of them. */
#include "filters/state/state_listing.h"

#include "base/arena.h"
#include "base/buf.h"

#include <string.h>

/* Answers: the next cursor, then for each key its name, how far ahead of now its bucket is in microseconds, and its places. */
static const char scan_script[] = "local t = redis.call('TIME')\n"
                                  "local now = t[1] * 1000000 + t[2]\n"
                                  "local r = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)\n"
                                  "local out = {r[1]}\n"
                                  "for _, key in ipairs(r[2]) do\n"
                                  "  local kind, ahead, places = redis.call('TYPE', key).ok, 0, 0\n"
                                  "  if kind == 'string' then ahead = (tonumber(redis.call('GET', key) or 0) or 0) - now end\n"
                                  "  if kind == 'zset' then places = redis.call('ZCOUNT', key, string.format('%.0f', now), '+inf') end\n"
                                  "  if ahead < 0 then ahead = 0 end\n"
                                  "  out[#out + 1] = key; out[#out + 1] = ahead; out[#out + 1] = places\n"
                                  "end\n"
                                  "return out\n";

struct listing {
    struct event_base *base;
    size_t own_len;
    state_each_fn fn;
    void *ctx;
    struct arena *arena;
    struct slice cursor; /* "0" again at the end */
    bool answered, failed;
};

static void take_entries(const struct listing *l, const struct redis_answer *answer)
{
    for (size_t i = 1; i + 2 < answer->count; i += 3) {
        struct slice key = redis_item(answer, i).text;
        struct state_entry entry = {
            .key = slice_skip(key, l->own_len), .ahead_us = redis_item(answer, i + 1).number, .places = redis_item(answer, i + 2).number};
        if (key.len >= l->own_len)
            l->fn(l->ctx, &entry);
    }
}

static void on_answer(void *ctx, const struct redis_answer *answer)
{
    struct listing *l = ctx;
    l->answered = true;
    l->failed = !answer || answer->kind != REDIS_IS_LIST || answer->count == 0;
    if (!l->failed) {
        l->cursor = arena_copy(l->arena, redis_item(answer, 0).text);
        take_entries(l, answer);
    }
    event_base_loopbreak(l->base);
}

/** What stands for itself in a pattern of SCAN. */
static struct slice glob(struct slice text, struct arena *arena)
{
    struct buf b = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (memchr("*?[]^\\-", text.ptr[i], 7))
            buf_add_byte(&b, '\\');
        buf_add_byte(&b, text.ptr[i]);
    }
    struct slice copy = arena_copy(arena, buf_slice(&b));
    buf_release(&b);
    return copy;
}

static bool scan_step(struct listing *l, struct redis *redis, struct slice pattern)
{
    struct slice words[] = {SLICE("EVAL"), slice_of(scan_script), SLICE("0"), l->cursor, pattern};
    l->answered = false;
    if (!redis_ask(redis, words, sizeof words / sizeof words[0], on_answer, l))
        return false;
    while (!l->answered && event_base_dispatch(l->base) == 0)
        ;
    return l->answered && !l->failed;
}

bool state_listing_run(struct event_base *base, struct redis *redis, const char *own, struct slice prefix, state_each_fn fn, void *ctx)
{
    struct arena *arena = arena_new();
    struct listing l = {.base = base, .own_len = strlen(own), .fn = fn, .ctx = ctx, .arena = arena, .cursor = SLICE("0")};
    struct slice pattern =
        slice_of(arena_format(arena, "%.*s%.*s*", SLICE_FMT(glob(slice_of(own), arena)), SLICE_FMT(glob(prefix, arena))));
    bool good;
    do
        good = scan_step(&l, redis, pattern);
    while (good && !slice_eq(l.cursor, SLICE("0")));
    arena_free(&arena);
    return good;
}
