/* session_deadline: until when a client may go on: with a session in all, with a message, and with a step that it has begun: the rest of a
 * command line, a PROXY header, a TLS handshake. One timer, set to the nearest of them. Silence is the stream's affair. */
#include "proxy/session/session_state.h"

#include "base/clock.h"

struct nearest {
    int64_t until_us;
    const char *why;
};

static void take_nearer(struct nearest *n, int64_t until_us, const char *why)
{
    if (until_us && until_us < n->until_us)
        *n = (struct nearest){until_us, why};
}

static const char *describe_step(const struct session *s)
{
    return s->state == SESSION_TLS     ? "TLS handshake took too long"
           : s->state == SESSION_PROXY ? "PROXY header took too long"
                                       : "Command took too long";
}

static struct nearest find_nearest(const struct session *s)
{
    struct nearest n = {s->started_us + s->settings->limits.session_ms * 1000, "Session took too long"};
    take_nearer(&n, s->data_until_us, "Message took too long");
    take_nearer(&n, s->step_until_us, describe_step(s));
    return n;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    session_cut(s, find_nearest(s).why);
}

void session_deadline_init(struct session *s)
{
    evtimer_assign(&s->deadline, s->worker->tools.base, on_deadline, s);
    session_set_deadline(s);
}

void session_set_deadline(struct session *s)
{
    int64_t left = find_nearest(s).until_us - clock_monotonic_us();
    if (left < 1000)
        left = 1000;
    struct timeval tv = {.tv_sec = (time_t)(left / 1000000), .tv_usec = (suseconds_t)(left % 1000000)};
    evtimer_add(&s->deadline, &tv);
}

void session_begin_step(struct session *s, int64_t ms)
{
    if (s->step_until_us)
        return;
    s->step_until_us = clock_monotonic_us() + ms * 1000;
    session_set_deadline(s);
}

void session_end_step(struct session *s)
{
    if (!s->step_until_us || s->state == SESSION_CLOSED)
        return;
    s->step_until_us = 0;
    session_set_deadline(s);
}
