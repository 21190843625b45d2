/* session_hold: holds a reply back for a time: that the policy asked for, that a client has earned by its mistakes, or that a listener lets
 * everybody wait for its greeting.
 *
 * The session is busy meanwhile, so pipelined input waits, and nothing of the decision is carried out before the time is over: at stage
 * data the backend sees no DATA. The client is looked after every second, lest a gone one keep a session open. */
#include "proxy/session/session_state.h"

#include "base/clock.h"

enum { LOOK_MS = 1000, ERROR_DELAY_MAX_MS = 30 * 1000 };

static void look_again(struct session *s, int64_t left_us)
{
    int64_t us = left_us < LOOK_MS * 1000 ? left_us : LOOK_MS * 1000;
    struct timeval tv = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
    evtimer_add(&s->hold, &tv);
}

static void on_hold(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    int64_t left_us = s->hold_until_us - clock_monotonic_us();
    if (stream_peer_gone(s->client))
        session_cut(s, "Client went away");
    else if (left_us > 0)
        look_again(s, left_us);
    else
        session_wake(s);
}

void session_hold_init(struct session *s)
{
    evtimer_assign(&s->hold, s->worker->tools.base, on_hold, s);
}

void session_delay(struct session *s, int64_t ms, session_step_fn after)
{
    s->after = after;
    if (ms <= 0) {
        after(s);
        return;
    }
    s->hold_until_us = clock_monotonic_us() + ms * 1000;
    session_wait(s);
    look_again(s, ms * 1000);
}

void session_hold(struct session *s, const struct decision *decision, session_step_fn after)
{
    session_delay(s, decision_delay_ms(decision), after);
}

void session_tarpit(struct session *s, session_step_fn after)
{
    int64_t ms = s->settings->limits.error_delay_ms * s->errors;
    session_delay(s, ms < ERROR_DELAY_MAX_MS ? ms : ERROR_DELAY_MAX_MS, after);
}

void session_say_held(struct session *s)
{
    session_write(s, s->held);
}
