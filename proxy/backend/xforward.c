/* xforward: see xforward.h. */
#include "proxy/backend/xforward.h"

#include "proxy/backend/identity_text.h"

void xforward_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer)
{
    buf_add_text(out, "XFORWARD");
    identity_add_text(out, offer->xforward_name, "NAME", client->client_name);
    identity_add_address(out, offer->xforward_addr, "ADDR", &client->client);
    identity_add_port(out, offer->xforward_port, "PORT", &client->client);
    identity_add_text(out, offer->xforward_proto, "PROTO", slice_of(client->esmtp ? "ESMTP" : "SMTP"));
    identity_add_text(out, offer->xforward_helo, "HELO", client->helo);
    identity_add_text(out, offer->xforward_source, "SOURCE", slice_of("REMOTE"));
}
