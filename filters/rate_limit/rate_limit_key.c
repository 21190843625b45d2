/* rate_limit_key: see rate_limit_key.h. */
#include "filters/rate_limit/rate_limit_key.h"

#include "filters/mailbox_fold.h"

#include <stdio.h>

enum { ADDRESS_TEXT = NET_ADDR_TEXT + 8 };

static struct slice address_text(const struct net_addr *client, char text[ADDRESS_TEXT])
{
    return client->family ? slice_of(net_addr_format_ip(client, text)) : SLICE("");
}

static struct slice network_text(const struct rate_limit *limit, const struct net_addr *client, char text[ADDRESS_TEXT])
{
    struct net_addr net = *client;
    unsigned bits = (unsigned)(net.family == AF_INET6 ? limit->net6 : limit->net4);
    net_addr_mask(&net, bits);
    struct slice address = address_text(&net, text);
    if (slice_empty(address))
        return address;
    int n = snprintf(text + address.len, ADDRESS_TEXT - address.len, "/%u", bits);
    return slice_make(text, address.len + (size_t)n);
}

/** The value of a part, not folded; empty: there is none. */
static struct slice part_value(const struct rate_limit *limit, enum rate_part part, const struct mail_session *session,
                               const struct mail_transaction *tx, char text[ADDRESS_TEXT])
{
    switch (part) {
    case RATE_CLIENT_IP:
        return address_text(&session->client, text);
    case RATE_CLIENT_NET:
        return network_text(limit, &session->client, text);
    case RATE_HELO:
        return session->helo;
    case RATE_SENDER:
        return tx->sender.text;
    case RATE_SENDER_DOMAIN:
        return tx->sender.domain;
    case RATE_RCPT:
        return tx->rcpt.text;
    case RATE_RCPT_DOMAIN:
        return tx->rcpt.domain;
    case RATE_AUTH_USER:
        return session->auth_user;
    case RATE_PART_COUNT:
        break;
    }
    return SLICE("");
}

bool rate_limit_key(const struct rate_limit *limit, const struct mail_session *session, const struct mail_transaction *tx, struct buf *out)
{
    buf_add_format(out, "rl/%s/", limit->name);
    for (size_t i = 0; i < limit->part_count; i++) {
        char text[ADDRESS_TEXT], folded[MAILBOX_FOLD_MAX];
        struct slice value = mailbox_fold(part_value(limit, limit->parts[i], session, tx, text), folded);
        if (slice_empty(value))
            return false;
        buf_add_format(out, "%s%s=%zu:", i > 0 ? "," : "", rate_part_name(limit->parts[i]), value.len);
        buf_add(out, value);
    }
    return true;
}
