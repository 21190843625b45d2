/* log: see log.h.
 *
 * One target for the whole process. Before log_open it is standard error. A record is put together in memory and goes out with
 * one write, so lines of several processes never mix; a line that cannot be written is lost, never waited for. */
#include "base/log.h"

#include "base/clock.h"
#include "base/log_escape.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { TAIL_ROOM = 32 }; /* for the mark of a cut record, the closing brace and the newline */

static struct {
    enum log_format format;
    enum log_level level;
    int fd;
    char *path; /* NULL: no file */
    bool syslog;
    bool owned; /* files we create are for: */
    uid_t uid;
    gid_t gid;
    struct buf spare; /* the memory of the last record, for the next one */
} target = {.level = LOG_LEVEL_INFO, .fd = STDERR_FILENO};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void log_set_owner(uid_t uid, gid_t gid)
{
    target.owned = true;
    target.uid = uid;
    target.gid = gid;
}

/** Only a file that we have just created is made over: an existing one may be a link to something that is not ours to give. */
static int open_file(const char *path)
{
    enum { FLAGS = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY };
    int fd = open(path, FLAGS | O_CREAT | O_EXCL, 0640);
    if (fd < 0 && errno == EEXIST)
        return open(path, FLAGS);
    if (fd >= 0 && target.owned && geteuid() == 0 && fchown(fd, target.uid, target.gid) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static void close_target(void)
{
    if (target.path)
        close(target.fd);
    if (target.syslog)
        closelog();
    mem_free(target.path);
    target.path = NULL;
    target.syslog = false;
    target.fd = STDERR_FILENO;
}

bool log_open(const struct log_options *options, const char **error)
{
    static char text[256];
    const char *to = options->to ? options->to : "stderr";
    int fd = to[0] == '/' ? open_file(to) : STDERR_FILENO;
    if (fd < 0) {
        snprintf(text, sizeof text, "%.180s: %s", to, strerror(errno));
        *error = text;
        return false;
    }
    if (to[0] != '/' && strcmp(to, "stderr") != 0 && strcmp(to, "syslog") != 0) {
        *error = "a log goes to stderr, syslog or a file's absolute path";
        return false;
    }
    close_target();
    target.fd = fd;
    target.format = options->format;
    target.level = options->level;
    if (to[0] == '/')
        target.path = strcpy(mem_alloc(strlen(to) + 1), to);
    target.syslog = strcmp(to, "syslog") == 0;
    if (target.syslog)
        openlog("mailweir", LOG_PID | LOG_NDELAY, LOG_MAIL);
    return true;
}

void log_reopen(void)
{
    if (!target.path)
        return;
    int fd = open_file(target.path);
    if (fd < 0) {
        log_event(LOG_LEVEL_ERROR, "log.reopen", "file", target.path, "error", strerror(errno), NULL);
        return;
    }
    close(target.fd);
    target.fd = fd;
}

void log_close(void)
{
    close_target();
    buf_release(&target.spare);
}

/** "2026-05-01T12:00:00.123Z"; the part down to seconds is made once a second. */
static void add_time(struct buf *line)
{
    static char text[40];
    static int64_t made_for = -1;
    int64_t now = clock_unix_ms();
    time_t seconds = (time_t)(now / 1000);
    if (made_for != now / 1000) {
        struct tm tm;
        gmtime_r(&seconds, &tm);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
        made_for = now / 1000;
    }
    buf_add_format(line, "%s.%03dZ", text, (int)(now % 1000));
}

static size_t room_left(const struct log_record *r)
{
    size_t most = LOG_RECORD_MAX - TAIL_ROOM;
    return r->line.len < most ? most - r->line.len : 0;
}

/** Begins a pair. False: no room for it; the record is marked as cut. Keys are constants of ours and are not escaped. */
static bool add_key(struct log_record *r, const char *key)
{
    size_t len = strlen(key);
    bool json = target.format == LOG_FORMAT_JSON;
    if (!r->wanted || r->truncated)
        return false;
    if (room_left(r) < len + 8) {
        r->truncated = true;
        return false;
    }
    buf_add_text(&r->line, json ? ",\"" : " ");
    buf_add(&r->line, slice_make(key, len));
    buf_add_text(&r->line, json ? "\":" : "=");
    return true;
}

void log_begin(struct log_record *r, enum log_level level, const char *event)
{
    *r = (struct log_record){.level = level, .wanted = level <= target.level};
    if (!r->wanted)
        return;
    r->line = target.spare;
    target.spare = (struct buf){0};
    buf_clear(&r->line);
    bool json = target.format == LOG_FORMAT_JSON;
    buf_add_text(&r->line, json ? "{\"time\":\"" : "time=");
    add_time(&r->line);
    buf_add_text(&r->line, json ? "\",\"level\":\"" : " level=");
    buf_add_text(&r->line, level_names[level]);
    if (json)
        buf_add_byte(&r->line, '"');
    log_number(r, "pid", getpid());
    log_text(r, "event", event);
}

void log_slice(struct log_record *r, const char *key, struct slice value)
{
    if (add_key(r, key) && !log_escape_value(&r->line, target.format, value, room_left(r)))
        r->truncated = true;
}

void log_text(struct log_record *r, const char *key, const char *value)
{
    log_slice(r, key, slice_of(value));
}

void log_number(struct log_record *r, const char *key, int64_t value)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)value);
    if (room_left(r) < strlen(key) + sizeof text + 4)
        r->truncated |= r->wanted;
    else if (add_key(r, key))
        buf_add(&r->line, slice_make(text, (size_t)len));
}

static void write_line(const struct log_record *r)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
    if (target.syslog) {
        syslog(priorities[r->level], "%.*s", (int)r->line.len - 1, r->line.ptr);
        return;
    }
    ssize_t ignored = write(target.fd, r->line.ptr, r->line.len);
    (void)ignored;
}

void log_end(struct log_record *r)
{
    if (!r->wanted)
        return;
    bool json = target.format == LOG_FORMAT_JSON;
    if (r->truncated)
        buf_add_text(&r->line, json ? ",\"truncated\":\"yes\"" : " truncated=yes");
    buf_add_text(&r->line, json ? "}\n" : "\n");
    write_line(r);
    buf_release(&target.spare);
    target.spare = r->line;
    *r = (struct log_record){0};
}

void log_event(enum log_level level, const char *event, ...)
{
    struct log_record r;
    va_list args;
    log_begin(&r, level, event);
    va_start(args, event);
    for (const char *key; (key = va_arg(args, const char *)) != NULL;)
        log_text(&r, key, va_arg(args, const char *));
    va_end(args);
    log_end(&r);
}
