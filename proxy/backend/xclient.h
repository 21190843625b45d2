/* xclient: the XCLIENT command that tells a backend who the real client is (Postfix XCLIENT_README). Pure. */
#ifndef PROXY_XCLIENT_H
#define PROXY_XCLIENT_H

#include "base/buf.h"
#include "filters/mail.h"
#include "proxy/backend/backend_offer.h"

/** Appends the command, without CRLF, holding every attribute that the server takes: also those that this client does not have, lest
 *  the server goes on with another client's. Values are xtext (RFC 3461 §4). */
void xclient_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer);

#endif
