/* The resolver against a real name server: nsd on a free loopback port, started once for all tests of this file. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/dns/dns.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/mailweir-dns-XXXXXX";
static int port;
static char server[64];

static struct event_base *base;
static struct dns *dns;
static bool asking; /* inside dns_ask */

/* What came back, copied out of the answer. */
struct outcome {
    int calls;
    enum dns_status status;
    const char *why;
    bool secure;
    uint32_t ttl;
    size_t count;
    unsigned preference[16];
    struct buf data[16];
};

static void on_answer(void *ctx, const struct dns_answer *answer)
{
    struct outcome *o = ctx;
    ck_assert_msg(!asking, "called from inside dns_ask");
    o->calls++;
    o->status = answer->status;
    o->why = answer->why;
    o->ttl = answer->ttl;
    o->secure = answer->secure;
    o->count = answer->count;
    for (size_t i = 0; i < answer->count && i < 16; i++) {
        buf_clear(&o->data[i]);
        buf_add(&o->data[i], answer->records[i].data);
        o->preference[i] = answer->records[i].preference;
    }
}

static struct dns_query *ask(const char *name, enum dns_type type, struct outcome *o)
{
    asking = true;
    struct dns_query *q = dns_ask(dns, slice_of(name), type, on_answer, o);
    asking = false;
    return q;
}

static void wait_for(const struct outcome *o, int calls)
{
    int64_t end = clock_monotonic_us() + 15 * 1000000;
    while (o->calls < calls && clock_monotonic_us() < end) {
        struct timeval tick = {0, 50000};
        event_base_loopexit(base, &tick);
        event_base_loop(base, EVLOOP_ONCE);
    }
    ck_assert_int_eq(o->calls, calls);
}

static struct outcome resolve(const char *name, enum dns_type type)
{
    struct outcome o = {0};
    ask(name, type, &o);
    wait_for(&o, 1);
    return o;
}

static void release(struct outcome *o)
{
    for (size_t i = 0; i < 16; i++)
        buf_release(&o->data[i]);
}

static bool holds(const struct outcome *o, const char *text)
{
    for (size_t i = 0; i < o->count && i < 16; i++)
        if (slice_eq(buf_slice(&o->data[i]), slice_of(text)))
            return true;
    return false;
}

static void open_with(struct dns_options options)
{
    const char *error = NULL;
    signal(SIGPIPE, SIG_IGN);
    base = event_base_new();
    if (options.timeout_ms == 0)
        options.timeout_ms = 5000;
    options.cache_bytes = 4 * 1024 * 1024;
    dns = dns_new(base, &options, &error);
    ck_assert_msg(dns != NULL, "%s", error);
}

static void open_server(void)
{
    const char *forward[] = {server};
    open_with((struct dns_options){.forward = forward, .forward_count = 1});
}

static void close_all(void)
{
    dns_free(&dns);
    event_base_free(base);
}

static const char *write_file(const char *name, const char *text)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void expect_refused(struct dns_options options, const char *part)
{
    const char *error = "";
    base = event_base_new();
    dns = dns_new(base, &options, &error);
    ck_assert_ptr_null(dns);
    ck_assert_msg(strstr(error, part) != NULL, "\"%s\" does not mention \"%s\"", error, part);
    event_base_free(base);
}

START_TEST(addresses_of_both_families)
{
    open_server();
    struct outcome a = resolve("host.zone.test", DNS_TYPE_A), aaaa = resolve("HOST.zone.TEST.", DNS_TYPE_AAAA);
    ck_assert_int_eq(a.status, DNS_OK);
    ck_assert_uint_eq(a.count, 2);
    ck_assert(holds(&a, "\xc0\x01\x02\x03"));
    ck_assert_uint_le(a.ttl, 300);
    ck_assert_uint_ge(a.ttl, 200);
    ck_assert(!a.secure);
    ck_assert_uint_eq(aaaa.count, 1);
    ck_assert_uint_eq(aaaa.data[0].len, 16);
    release(&a);
    release(&aaaa);
    close_all();
}
END_TEST

