#include "base/buf.h"
#include "base/stream.h"
#include "base/tls/tls.h"
#include "tests/unit/base/tls/certificate.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* One end of a TLS connection. */
struct end {
    struct stream *stream;
    struct buf taken;
    unsigned secured, ended, drained;
    enum stream_end why;
    bool leave; /* takes nothing */
};

struct fixture {
    struct event_base *base;
    struct tls_server *server;
    struct tls_client *client;
    struct end a, b; /* server, client */
    int raw;         /* the client's socket, if the test holds it itself */
};

static void on_readable(void *ctx)
{
    struct end *e = ctx;
    struct slice all = stream_peek(e->stream);
    if (e->leave)
        return;
    buf_add(&e->taken, all);
    stream_take(e->stream, all.len);
}

static void on_drained(void *ctx)
{
    ((struct end *)ctx)->drained++;
}

static void on_ended(void *ctx, enum stream_end why)
{
    struct end *e = ctx;
    e->ended++;
    e->why = why;
}

static void on_secured(void *ctx)
{
    ((struct end *)ctx)->secured++;
}

static const struct stream_handler handler = {.readable = on_readable, .drained = on_drained, .ended = on_ended, .secured = on_secured};

static void set_up(struct fixture *f, bool raw)
{
    static const unsigned char secret[TLS_TICKET_SECRET] = "secret";
    char error[TLS_ERROR_MAX];
    size_t bad;
    int ends[2];
    *f = (struct fixture){.raw = -1};
    const char *pem = certificate_make("mx.example.com");
    f->base = event_base_new();
    f->server = tls_server_new(&(struct tls_server_options){.pairs = &(struct tls_pair){pem, NULL}, .pair_count = 1, .secret = secret},
                               error, &bad);
    ck_assert_msg(f->server != NULL, "%s", error);
    f->client = tls_client_new(pem, error);
    ck_assert_msg(f->client != NULL, "%s", error);
    unlink(pem);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    f->a.stream = stream_accept(f->base, ends[0], &handler, &f->a);
    if (raw)
        f->raw = ends[1];
    else
        f->b.stream = stream_accept(f->base, ends[1], &handler, &f->b);
}

static void tear_down(struct fixture *f)
{
    stream_free(&f->a.stream);
    stream_free(&f->b.stream);
    stream_drop_closing();
    if (f->raw >= 0)
        close(f->raw);
    tls_server_free(&f->server);
    tls_client_free(&f->client);
    event_base_free(f->base);
    buf_release(&f->a.taken);
    buf_release(&f->b.taken);
}

