/* xclient: the XCLIENT command that tells a backend who the real client is (Postfix XCLIENT_README). Pure. */
#ifndef PROXY_XCLIENT_H
#define PROXY_XCLIENT_H

#include "base/buf.h"
#include "filters/mail.h"
#include "proxy/backend/backend.h"

/** Appends the command, without CRLF, holding the attributes that the server takes. Values are xtext (RFC 3461 §4). */
void xclient_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer);

#endif