START_TEST(mail_exchangers_and_pointers_are_names)
{
    open_server();
    struct outcome mx = resolve("zone.test", DNS_TYPE_MX), ptr = resolve("1.2.0.192.in-addr.arpa", DNS_TYPE_PTR);
    ck_assert_uint_eq(mx.count, 2);
    ck_assert(holds(&mx, "mx1.zone.test"));
    ck_assert(holds(&mx, "mx\\046odd.zone.test"));
    ck_assert_uint_eq(mx.preference[0] + mx.preference[1], 30);
    ck_assert(holds(&ptr, "host.zone.test"));
    release(&mx);
    release(&ptr);
    close_all();
}
END_TEST

START_TEST(an_odd_name_received_can_be_asked_for)
{
    open_server();
    struct outcome o = resolve("mx\\046odd.zone.test", DNS_TYPE_A);
    ck_assert_int_eq(o.status, DNS_OK);
    release(&o);
    close_all();
}
END_TEST

START_TEST(texts_are_joined_and_may_be_long)
{
    open_server();
    struct outcome many = resolve("txt.zone.test", DNS_TYPE_TXT), lengthy = resolve("long.zone.test", DNS_TYPE_TXT),
                   huge = resolve("huge.zone.test", DNS_TYPE_TXT);
    ck_assert_uint_eq(many.count, 3);
    ck_assert(holds(&many, "v=spf1 ip4:192.0.2.0/24 -all"));
    ck_assert(holds(&many, "second"));
    ck_assert(holds(&many, "semi;colon \"quoted\""));
    ck_assert_uint_eq(lengthy.count, 1);
    ck_assert_uint_eq(lengthy.data[0].len, 6 * 250);
    ck_assert_uint_eq(huge.count, 10); /* over 4 KB: only TCP carries it */
    for (size_t i = 0; i < 10; i++)
        ck_assert_uint_eq(huge.data[i].len, 502);
    release(&many);
    release(&lengthy);
    release(&huge);
    close_all();
}
END_TEST

START_TEST(aliases_are_followed_to_what_they_lead_to)
{
    open_server();
    struct outcome ok = resolve("alias1.zone.test", DNS_TYPE_A), none = resolve("alias1.zone.test", DNS_TYPE_MX),
                   gone = resolve("dangling.zone.test", DNS_TYPE_A), itself = resolve("alias1.zone.test", DNS_TYPE_CNAME);
    ck_assert_int_eq(ok.status, DNS_OK);
    ck_assert_uint_eq(ok.count, 2);
    ck_assert_int_eq(none.status, DNS_NODATA);
    ck_assert_int_eq(gone.status, DNS_NXDOMAIN);
    ck_assert(holds(&itself, "alias2.zone.test"));
    release(&ok);
    release(&itself);
    close_all();
}
END_TEST

static unsigned further, allowed;

static bool count_further(void *ctx)
{
    if (further == allowed)
        return false;
    further++;
    return true;
}

static struct outcome resolve_metered(const char *name, unsigned most)
{
    struct outcome o = {0};
    further = 0;
    allowed = most;
    dns_meter(ask(name, DNS_TYPE_A, &o), count_further);
    wait_for(&o, 1);
    return o;
}

START_TEST(each_link_that_has_to_be_asked_for_is_paid_for)
{
    open_server();
    struct outcome plain = resolve_metered("host.zone.test", 9);
    ck_assert_uint_eq(further, 0);
    struct outcome whole = resolve_metered("alias1.zone.test", 9);
    ck_assert_uint_eq(further, 2); /* though the server told it all at once */
    struct outcome chain = resolve_metered("far1.zone.test", 9);
    ck_assert_uint_eq(further, 3);
    ck_assert_int_eq(chain.status, DNS_OK);
    ck_assert_uint_eq(chain.count, 1);
    ck_assert_int_eq(chain.data[0].ptr[3], 80);
    release(&plain);
    release(&whole);
    release(&chain);
    close_all();
}
END_TEST

