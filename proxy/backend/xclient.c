/* xclient: see xclient.h. */
#include "proxy/backend/xclient.h"

#include "proxy/backend/identity_text.h"

void xclient_format(struct buf *out, const struct mail_session *client, const struct backend_offer *offer)
{
    buf_add_text(out, "XCLIENT");
    identity_add_text(out, offer->xclient_name, "NAME", client->client_name);
    identity_add_address(out, offer->xclient_addr, "ADDR", &client->client);
    identity_add_port(out, offer->xclient_port, "PORT", &client->client);
    identity_add_text(out, offer->xclient_helo, "HELO", client->helo);
    identity_add_text(out, offer->xclient_proto, "PROTO", slice_of(client->esmtp ? "ESMTP" : "SMTP"));
    identity_add_address(out, offer->xclient_destaddr, "DESTADDR", &client->listener);
    identity_add_port(out, offer->xclient_destport, "DESTPORT", &client->listener);
    identity_add_text(out, offer->xclient_login, "LOGIN", client->auth_user);
}
