/* load: plays a corpus of messages against an SMTP server, so many at a time, one message per connection.
 *
 * usage: load ADDRESS PORT CORPUS CONCURRENCY MESSAGES SECONDS
 *
 * The corpus holds records of "SOURCE HELO SENDER RECIPIENT LENGTH\n" and LENGTH bytes, which end with the final dot. Each session
 * comes from the address SOURCE. Single-threaded, epoll; prints one line of JSON. Ends by itself after SECONDS. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { CONCURRENCY_MAX = 4096, REPLY_MAX = 4096, ERROR_MAX = 160 };

struct message {
    struct in_addr source;
    char helo[256], sender[256], recipient[256];
    const char *text;
    size_t length;
};

/* What the session waits for. */
enum step { STEP_GREETING, STEP_EHLO, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_DOT, STEP_QUIT, STEP_COUNT };
static const int expected[STEP_COUNT] = {220, 250, 250, 250, 354, 250, 221};

struct session {
    int fd;
    enum step step;
    const struct message *message;
    const char *out; /* what is still to be sent */
    size_t out_length;
    char command[600], reply[REPLY_MAX];
    size_t reply_length;
    int64_t started;
    bool delivered;
};

static struct {
    int epoll;
    struct sockaddr_in server;
    struct message *messages;
    size_t message_count;
    size_t next, wanted; /* messages started, and to start */
    size_t delivered, failed, open;
    int64_t end, latency_total, latency_max, last;
    char first_error[ERROR_MAX];
} load;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* -- corpus */

static char *file_read(const char *path, size_t *length)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        die(path);
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, f) != (size_t)size)
        die(path);
    fclose(f);
    text[size] = 0;
    *length = (size_t)size;
    return text;
}

static void corpus_load(const char *path)
{
    size_t length, at = 0;
    char *text = file_read(path, &length);
    while (at < length) {
        struct message m = {0};
        char source[64];
        int used = 0;
        if (sscanf(text + at, "%63s %255s %255s %255s %zu%n", source, m.helo, m.sender, m.recipient, &m.length, &used) != 5 ||
            inet_pton(AF_INET, source, &m.source) != 1)
            break;
        at += (size_t)used + 1;
        if (m.length > length - at)
            break;
        m.text = text + at;
        at += m.length;
        load.messages = realloc(load.messages, (load.message_count + 1) * sizeof m);
        if (!load.messages)
            die("memory");
        load.messages[load.message_count++] = m;
    }
    if (at != length || !load.message_count) {
        fprintf(stderr, "load: the corpus is broken\n");
        exit(2);
    }
}

/* -- sessions */

static void session_start(struct session *s);

static void session_end(struct session *s, const char *error)
{
    if (error && !s->delivered) {
        load.failed++;
        if (!load.first_error[0])
            for (size_t i = 0; i + 1 < ERROR_MAX && error[i] && error[i] != '\r'; i++)
                load.first_error[i] = (error[i] < 32 || error[i] == '"' || error[i] == '\\') ? '?' : error[i];
    }
    close(s->fd);
    s->fd = -1;
    load.open--;
    if (load.next < load.wanted && now_us() < load.end)
        session_start(s);
}

static void session_watch(struct session *s, int operation)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    if (s->out_length)
        event.events |= EPOLLOUT;
    if (epoll_ctl(load.epoll, operation, s->fd, &event) != 0)
        die("epoll_ctl");
}

static void session_start(struct session *s)
{
    int one = 1;
    const struct message *m = &load.messages[load.next++ % load.message_count];
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = m->source};
    *s = (struct session){.message = m, .started = now_us()};
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        die("socket");
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(s->fd, (struct sockaddr *)&source, sizeof source) != 0)
        die("bind");
    if (connect(s->fd, (struct sockaddr *)&load.server, sizeof load.server) != 0 && errno != EINPROGRESS)
        die("connect");
    load.open++;
    session_watch(s, EPOLL_CTL_ADD);
}

static bool session_flush(struct session *s)
{
    size_t before = s->out_length;
    while (s->out_length) {
        ssize_t n = send(s->fd, s->out, s->out_length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            session_end(s, strerror(errno));
            return false;
        }
        s->out += n;
        s->out_length -= (size_t)n;
    }
    if ((before != 0) != (s->out_length != 0) || s->out_length)
        session_watch(s, EPOLL_CTL_MOD);
    return true;
}