START_TEST(a_chain_ends_where_nobody_pays)
{
    open_server();
    struct outcome nothing = resolve_metered("far1.zone.test", 0), short_of_one = resolve_metered("far1.zone.test", 2);
    ck_assert_int_eq(nothing.status, DNS_FAILURE);
    ck_assert_int_eq(short_of_one.status, DNS_FAILURE);
    struct outcome enough = resolve_metered("far1.zone.test", 3);
    ck_assert_int_eq(enough.status, DNS_OK);
    release(&enough);
    close_all();
}
END_TEST

START_TEST(aliases_in_a_circle_fail_after_a_few_links)
{
    open_server();
    struct outcome o = resolve_metered("round1.zone.test", 100);
    ck_assert_int_eq(o.status, DNS_FAILURE);
    ck_assert_str_eq(o.why, "CNAME loop");
    ck_assert_uint_le(further, 9);
    close_all();
}
END_TEST

START_TEST(a_failure_is_looked_at_once_more_and_no_further)
{
    open_server();
    ck_assert_int_eq(resolve_metered("refused.example", 9).status, DNS_FAILURE);
    ck_assert_uint_eq(further, 1);
    ck_assert_int_eq(resolve_metered("other.refused.example", 0).status, DNS_FAILURE);
    close_all();
}
END_TEST

START_TEST(no_data_is_not_no_name)
{
    open_server();
    ck_assert_int_eq(resolve("host.zone.test", DNS_TYPE_MX).status, DNS_NODATA);
    ck_assert_int_eq(resolve("nothing.zone.test", DNS_TYPE_A).status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("b.zone.test", DNS_TYPE_A).status, DNS_NODATA); /* only a.b.zone.test exists */
    ck_assert_uint_le(resolve("nothing2.zone.test", DNS_TYPE_A).ttl, 120);
    close_all();
}
END_TEST

START_TEST(a_refusing_server_is_a_failure)
{
    open_server();
    struct outcome first = resolve("elsewhere.example", DNS_TYPE_A), cached = resolve("elsewhere.example", DNS_TYPE_A);
    ck_assert_int_eq(first.status, DNS_FAILURE);
    ck_assert_ptr_nonnull(first.why);
    ck_assert_int_eq(cached.status, DNS_FAILURE); /* the library keeps this, with a return code of 0 */
    close_all();
}
END_TEST

START_TEST(cached_answers_come_later_too_and_in_order)
{
    open_server();
    struct outcome o = resolve("host.zone.test", DNS_TYPE_A), again[3] = {{0}};
    for (int i = 0; i < 3; i++)
        ask("host.zone.test", DNS_TYPE_A, &again[i]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(again[i].calls, 0);
    wait_for(&again[2], 1);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(again[i].calls, 1);
        ck_assert_uint_eq(again[i].count, 2);
        release(&again[i]);
    }
    release(&o);
    close_all();
}
END_TEST

START_TEST(the_same_question_asked_at_once_is_answered_to_each)
{
    open_server();
    struct outcome o[4] = {{0}};
    for (int i = 0; i < 4; i++)
        ask("host.zone.test", DNS_TYPE_AAAA, &o[i]);
    for (int i = 0; i < 4; i++) {
        wait_for(&o[i], 1);
        ck_assert_int_eq(o[i].status, DNS_OK);
        release(&o[i]);
    }
    close_all();
}
END_TEST

START_TEST(illegal_names_do_not_exist_and_type_spf_is_never_asked)
{
    open_server();
    struct outcome o = {0};
    ask("a..b", DNS_TYPE_A, &o);
    ck_assert_int_eq(o.calls, 0);
    wait_for(&o, 1);
    ck_assert_int_eq(o.status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("zone.test", DNS_TYPE_SPF).status, DNS_NODATA);
    close_all();
}
END_TEST

/** A socket that takes datagrams and never answers. */
static int silent_socket(char *address, size_t room)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    snprintf(address, room, "127.0.0.1@%u", ntohs(at.sin_port));
    return fd;
}

