/* tls_load: clients of a TLS port, for tests/bench/tls.
 *
 *   tls_load handshakes ADDRESS PORT COUNT CLIENTS    COUNT sessions in all by CLIENTS processes: handshake, greeting, QUIT; prints seconds
 *   tls_load idle ADDRESS PORT COUNT [plain]          COUNT sessions that stay after EHLO until standard input ends; prints "ready"
 *
 * No session is resumed: each handshake is a full one. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct client {
    int fd;
    SSL *ssl; /* NULL: in the clear */
};

static SSL_CTX *context;
static struct sockaddr_in server;

static void fail(const char *what)
{
    fprintf(stderr, "tls_load: %s failed\n", what);
    exit(1);
}

static void say(const struct client *c, const char *text)
{
    int length = (int)strlen(text);
    long n = c->ssl ? SSL_write(c->ssl, text, length) : (long)send(c->fd, text, (size_t)length, MSG_NOSIGNAL);
    if (n != length)
        fail("sending");
}

/* One reply of any number of lines, which comes alone. */
static void hear(const struct client *c, char code)
{
    char text[4096], *line = text;
    size_t length = 0;
    while (1) {
        int room = (int)(sizeof text - 1 - length);
        long n = c->ssl ? SSL_read(c->ssl, text + length, room) : (long)recv(c->fd, text + length, (size_t)room, 0);
        if (n <= 0)
            fail("receiving");
        length += (size_t)n;
        text[length] = '\0';
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
            if (line[0] != code)
                fail("a command");
            if (line[3] == ' ')
                return;
        }
    }
}

static struct client open_client(int plain)
{
    struct client c = {socket(AF_INET, SOCK_STREAM, 0), NULL};
    if (c.fd < 0 || connect(c.fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connecting");
    if (!plain) {
        c.ssl = SSL_new(context);
        if (!c.ssl || SSL_set_fd(c.ssl, c.fd) != 1 || SSL_connect(c.ssl) != 1)
            fail("the handshake");
    }
    hear(&c, '2');
    return c;
}

static void close_client(const struct client *c)
{
    SSL_free(c->ssl);
    close(c->fd);
}

static void handshakes(int count)
{
    for (int i = 0; i < count; i++) {
        struct client c = open_client(0);
        say(&c, "QUIT\r\n");
        hear(&c, '2');
        close_client(&c);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_handshakes(int count, int clients)
{
    double begun = now();
    int status, bad = 0;
    for (int i = 0; i < clients; i++)
        if (fork() == 0) {
            handshakes(count / clients);
            _exit(0);
        }
    while (wait(&status) > 0)
        bad |= status;
    if (bad)
        exit(1);
    printf("%.6f\n", now() - begun);
}

static void run_idle(int count, int plain)
{
    struct rlimit limit;
    char byte;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < count; i++) {
        struct client c = open_client(plain); /* kept until the end */
        say(&c, "EHLO client.example\r\n");
        hear(&c, '2');
    }
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
}

int main(int argc, char **argv)
{
    if (argc < 6 && !(argc == 5 && strcmp(argv[1], "idle") == 0))
        return 64;
    server.sin_family = AF_INET;
    server.sin_port = htons((unsigned short)atoi(argv[3]));
    if (inet_pton(AF_INET, argv[2], &server.sin_addr) != 1)
        return 64;
    context = SSL_CTX_new(TLS_client_method());
    if (strcmp(argv[1], "idle") == 0)
        run_idle(atoi(argv[4]), argc > 5);
    else
        run_handshakes(atoi(argv[4]), atoi(argv[5]));
    return 0;
}
