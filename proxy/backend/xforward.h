/* xforward: the XFORWARD command that tells a backend's log who the real client is (Postfix XFORWARD_README). Pure. */
#ifndef PROXY_XFORWARD_H
#define PROXY_XFORWARD_H

#include "base/buf.h"
#include "filters/mail.h"
#include "proxy/backend/backend_offer.h"

/** Appends the command, without CRLF, holding the attributes that the server takes. Values are xtext (RFC 3461 §4). */
void xforward_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer);

#endif