START_TEST(a_dead_server_is_a_timeout)
{
    char address[64];
    int fd = silent_socket(address, sizeof address);
    const char *forward[] = {address};
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .timeout_ms = 200});
    struct outcome o[3] = {{0}};
    for (int i = 0; i < 3; i++)
        ask(i == 1 ? "b.test" : "a.test", DNS_TYPE_A, &o[i]);
    for (int i = 0; i < 3; i++) {
        wait_for(&o[i], 1);
        ck_assert_int_eq(o[i].status, DNS_FAILURE);
        ck_assert_str_eq(o[i].why, "timeout");
    }
    close(fd);
    close_all();
}
END_TEST

static void never(void *ctx, const struct dns_answer *answer)
{
    ck_abort_msg("called after cancel");
}

START_TEST(a_cancelled_query_is_silent)
{
    open_server();
    struct outcome o = resolve("host.zone.test", DNS_TYPE_A), last = {0};
    dns_cancel(dns_ask(dns, SLICE("host.zone.test"), DNS_TYPE_A, never, NULL));  /* answered from the cache already */
    dns_cancel(dns_ask(dns, SLICE("host2.zone.test"), DNS_TYPE_A, never, NULL)); /* under way */
    dns_cancel(dns_ask(dns, SLICE(""), DNS_TYPE_A, never, NULL));
    ask("host3.zone.test", DNS_TYPE_A, &last);
    wait_for(&last, 1);
    release(&o);
    close_all();
}
END_TEST

struct pair {
    struct dns_query *self, *other;
    int calls;
};

static void cancel_other(void *ctx, const struct dns_answer *answer)
{
    struct pair *p = ctx;
    p->calls++;
    dns_cancel(p->other);
    dns_cancel(p->self); /* being delivered: no effect */
}

START_TEST(a_callback_may_cancel_others_and_itself)
{
    open_server();
    struct pair p = {0};
    struct outcome last = {0};
    p.self = dns_ask(dns, SLICE(""), DNS_TYPE_A, cancel_other, &p);
    p.other = dns_ask(dns, SLICE(""), DNS_TYPE_A, never, NULL);
    ask("host.zone.test", DNS_TYPE_A, &last);
    wait_for(&last, 1);
    ck_assert_int_eq(p.calls, 1);
    release(&last);
    close_all();
}
END_TEST

static void free_resolver(void *ctx, const struct dns_answer *answer)
{
    ++*(int *)ctx;
    dns_free(&dns);
    ck_assert_int_eq(answer->status, DNS_OK); /* still readable */
    ck_assert_uint_eq(answer->records[0].data.len, 4);
}

START_TEST(a_callback_may_free_the_resolver)
{
    open_server();
    int calls = 0;
    struct outcome o = resolve("host.zone.test", DNS_TYPE_A);
    dns_ask(dns, SLICE("host.zone.test"), DNS_TYPE_A, free_resolver, &calls);
    dns_ask(dns, SLICE("host.zone.test"), DNS_TYPE_A, never, NULL);
    dns_ask(dns, SLICE("unknown.zone.test"), DNS_TYPE_A, never, NULL);
    dns_cancel(dns_ask(dns, SLICE("unknown2.zone.test"), DNS_TYPE_A, never, NULL));
    event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_int_eq(calls, 1);
    ck_assert_ptr_null(dns);
    release(&o);
    close_all();
}
END_TEST

START_TEST(freeing_forgets_what_is_under_way)
{
    open_server();
    for (int i = 0; i < 20; i++) {
        char name[64];
        snprintf(name, sizeof name, "n%d.zone.test", i);
        struct dns_query *q = dns_ask(dns, slice_of(name), DNS_TYPE_A, never, NULL);
        if (i % 3 == 0)
            dns_cancel(q);
    }
    dns_free(&dns);
    dns_free(&dns); /* twice is harmless */
    event_base_loop(base, EVLOOP_NONBLOCK);
    close_all();
}
END_TEST

/** Asks on behalf of an asker for names that the silent server keeps to itself, giving up each at once. */
static void flood(uint64_t asker, int queries)
{
    for (int i = 0; i < queries; i++) {
        char name[64];
        snprintf(name, sizeof name, "n%d.silent.test", i);
        dns_cancel(dns_ask_for(dns, asker, slice_of(name), DNS_TYPE_TXT, never, NULL));
    }
}

