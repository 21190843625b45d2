/* trace: see trace.h. The date is computed here, not by strftime: no locale, no time zone, no shared state. */
#include "proxy/smtp/trace.h"

#include <inttypes.h>

enum { HELO_SHOWN = 255, RCPT_SHOWN = 320 };

static void add_clean(struct buf *out, struct slice text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        buf_add_byte(out, ascii_is_alnum(c) || (c != '\0' && strchr(also, c)) ? c : '?');
    }
}

static void add_helo(struct buf *out, struct slice helo)
{
    if (helo.len == 0)
        buf_add_text(out, "unknown");
    else
        add_clean(out, slice_first(helo, HELO_SHOWN), "-._:[]");
}

/* The client as an address literal (RFC 5321 §4.1.3). */
static void add_client(struct buf *out, const struct net_addr *client)
{
    char ip[NET_ADDR_TEXT];
    if (client->family == 0)
        buf_add_text(out, "unknown");
    else
        buf_add_format(out, "[%s%s]", client->family == AF_INET6 ? "IPv6:" : "", net_addr_format_ip(client, ip));
}

/* RFC 3848; RFC 6531 §4.3. */
static void add_protocol(struct buf *out, const struct mail_session *session, bool utf8)
{
    const char *plain = utf8 ? "UTF8SMTP" : session->esmtp ? "ESMTP" : "SMTP";
    buf_add_format(out, "%s%s%s", plain, session->esmtp && session->tls ? "S" : "", session->esmtp && session->auth_user.len ? "A" : "");
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* date-time of RFC 5322 §3.3. */
static void add_date(struct buf *out, int64_t unix_ms)
{
    static const char *const day_names[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was a Thursday */
    static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t last = INT64_C(253402300799); /* the end of 9999 */
    int64_t seconds = unix_ms < 0 ? 0 : unix_ms / 1000;
    seconds = seconds > last ? last : seconds;
    int64_t days = seconds / 86400, rest = seconds % 86400, year = 1970;
    const char *weekday = day_names[days % 7];
    for (; days >= 365 + is_leap(year); year++)
        days -= 365 + is_leap(year);
    const int64_t lengths[] = {31, 28 + is_leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    size_t month = 0;
    for (; days >= lengths[month]; month++)
        days -= lengths[month];
    buf_add_format(out, "%s, %02" PRId64 " %s %04" PRId64 " %02" PRId64 ":%02" PRId64 ":%02" PRId64 " +0000", weekday, days + 1,
                   month_names[month], year, rest / 3600, rest / 60 % 60, rest % 60);
}

static void add_recipient(struct buf *out, struct slice rcpt)
{
    buf_add_text(out, "for <");
    for (size_t i = 0; i < rcpt.len && i < RCPT_SHOWN; i++)
        buf_add_byte(out, rcpt.ptr[i] >= 32 && rcpt.ptr[i] <= 126 ? rcpt.ptr[i] : '?');
    buf_add_text(out, ">");
}

void trace_received(struct buf *out, const struct mail_session *session, const struct mail_transaction *tx, const char *id, int64_t unix_ms)
{
    buf_add_text(out, "Received: from ");
    add_helo(out, session->helo);
    buf_add_text(out, " (");
    add_client(out, &session->client);
    buf_add_text(out, ")");
    if (session->tls)
        buf_add_format(out, "\r\n\t(using %s)", session->tls);
    buf_add_format(out, "\r\n\tby %s (Mailweir) with ", session->hostname);
    add_protocol(out, session, tx->utf8);
    buf_add_format(out, " id %s", id);
    if (tx->rcpt_count == 1) {
        buf_add_text(out, "\r\n\t");
        add_recipient(out, tx->rcpts[0].text);
        buf_add_text(out, "; ");
    } else {
        buf_add_text(out, ";\r\n\t");
    }
    add_date(out, unix_ms);
    buf_add_text(out, "\r\n");
}
