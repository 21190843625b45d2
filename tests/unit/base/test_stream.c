#include "base/stream.h"

#include "base/buf.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A stream on one end of a socket pair; the test holds the other end. */
struct fixture {
    struct event_base *base;
    struct stream *stream;
    int peer;
    unsigned readable, drained, ended;
    enum stream_end why;
    bool free_on_readable, take_all;
    struct buf taken;
};

static void on_readable(void *ctx)
{
    struct fixture *f = ctx;
    f->readable++;
    if (f->take_all) {
        struct slice all = stream_peek(f->stream);
        buf_add(&f->taken, all);
        stream_take(f->stream, all.len);
    }
    if (f->free_on_readable)
        stream_free(&f->stream);
}

static void on_drained(void *ctx)
{
    ((struct fixture *)ctx)->drained++;
}

static void on_ended(void *ctx, enum stream_end why)
{
    struct fixture *f = ctx;
    f->ended++;
    f->why = why;
}

static const struct stream_handler handler = {.readable = on_readable, .drained = on_drained, .ended = on_ended};

static void set_up(struct fixture *f)
{
    int ends[2];
    *f = (struct fixture){0};
    f->base = event_base_new();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    f->peer = ends[1];
    f->stream = stream_accept(f->base, ends[0], &handler, f);
}

static void tear_down(struct fixture *f)
{
    stream_free(&f->stream);
    stream_drop_closing();
    if (f->peer >= 0)
        close(f->peer);
    event_base_free(f->base);
    buf_release(&f->taken);
}