static void wait_until_idle(void)
{
    int64_t end = clock_monotonic_us() + 25 * 1000000;
    while (dns_load_total(dns_load(dns)) && clock_monotonic_us() < end) {
        struct timeval tick = {0, 50000};
        event_base_loopexit(base, &tick);
        event_base_loop(base, EVLOOP_ONCE);
    }
    ck_assert_uint_eq(dns_load_total(dns_load(dns)), 0);
    ck_assert_uint_eq(dns_load_askers(dns_load(dns)), 0);
}

static void remember_refusal(void *ctx, const struct dns_answer *answer)
{
    ck_assert_int_eq(answer->status, DNS_FAILURE);
    *(int *)ctx = answer->refused ? 1 : -1;
}

START_TEST(queries_given_up_count_against_their_asker_alone_until_they_end)
{
    char address[64];
    int fd = silent_socket(address, sizeof address), refused = 0;
    const char *forward[] = {address};
    const char *zone = write_file("small", "host.known.test A 192.0.2.9\n");
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .zone_file = zone, .timeout_ms = 500});
    struct outcome other = {0};
    flood(1, 20000);
    ck_assert_int_eq(dns_busy(dns, 1), DNS_LOAD_SHARE);
    ck_assert_int_eq(dns_busy(dns, 2), DNS_LOAD_FREE);
    dns_ask_for(dns, 1, SLICE("one.more.test"), DNS_TYPE_A, remember_refusal, &refused);
    dns_ask_for(dns, 2, SLICE("host.known.test"), DNS_TYPE_A, on_answer, &other);
    wait_for(&other, 1);
    ck_assert_int_eq(other.status, DNS_OK);
    ck_assert_int_eq(refused, 1);
    wait_until_idle();
    ck_assert_int_eq(dns_busy(dns, 1), DNS_LOAD_FREE);
    release(&other);
    close(fd);
    close_all();
}
END_TEST

START_TEST(a_load_spread_over_many_askers_leaves_a_place_for_another)
{
    char address[64];
    int fd = silent_socket(address, sizeof address);
    const char *forward[] = {address};
    const char *zone = write_file("small", "host.known.test A 192.0.2.9\n");
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .zone_file = zone, .timeout_ms = 500});
    struct outcome other = {0};
    for (uint64_t asker = 1; asker <= 40; asker++)
        flood(asker, 600);
    ck_assert_int_eq(dns_busy(dns, 1), DNS_LOAD_FULL);
    ck_assert_uint_eq(dns_load_askers(dns_load(dns)), 40);
    ck_assert_int_eq(dns_busy(dns, 1000), DNS_LOAD_FREE);
    dns_ask_for(dns, 1000, SLICE("host.known.test"), DNS_TYPE_A, on_answer, &other);
    wait_for(&other, 1);
    ck_assert_int_eq(other.status, DNS_OK);
    wait_until_idle();
    release(&other);
    close(fd);
    close_all();
}
END_TEST

static void ask_again(void *ctx, const struct dns_answer *answer)
{
    int *left = ctx;
    if (--*left > 0)
        dns_ask(dns, SLICE("host.zone.test"), DNS_TYPE_A, ask_again, left);
}

