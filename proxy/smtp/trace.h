/* trace: the fields we put on top of a message: Received (RFC 5321 §4.4). Pure. */
#ifndef PROXY_TRACE_H
#define PROXY_TRACE_H

#include "base/buf.h"
#include "filters/mail.h"

/** Appends "Received: from helo ([client])\r\n\tby hostname (Mailweir) with ESMTP id session-id\r\n\tfor <rcpt>; date\r\n". The for
 *  clause stands only with a single recipient (RFC 5321 §7.2). Bytes of the HELO name that no domain or literal holds become
 *  '?'. unix_ms: the time to write, as UTC, years 1970 to 9999. */
void trace_received(struct buf *out, const struct mail_session *session, const struct mail_transaction *tx, const char *id,
                    int64_t unix_ms);

#endif