static void turn(struct fixture *f)
{
    for (int i = 0; i < 200; i++)
        event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void secure(struct fixture *f, const char *name)
{
    stream_secure_server(f->a.stream, f->server);
    stream_secure_client(f->b.stream, f->client, name, true);
    turn(f);
}

static void set_up_secured(struct fixture *f)
{
    set_up(f, false);
    secure(f, "mx.example.com");
    ck_assert_uint_eq(f->a.secured, 1);
    ck_assert_uint_eq(f->b.secured, 1);
}

START_TEST(what_one_side_writes_the_other_reads_and_the_session_is_known)
{
    struct fixture f;
    struct tls_info info;
    set_up_secured(&f);
    stream_resume(f.a.stream);
    stream_resume(f.b.stream);
    stream_write_more(f.b.stream, SLICE("EHLO x"));
    stream_write(f.b.stream, SLICE("\r\n"));
    turn(&f);
    ck_assert_str_eq(f.a.taken.ptr, "EHLO x\r\n");
    tls_session_info(stream_tls(f.a.stream), &info);
    ck_assert_str_eq(info.version, "TLSv1.3");
    ck_assert_str_eq(info.name, "mx.example.com");
    ck_assert(!info.certificate && !info.resumed);
    tls_session_info(stream_tls(f.b.stream), &info);
    ck_assert(info.certificate && info.verified);
    ck_assert_uint_eq(strlen(info.fingerprint), 64);
    tear_down(&f);
}
END_TEST

START_TEST(input_in_the_clear_before_tls_is_thrown_away)
{
    struct fixture f;
    set_up(&f, false);
    f.a.leave = true;
    stream_resume(f.a.stream);
    stream_write(f.b.stream, SLICE("MAIL FROM:<evil@example.com>\r\n"));
    turn(&f);
    ck_assert_uint_eq(stream_peek(f.a.stream).len, 30);
    f.a.leave = false;
    ck_assert_uint_eq(stream_secure_server(f.a.stream, f.server), 30);
    stream_secure_client(f.b.stream, f.client, "mx.example.com", true);
    turn(&f);
    ck_assert_uint_eq(f.a.secured, 1);
    stream_write(f.b.stream, SLICE("EHLO x\r\n"));
    turn(&f);
    ck_assert_str_eq(f.a.taken.ptr, "EHLO x\r\n");
    tear_down(&f);
}
END_TEST

START_TEST(input_that_belongs_to_tls_is_kept_if_nothing_was_said_in_the_clear)
{
    struct fixture f;
    set_up(&f, false);
    f.a.leave = true;
    stream_resume(f.a.stream);
    stream_secure_client(f.b.stream, f.client, "mx.example.com", true);
    turn(&f);
    ck_assert_uint_gt(stream_peek(f.a.stream).len, 100); /* the client's first words */
    f.a.leave = false;
    stream_begin_server(f.a.stream, f.server);
    turn(&f);
    ck_assert_uint_eq(f.a.secured, 1);
    ck_assert_uint_eq(f.b.secured, 1);
    tear_down(&f);
}
END_TEST

START_TEST(tls_begins_behind_output_that_was_still_to_be_sent)
{
    struct fixture f;
    char *flood = malloc(4000000);
    memset(flood, 'x', 4000000);
    set_up(&f, false);
    stream_write(f.a.stream, slice_make(flood, 4000000));
    stream_secure_server(f.a.stream, f.server);
    turn(&f);
    ck_assert_uint_gt(stream_unsent(f.a.stream), 0);
    stream_resume(f.b.stream);
    turn(&f);
    ck_assert_uint_eq(f.b.taken.len, 4000000);
    stream_secure_client(f.b.stream, f.client, "mx.example.com", true);
    turn(&f);
    ck_assert_uint_eq(f.a.secured, 1);
    ck_assert_uint_eq(f.b.taken.len, 4000000);
    free(flood);
    tear_down(&f);
}
END_TEST

START_TEST(megabytes_cross_in_both_directions_unharmed)
{
    struct fixture f;
    enum { MANY = 3000000 };
    char *bytes = malloc(MANY);
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    set_up_secured(&f);
    stream_resume(f.a.stream);
    stream_resume(f.b.stream);
    stream_write(f.a.stream, slice_make(bytes, MANY));
    stream_write(f.b.stream, slice_make(bytes, MANY));
    for (int i = 0; i < 20; i++)
        turn(&f);
    ck_assert_uint_eq(f.a.taken.len, MANY);
    ck_assert_uint_eq(f.b.taken.len, MANY);
    ck_assert_mem_eq(f.a.taken.ptr, bytes, MANY);
    ck_assert_mem_eq(f.b.taken.ptr, bytes, MANY);
    ck_assert_uint_gt(f.a.drained, 0);
    free(bytes);
    tear_down(&f);
}
END_TEST

START_TEST(a_paused_stream_keeps_what_tls_holds_and_gives_it_when_resumed)
{
    struct fixture f;
    set_up_secured(&f);
    stream_write(f.b.stream, SLICE("one"));
    turn(&f);
    ck_assert_uint_eq(f.a.taken.len, 0);
    ck_assert(stream_has_input(f.a.stream)); /* moves it into TLS's own buffer */
    ck_assert(!stream_peer_gone(f.a.stream));
    turn(&f);
    stream_resume(f.a.stream);
    turn(&f);
    ck_assert_str_eq(f.a.taken.ptr, "one");
    tear_down(&f);
}
END_TEST

START_TEST(the_peers_end_is_seen_even_if_nothing_reads)
{
    struct fixture f;
    set_up_secured(&f);
    ck_assert(!stream_peer_gone(f.a.stream));
    stream_close(&f.b.stream, 0);
    turn(&f);
    ck_assert(stream_peer_gone(f.a.stream));
    stream_resume(f.a.stream);
    turn(&f);
    ck_assert_uint_eq(f.a.ended, 1);
    ck_assert_int_eq(f.a.why, STREAM_EOF);
    tear_down(&f);
}
END_TEST

START_TEST(a_certificate_for_another_name_ends_the_clients_side)
{
    struct fixture f;
    set_up(&f, false);
    secure(&f, "other.example.com");
    ck_assert_uint_eq(f.b.secured, 0);
    ck_assert_uint_eq(f.b.ended, 1);
    ck_assert_int_eq(f.b.why, STREAM_ERROR);
    ck_assert_msg(strstr(stream_error(f.b.stream), "ostname") != NULL, "%s", stream_error(f.b.stream));
    tear_down(&f);
}
END_TEST

START_TEST(plain_bytes_in_place_of_a_handshake_end_the_stream)
{
    struct fixture f;
    set_up(&f, true);
    stream_secure_server(f.a.stream, f.server);
    ck_assert_int_eq(write(f.raw, "EHLO there\r\nMAIL FROM:<a@b>\r\n", 29), 29);
    turn(&f);
    ck_assert_uint_eq(f.a.ended, 1);
    ck_assert_uint_eq(f.a.taken.len, 0);
    ck_assert_int_eq(f.a.why, STREAM_ERROR);
    tear_down(&f);
}
END_TEST

START_TEST(silence_in_the_handshake_times_out)
{
    struct fixture f;
    set_up(&f, true);
    stream_set_timeout(f.a.stream, 20, 20);
    stream_secure_server(f.a.stream, f.server);
    for (int i = 0; i < 100 && !f.a.ended; i++) {
        usleep(5000);
        event_base_loop(f.base, EVLOOP_NONBLOCK);
    }
    ck_assert_uint_eq(f.a.ended, 1);
    ck_assert_int_eq(f.a.why, STREAM_TIMEOUT);
    tear_down(&f);
}
END_TEST

UNIT_MAIN("base/stream_tls", what_one_side_writes_the_other_reads_and_the_session_is_known, input_in_the_clear_before_tls_is_thrown_away,
          input_that_belongs_to_tls_is_kept_if_nothing_was_said_in_the_clear, tls_begins_behind_output_that_was_still_to_be_sent,
          megabytes_cross_in_both_directions_unharmed, a_paused_stream_keeps_what_tls_holds_and_gives_it_when_resumed,
          the_peers_end_is_seen_even_if_nothing_reads, a_certificate_for_another_name_ends_the_clients_side,
          plain_bytes_in_place_of_a_handshake_end_the_stream, silence_in_the_handshake_times_out)