START_TEST(a_callback_may_ask_on)
{
    open_server();
    int left = 50;
    struct outcome first = resolve("host.zone.test", DNS_TYPE_A);
    ask_again(&left, NULL);
    for (int i = 0; i < 100 && left > 0; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    ck_assert_int_eq(left, 0);
    release(&first);
    close_all();
}
END_TEST

static const char static_zone[] = "; a world of its own\n"
                                  "static.test. 60 IN TXT \"v=spf1 \" \"-all\"\n"
                                  "static.test A 192.0.2.7\n"
                                  "alias.static.test CNAME far.example\n"
                                  "far.example CNAME static.test\n"
                                  "loop.test CNAME loop.test\n"
                                  "a.b.example MX 5 mx.example\n";

START_TEST(a_static_zone_alone_is_the_whole_world)
{
    open_with((struct dns_options){.zone_file = write_file("static", static_zone)});
    struct outcome txt = resolve("static.test", DNS_TYPE_TXT), alias = resolve("alias.static.test", DNS_TYPE_A);
    ck_assert(holds(&txt, "v=spf1 -all"));
    ck_assert_uint_eq(txt.ttl, 60);
    ck_assert(holds(&alias, "\xc0\x00\x02\x07") || alias.data[0].len == 4);
    ck_assert_int_eq(alias.status, DNS_OK);
    ck_assert_uint_eq(alias.ttl, 3600);
    ck_assert_int_eq(resolve("static.test", DNS_TYPE_MX).status, DNS_NODATA);
    ck_assert_int_eq(resolve("b.example", DNS_TYPE_A).status, DNS_NODATA);
    ck_assert_int_eq(resolve("unknown.example", DNS_TYPE_A).status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("unknown.test", DNS_TYPE_A).status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("1.2.0.192.in-addr.arpa", DNS_TYPE_PTR).status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("com", DNS_TYPE_TXT).status, DNS_NXDOMAIN);
    ck_assert_int_eq(resolve("loop.test", DNS_TYPE_A).status, DNS_FAILURE);
    release(&txt);
    release(&alias);
    close_all();
}
END_TEST

START_TEST(with_servers_a_static_zone_overrides_only_its_names)
{
    const char *forward[] = {server};
    const char *zone = "host.zone.test A 192.0.2.99\nmine.zone.test CNAME host2.zone.test\n";
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .zone_file = write_file("override", zone)});
    struct outcome a = resolve("host.zone.test", DNS_TYPE_A), mx = resolve("zone.test", DNS_TYPE_MX),
                   out = resolve("mine.zone.test", DNS_TYPE_A);
    ck_assert_uint_eq(a.count, 1);
    ck_assert_int_eq(a.data[0].ptr[3], 99);
    ck_assert_int_eq(mx.status, DNS_OK);
    ck_assert_int_eq(out.status, DNS_OK); /* the alias leads out to the server */
    release(&a);
    release(&mx);
    release(&out);
    close_all();
}
END_TEST

START_TEST(unsigned_answers_below_a_trust_anchor_are_bogus)
{
    const char *forward[] = {server};
    const char *anchor = "zone.test. IN DS 12345 13 2 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n";
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .trust_anchor = write_file("anchor", anchor)});
    struct outcome o = resolve("host.zone.test", DNS_TYPE_A);
    ck_assert_int_eq(o.status, DNS_FAILURE);
    close_all();
}
END_TEST

START_TEST(signed_answers_below_their_trust_anchor_are_secure)
{
    const char *forward[] = {server};
    char anchor[64];
    snprintf(anchor, sizeof anchor, "%s/anchor.ds", directory);
    open_with((struct dns_options){.forward = forward, .forward_count = 1, .trust_anchor = anchor});
    struct outcome good = resolve("www.signed.test", DNS_TYPE_A), none = resolve("nothing.signed.test", DNS_TYPE_A),
                   forged = resolve("forged.signed.test", DNS_TYPE_A), outside = resolve("host.zone.test", DNS_TYPE_A),
                   near = resolve("near.signed.test", DNS_TYPE_A), out = resolve("far2.signed.test", DNS_TYPE_A),
                   lie = resolve("lie.signed.test", DNS_TYPE_A);
    ck_assert_int_eq(good.status, DNS_OK);
    ck_assert(good.secure);
    ck_assert_int_eq(none.status, DNS_NXDOMAIN);
    ck_assert_int_eq(forged.status, DNS_FAILURE);
    ck_assert_str_eq(forged.why, "bogus");
    ck_assert_int_eq(outside.status, DNS_OK);
    ck_assert(!outside.secure);
    ck_assert(near.secure);
    ck_assert_int_eq(out.status, DNS_OK); /* by way of a zone that nobody vouches for */
    ck_assert(!out.secure);
    ck_assert_int_eq(lie.status, DNS_FAILURE); /* an alias that was changed on the way */
    ck_assert_str_eq(lie.why, "bogus");
    release(&good);
    release(&outside);
    release(&near);
    release(&out);
    close_all();
}
END_TEST

