/* rate_limit_key: the state store's key of one limit and one event: "rl/NAME/client.net=12:192.0.2.0/24,rcpt=3:a@b". Pure.
 *
 * Each value stands behind its length, so that no value can pass for two others, and is folded (mailbox_fold.h), so that
 * another spelling is not another bucket. The parts are named: a limit that changes its key starts anew. Places of sessions
 * stand under "rs/". */
#ifndef FILTERS_RATE_LIMIT_RATE_LIMIT_KEY_H
#define FILTERS_RATE_LIMIT_RATE_LIMIT_KEY_H

#include "base/buf.h"
#include "filters/rate_limit/rate_limit.h"

/** Appends what all keys of the limit begin with. */
void rate_limit_prefix(const struct rate_limit *limit, struct buf *out);
/** Appends the key to out; values: one for each part. False: one is absent and the limit does not apply; out is then of no use. */
bool rate_limit_key(const struct rate_limit *limit, const struct fact_value *values, struct buf *out);
/** The values of the parts as they are now. */
void rate_limit_values(const struct rate_limit *limit, const struct facts *facts, struct fact_value values[RATE_PARTS_MAX]);
/** Takes a key apart into the value of each part; views into it. False: it is no key of this limit (but may be the hash of one). Bytes
 *  are as they came from outside. */
bool rate_limit_key_read(const struct rate_limit *limit, struct slice key, struct slice values[RATE_PARTS_MAX]);

#endif
