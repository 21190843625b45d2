/* limit_view: the buckets of one rate limit, for people: asked of the state store from outside the workers. */
#ifndef PROXY_LIMIT_VIEW_H
#define PROXY_LIMIT_VIEW_H

#include "filters/rate_limit/rate_limit.h"
#include "filters/state/state.h"
#include "proxy/settings/settings.h"

struct limit_view {
    const struct settings *settings;
    const struct rate_limit *limit;
    struct event_base *base;
    struct state *state;
    struct arena *arena;
};

/** One bucket, or one set of places. */
struct limit_entry {
    struct slice values[RATE_PARTS_MAX]; /* of the key's parts; bytes from outside */
    bool unlimited;                      /* an override says so, and nothing is counted */
    int64_t most;                        /* the burst, or the sessions allowed */
    int64_t used;
    bool over;        /* one more event would be */
    int64_t retry_us; /* until it would not */
};

enum limit_change { LIMIT_LOOK, LIMIT_SET, LIMIT_FORGET };

/** The limit of that name. NULL: *meant is the name most like it, or NULL. */
const struct rate_limit *limit_find(const struct settings *settings, const char *name, struct arena *arena, const char **meant);
/** Reads a text, kept by reference, as a value of the part. NULL, or what is wrong with it. */
const char *limit_value_read(const struct rate_part *part, const struct slice *text, struct fact_value *out);
/** Looks at the bucket of these values, or makes it hold `used` events, or empties it. local: this machine's own store answered in place
 *  of the server. False: the store did not answer. */
bool limit_ask(const struct limit_view *view, const struct fact_value *values, enum limit_change change, int64_t used,
               struct limit_entry *out, bool *local);
/** The fullest ones, at most `most`, the fullest first; in the arena. False: the store did not answer. */
bool limit_top(const struct limit_view *view, size_t most, struct limit_entry **entries, size_t *count);

#endif