START_TEST(bad_options_are_refused_with_the_reason)
{
    const char *bad_server[] = {"not an address"};
    expect_refused((struct dns_options){.forward = bad_server, .forward_count = 1}, "not an address");
    expect_refused((struct dns_options){.zone_file = "/nonexistent/zone"}, "No such file");
    expect_refused((struct dns_options){.zone_file = write_file("bad", "a.test A 192.0.2.1\nb.test A 999.0.2.1\n")}, "bad:2: ");
    expect_refused((struct dns_options){.trust_anchor = "/nonexistent/key"}, "trust anchor");
    expect_refused((struct dns_options){.trust_anchor = write_file("nokey", "this is no key\n")}, "trust anchor");
}
END_TEST

START_TEST(names_of_types_and_statuses)
{
    ck_assert_str_eq(dns_type_name(DNS_TYPE_AAAA), "AAAA");
    ck_assert_str_eq(dns_status_name(DNS_NXDOMAIN), "NXDOMAIN");
}
END_TEST

static void add_repeated(FILE *f, const char *name, unsigned records, unsigned strings)
{
    for (unsigned i = 0; i < records; i++) {
        fprintf(f, "%s TXT", name);
        for (unsigned k = 0; k < strings; k++) {
            fputs(" \"", f);
            for (unsigned n = 0; n < 250 + (records > 1); n++)
                fputc('a' + (int)((n + i) % 26), f);
            fputc('"', f);
        }
        fputc('\n', f);
    }
}

static bool write_zone(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/zone.test", directory);
    FILE *f = fopen(path, "we");
    if (!f)
        return false;
    fputs("$ORIGIN zone.test.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 120\n@ NS ns\nns A 127.0.0.1\n"
          "@ MX 10 mx1\n@ MX 20 mx\\.odd\nmx\\.odd A 192.0.2.4\nhost A 192.1.2.3\nhost A 192.0.2.2\nhost AAAA 2001:db8::1\n"
          "host2 A 192.0.2.5\na.b A 192.0.2.6\n"
          "alias1 CNAME alias2\nalias2 CNAME host\ndangling CNAME gone\n"
          "far1 CNAME far2.signed.test.\nfar3 CNAME www.signed.test.\nround1 CNAME round2.signed.test.\n"
          "txt TXT \"v=spf1 ip4:192.0.2.0/24\" \" -all\"\ntxt TXT second\ntxt TXT \"semi;colon \\\"quoted\\\"\"\n",
          f);
    add_repeated(f, "long", 1, 6);
    add_repeated(f, "huge", 10, 2);
    fclose(f);
    snprintf(path, sizeof path, "%s/reverse", directory);
    f = fopen(path, "we");
    if (!f)
        return false;
    fputs("$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 300\n@ SOA ns.zone.test. root.zone.test. 1 3600 600 86400 120\n@ NS ns.zone.test.\n"
          "1 PTR host.zone.test.\n",
          f);
    return fclose(f) == 0;
}

/** Signs a zone of its own with ldns' tools, then changes one address behind the signature's back. */
static bool write_signed_zone(void)
{
    char command[1024];
    snprintf(command, sizeof command,
             "cd %s && printf '%%s\\n' '$ORIGIN signed.test.' '$TTL 300' '@ SOA ns root 1 3600 600 86400 120' '@ NS ns' 'ns A 127.0.0.1' "
             "'www A 192.0.2.80' 'forged A 192.0.2.66' "
             "'far2 CNAME far3.zone.test.' 'near CNAME www' 'round2 CNAME round1.zone.test.' "
             "'lie CNAME host1.zone.test.' >plain && key=$(ldns-keygen -a ECDSAP256SHA256 -k signed.test) && "
             "ldns-signzone -f signed plain \"$key\" && cp \"$key.ds\" anchor.ds && "
             "sed -i 's/^\\(forged.*[[:space:]]\\)192\\.0\\.2\\.66$/\\1192.0.2.67/; s/host1[.]zone/host2.zone/' signed && grep -q "
             "'192\\.0\\.2\\.67' signed",
             directory);
    return system(command) == 0;
}