static bool session_send(struct session *s, const char *text, size_t length)
{
    s->out = text;
    s->out_length = length;
    return session_flush(s);
}

static void message_done(struct session *s)
{
    load.last = now_us();
    int64_t latency = load.last - s->started;
    load.latency_total += latency;
    if (latency > load.latency_max)
        load.latency_max = latency;
    load.delivered++;
    s->delivered = true;
}

/** The reply that was waited for has come: says the next thing. False if the session is over. */
static bool session_next(struct session *s)
{
    const struct message *m = s->message;
    int length = 0;
    if (s->step == STEP_QUIT) {
        session_end(s, NULL);
        return false;
    }
    s->step++;
    switch (s->step) {
    case STEP_EHLO:
        length = snprintf(s->command, sizeof s->command, "EHLO %s\r\n", m->helo);
        break;
    case STEP_MAIL:
        length = snprintf(s->command, sizeof s->command, "MAIL FROM:<%s>\r\n", m->sender);
        break;
    case STEP_RCPT:
        length = snprintf(s->command, sizeof s->command, "RCPT TO:<%s>\r\n", m->recipient);
        break;
    case STEP_DATA:
        length = snprintf(s->command, sizeof s->command, "DATA\r\n");
        break;
    case STEP_DOT:
        return session_send(s, m->text, m->length);
    case STEP_QUIT:
        message_done(s);
        length = snprintf(s->command, sizeof s->command, "QUIT\r\n");
        break;
    default:
        break;
    }
    return session_send(s, s->command, (size_t)length);
}

static bool session_line(struct session *s, const char *line, size_t length)
{
    if (length < 3 || (length > 3 && line[3] == '-'))
        return true;
    if (atoi(line) != expected[s->step]) {
        session_end(s, line);
        return false;
    }
    return session_next(s);
}

static void session_read(struct session *s)
{
    ssize_t n = recv(s->fd, s->reply + s->reply_length, REPLY_MAX - 1 - s->reply_length, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        session_end(s, n == 0 ? "connection closed" : strerror(errno));
        return;
    }
    s->reply_length += (size_t)n;
    s->reply[s->reply_length] = 0;
    char *start = s->reply, *end;
    while ((end = strchr(start, '\n'))) {
        if (!session_line(s, start, (size_t)(end - start)))
            return;
        start = end + 1;
    }
    s->reply_length -= (size_t)(start - s->reply);
    memmove(s->reply, start, s->reply_length);
    if (s->reply_length >= REPLY_MAX - 1)
        session_end(s, "endless reply");
}

static void session_event(struct session *s, uint32_t events)
{
    if (s->fd < 0)
        return;
    if ((events & EPOLLOUT) && !session_flush(s))
        return;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        session_read(s);
}

/* -- main */

static void run(size_t concurrency)
{
    static struct session sessions[CONCURRENCY_MAX];
    for (size_t i = 0; i < concurrency && load.next < load.wanted; i++)
        session_start(&sessions[i]);
    /* The last sessions may finish for a while after the end, but not for ever. */
    while (load.open && now_us() < load.end + 5000000) {
        struct epoll_event events[256];
        int n = epoll_wait(load.epoll, events, 256, 100);
        for (int i = 0; i < n; i++)
            session_event(events[i].data.ptr, events[i].events);
    }
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: load ADDRESS PORT CORPUS CONCURRENCY MESSAGES SECONDS\n");
        return 2;
    }
    size_t concurrency = strtoul(argv[4], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    load.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10))};
    if (inet_pton(AF_INET, argv[1], &load.server.sin_addr) != 1 || !concurrency || concurrency > CONCURRENCY_MAX) {
        fprintf(stderr, "load: bad address or concurrency\n");
        return 2;
    }
    corpus_load(argv[3]);
    load.wanted = strtoul(argv[5], NULL, 10);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    int64_t start = now_us();
    load.end = start + (int64_t)(strtod(argv[6], NULL) * 1e6);
    run(concurrency);
    double seconds = (double)((load.last ? load.last : now_us()) - start) / 1e6;
    double latency = load.delivered ? (double)load.latency_total / (double)load.delivered / 1e3 : 0;
    printf("{\"delivered\": %zu, \"failed\": %zu, \"seconds\": %.4f, \"latency_ms\": %.3f, \"latency_max_ms\": %.3f, \"error\": \"%s\"}\n",
           load.delivered, load.failed + load.open, seconds, latency, (double)load.latency_max / 1e3, load.first_error);
    return 0;
}