static void turn(struct fixture *f)
{
    event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void say(struct fixture *f, struct slice bytes)
{
    ck_assert_int_eq(write(f->peer, bytes.ptr, bytes.len), (ssize_t)bytes.len);
    turn(f);
}

START_TEST(a_paused_stream_reads_nothing_until_resumed)
{
    struct fixture f;
    set_up(&f);
    say(&f, SLICE("hello"));
    ck_assert_uint_eq(f.readable, 0);
    stream_resume(f.stream);
    turn(&f);
    ck_assert_uint_eq(f.readable, 1);
    ck_slice_eq(stream_peek(f.stream), "hello");
    tear_down(&f);
}
END_TEST

START_TEST(what_is_not_taken_stays_and_grows)
{
    struct fixture f;
    set_up(&f);
    stream_resume(f.stream);
    say(&f, SLICE("abc"));
    say(&f, SLICE("def"));
    ck_slice_eq(stream_peek(f.stream), "abcdef");
    stream_take(f.stream, 4);
    ck_slice_eq(stream_peek(f.stream), "ef");
    tear_down(&f);
}
END_TEST

START_TEST(a_line_is_whole_only_with_crlf)
{
    struct fixture f;
    struct slice line;
    set_up(&f);
    stream_resume(f.stream);
    say(&f, SLICE("NOOP"));
    ck_assert_int_eq(stream_peek_line(f.stream, 100, &line), STREAM_LINE_MORE);
    say(&f, SLICE("\r"));
    ck_assert_int_eq(stream_peek_line(f.stream, 100, &line), STREAM_LINE_MORE);
    say(&f, SLICE("\nQUIT\r\n"));
    ck_assert_int_eq(stream_peek_line(f.stream, 100, &line), STREAM_LINE_OK);
    ck_slice_eq(line, "NOOP");
    stream_take_line(f.stream);
    ck_assert_int_eq(stream_peek_line(f.stream, 100, &line), STREAM_LINE_OK);
    ck_slice_eq(line, "QUIT");
    tear_down(&f);
}
END_TEST

START_TEST(bare_cr_bare_lf_and_nul_are_seen)
{
    static const struct slice bad[] = {{"a\nb\r\n", 5}, {"a\n\r\n", 4}, {"a\rb\r\n", 5}, {"a\0b\r\n", 5}, {"a\r\r\n", 4}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fixture f;
        struct slice line;
        set_up(&f);
        stream_resume(f.stream);
        say(&f, bad[i]);
        ck_assert_int_eq(stream_peek_line(f.stream, 100, &line), STREAM_LINE_BARE);
        tear_down(&f);
    }
}
END_TEST

START_TEST(a_line_over_the_limit_is_long_whether_it_ends_or_not)
{
    struct fixture f;
    struct slice line;
    set_up(&f);
    stream_resume(f.stream);
    say(&f, SLICE("12345678\r\n"));
    ck_assert_int_eq(stream_peek_line(f.stream, 10, &line), STREAM_LINE_OK);
    ck_assert_int_eq(stream_peek_line(f.stream, 9, &line), STREAM_LINE_LONG);
    stream_take(f.stream, 10);
    say(&f, SLICE("1234567890"));
    ck_assert_int_eq(stream_peek_line(f.stream, 9, &line), STREAM_LINE_LONG);
    tear_down(&f);
}
END_TEST

START_TEST(freeing_inside_a_callback_is_safe)
{
    struct fixture f;
    set_up(&f);
    f.free_on_readable = true;
    stream_resume(f.stream);
    say(&f, SLICE("x"));
    ck_assert_ptr_null(f.stream);
    tear_down(&f);
}
END_TEST

START_TEST(output_the_socket_does_not_take_is_kept_and_sent_later)
{
    struct fixture f;
    static char big[4 * 1024 * 1024];
    char sink[65536];
    size_t got = 0;
    set_up(&f);
    stream_write(f.stream, slice_make(big, sizeof big));
    ck_assert_uint_gt(stream_unsent(f.stream), 0);
    while (got < sizeof big) {
        ssize_t n = read(f.peer, sink, sizeof sink);
        ck_assert_int_gt(n, 0);
        got += (size_t)n;
        turn(&f);
    }
    ck_assert_uint_eq(stream_unsent(f.stream), 0);
    ck_assert_uint_eq(f.drained, 1);
    tear_down(&f);
}
END_TEST

START_TEST(corked_output_leaves_in_one_piece)
{
    struct fixture f;
    char got[16];
    set_up(&f);
    stream_cork(f.stream);
    stream_write(f.stream, SLICE("ab"));
    stream_write(f.stream, SLICE("cd"));
    ck_assert_int_eq(recv(f.peer, got, sizeof got, MSG_DONTWAIT), -1);
    stream_uncork(f.stream);
    ck_assert_int_eq(recv(f.peer, got, sizeof got, MSG_DONTWAIT), 4);
    tear_down(&f);
}
END_TEST

START_TEST(the_end_of_the_peer_is_told_once)
{
    struct fixture f;
    set_up(&f);
    f.take_all = true;
    stream_resume(f.stream);
    say(&f, SLICE("bye"));
    close(f.peer);
    f.peer = -1;
    turn(&f);
    turn(&f);
    ck_slice_eq(buf_slice(&f.taken), "bye");
    ck_assert_uint_eq(f.ended, 1);
    ck_assert_int_eq(f.why, STREAM_EOF);
    tear_down(&f);
}
END_TEST

START_TEST(a_closed_stream_still_sends_what_was_written)
{
    struct fixture f;
    char got[16];
    set_up(&f);
    stream_write(f.stream, SLICE("221 bye\r\n"));
    stream_close(&f.stream, 0);
    ck_assert_ptr_null(f.stream);
    ck_assert_int_eq(recv(f.peer, got, sizeof got, 0), 9);
    ck_assert_int_eq(recv(f.peer, got, sizeof got, 0), 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_lingering_stream_swallows_input_until_the_peer_closes)
{
    struct fixture f;
    char got[16];
    set_up(&f);
    stream_write(f.stream, SLICE("421\r\n"));
    stream_close(&f.stream, 1000);
    ck_assert_int_eq(recv(f.peer, got, sizeof got, 0), 5);
    say(&f, SLICE("MAIL FROM:<a@b>\r\n"));
    ck_assert_int_gt(event_base_get_num_events(f.base, EVENT_BASE_COUNT_ADDED), 0);
    close(f.peer);
    f.peer = -1;
    turn(&f);
    ck_assert_int_eq(event_base_get_num_events(f.base, EVENT_BASE_COUNT_ADDED), 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_peer_that_dribbles_cannot_hold_a_lingering_stream)
{
    struct fixture f;
    char got[16];
    bool gone = false;
    set_up(&f);
    stream_write(f.stream, SLICE("421\r\n"));
    stream_close(&f.stream, 100);
    ck_assert_int_eq(recv(f.peer, got, sizeof got, 0), 5);
    for (int i = 0; i < 200 && !gone; i++) { /* 10 ms apart: each byte would renew a timeout that counts from the last one */
        gone = send(f.peer, "x", 1, MSG_NOSIGNAL) < 0;
        usleep(10000);
        turn(&f);
    }
    ck_assert(gone);
    tear_down(&f);
}
END_TEST

START_TEST(a_peer_that_left_is_noticed_without_reading)
{
    struct fixture f;
    set_up(&f);
    ck_assert(!stream_peer_gone(f.stream));
    close(f.peer);
    f.peer = -1;
    ck_assert(stream_peer_gone(f.stream));
    tear_down(&f);
}
END_TEST

START_TEST(a_refused_connection_is_told_from_the_loop)
{
    struct fixture f;
    struct stream_target nowhere = {0};
    set_up(&f);
    ck_assert(net_addr_parse_endpoint(SLICE("127.0.0.1:1"), &nowhere.address));
    stream_free(&f.stream);
    f.stream = stream_connect(f.base, &nowhere, 1000, &handler, &f);
    ck_assert_uint_eq(f.ended, 0);
    event_base_loop(f.base, EVLOOP_ONCE);
    ck_assert_uint_eq(f.ended, 1);
    ck_assert_int_eq(f.why, STREAM_REFUSED);
    tear_down(&f);
}
END_TEST

static void on_connected(void *ctx)
{
    ((struct fixture *)ctx)->drained++;
}

START_TEST(a_unix_socket_is_reached_by_its_path)
{
    static const struct stream_handler connecting = {.connected = on_connected, .ended = on_ended};
    struct fixture f;
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stream_target there = {.path = sa.sun_path};
    set_up(&f);
    snprintf(sa.sun_path, sizeof sa.sun_path, "/tmp/mailweir-stream-%d", (int)getpid());
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listening, (struct sockaddr *)&sa, sizeof sa), 0);
    ck_assert_int_eq(listen(listening, 1), 0);
    stream_free(&f.stream);
    f.stream = stream_connect(f.base, &there, 1000, &connecting, &f);
    event_base_loop(f.base, EVLOOP_ONCE);
    ck_assert_uint_eq(f.drained, 1);
    close(listening);
    unlink(sa.sun_path);
    stream_free(&f.stream);
    f.stream = stream_connect(f.base, &there, 1000, &connecting, &f);
    event_base_loop(f.base, EVLOOP_ONCE);
    ck_assert_uint_eq(f.ended, 1);
    ck_assert_int_eq(f.why, STREAM_REFUSED);
    tear_down(&f);
}
END_TEST

START_TEST(a_foreign_source_of_another_family_reaches_nobody)
{
    struct fixture f;
    struct stream_target there = {.source = {.family = AF_INET6}};
    set_up(&f);
    ck_assert(net_addr_parse_endpoint(SLICE("127.0.0.1:1"), &there.address));
    stream_free(&f.stream);
    f.stream = stream_connect(f.base, &there, 1000, &handler, &f);
    event_base_loop(f.base, EVLOOP_ONCE);
    ck_assert_int_eq(f.why, STREAM_REFUSED);
    ck_assert_ptr_nonnull(strstr(stream_error(f.stream), "not supported"));
    tear_down(&f);
}
END_TEST

START_TEST(a_stream_that_is_handed_over_tells_its_new_owner)
{
    struct fixture f, other = {0};
    set_up(&f);
    stream_hand_over(f.stream, &handler, &other);
    other.stream = f.stream;
    stream_resume(f.stream);
    ck_assert_int_eq(write(f.peer, "x", 1), 1);
    event_base_loop(f.base, EVLOOP_ONCE);
    ck_assert_uint_eq(f.readable, 0);
    ck_assert_uint_eq(other.readable, 1);
    tear_down(&f);
}
END_TEST

UNIT_MAIN("base/stream", a_unix_socket_is_reached_by_its_path, a_foreign_source_of_another_family_reaches_nobody,
          a_stream_that_is_handed_over_tells_its_new_owner, a_paused_stream_reads_nothing_until_resumed, what_is_not_taken_stays_and_grows,
          a_line_is_whole_only_with_crlf, bare_cr_bare_lf_and_nul_are_seen, a_line_over_the_limit_is_long_whether_it_ends_or_not,
          freeing_inside_a_callback_is_safe, output_the_socket_does_not_take_is_kept_and_sent_later, corked_output_leaves_in_one_piece,
          the_end_of_the_peer_is_told_once, a_closed_stream_still_sends_what_was_written,
          a_lingering_stream_swallows_input_until_the_peer_closes, a_peer_that_dribbles_cannot_hold_a_lingering_stream,
          a_peer_that_left_is_noticed_without_reading, a_refused_connection_is_told_from_the_loop)