static bool write_server_files(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/nsd.conf", directory);
    FILE *f = fopen(path, "we");
    if (!f || !write_zone() || !write_signed_zone())
        return false;
    fprintf(f,
            "server:\n  ip-address: 127.0.0.1@%d\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"%s\"\n  pidfile: \"\"\n"
            "  database: \"\"\n  xfrdfile: \"%s/xfrd\"\n  xfrdir: \"%s\"\n  zonelistfile: \"%s/zonelist\"\n"
            "  logfile: \"%s/log\"\n  server-count: 1\n  do-ip6: no\nremote-control:\n  control-enable: no\n"
            "zone:\n  name: zone.test\n  zonefile: zone.test\nzone:\n  name: signed.test\n  zonefile: signed\n"
            "zone:\n  name: 2.0.192.in-addr.arpa\n  zonefile: reverse\n",
            port, directory, directory, directory, directory, directory);
    return fclose(f) == 0;
}

/** A port that is free for both protocols just now. */
static int free_port(void)
{
    for (int attempt = 0; attempt < 50; attempt++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof at;
        int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
        bool ok = bind(tcp, (struct sockaddr *)&at, sizeof at) == 0 && getsockname(tcp, (struct sockaddr *)&at, &len) == 0 &&
                  bind(udp, (struct sockaddr *)&at, sizeof at) == 0;
        close(tcp);
        close(udp);
        if (ok)
            return ntohs(at.sin_port);
    }
    return 0;
}

/** Whether the server takes connections; waits for it. */
static bool server_answers(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    for (int attempt = 0; attempt < 200; attempt++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool ok = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
        close(fd);
        if (ok)
            return true;
        usleep(50000);
    }
    return false;
}

static pid_t start_server(void)
{
    char conf[256];
    if (!mkdtemp(directory) || (port = free_port()) == 0 || !write_server_files())
        return -1;
    snprintf(server, sizeof server, "127.0.0.1@%d", port);
    snprintf(conf, sizeof conf, "%s/nsd.conf", directory);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
        execlp("nsd", "nsd", "-d", "-c", conf, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void stop_server(pid_t pid)
{
    char command[128];
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command) != 0)
        perror("rm");
}

int main(void)
{
    const TTest *const tests[] = {
        addresses_of_both_families,
        mail_exchangers_and_pointers_are_names,
        an_odd_name_received_can_be_asked_for,
        texts_are_joined_and_may_be_long,
        aliases_are_followed_to_what_they_lead_to,
        each_link_that_has_to_be_asked_for_is_paid_for,
        a_chain_ends_where_nobody_pays,
        aliases_in_a_circle_fail_after_a_few_links,
        a_failure_is_looked_at_once_more_and_no_further,
        no_data_is_not_no_name,
        a_refusing_server_is_a_failure,
        cached_answers_come_later_too_and_in_order,
        the_same_question_asked_at_once_is_answered_to_each,
        illegal_names_do_not_exist_and_type_spf_is_never_asked,
        a_dead_server_is_a_timeout,
        a_cancelled_query_is_silent,
        a_callback_may_cancel_others_and_itself,
        a_callback_may_free_the_resolver,
        freeing_forgets_what_is_under_way,
        queries_given_up_count_against_their_asker_alone_until_they_end,
        a_load_spread_over_many_askers_leaves_a_place_for_another,
        a_callback_may_ask_on,
        a_static_zone_alone_is_the_whole_world,
        with_servers_a_static_zone_overrides_only_its_names,
        unsigned_answers_below_a_trust_anchor_are_bogus,
        signed_answers_below_their_trust_anchor_are_secure,
        bad_options_are_refused_with_the_reason,
        names_of_types_and_statuses,
    };
    pid_t pid = start_server();
    if (pid < 0 || !server_answers()) {
        fputs("nsd does not start: are nsd and ldnsutils installed?\n", stderr);
        return EXIT_FAILURE;
    }
    int result = unit_run("base/dns", tests, sizeof tests / sizeof tests[0]);
    stop_server(pid);
    return result;
}
