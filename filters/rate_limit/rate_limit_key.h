/* rate_limit_key: the state store's key of one limit and one event: "rl/NAME/client.net=12:192.0.2.0/24,rcpt=3:a@b". Pure.
 *
 * Each value stands behind its length, so that no value can pass for two others, and is folded (mailbox_fold.h), so that
 * another spelling is not another bucket. The parts are named: a limit that changes its key starts anew. */
#ifndef FILTERS_RATE_LIMIT_RATE_LIMIT_KEY_H
#define FILTERS_RATE_LIMIT_RATE_LIMIT_KEY_H

#include "base/buf.h"
#include "filters/mail.h"
#include "filters/rate_limit/rate_limit.h"

/** Appends the key to out. False: a part is absent and the limit does not apply; out is then of no use. */
bool rate_limit_key(const struct rate_limit *limit, const struct mail_session *session, const struct mail_transaction *tx, struct buf *out);

#endif
