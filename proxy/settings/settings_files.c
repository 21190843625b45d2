/* settings_files: see settings_files.h.
 *
 * What a worker would stumble over at its start is found here first, so that a mistake is told and not suffered. */
#include "proxy/settings/settings_files.h"

#include "base/dns/dns_zone.h"
#include "proxy/process/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Cuts the last step off a path: "/a/b" to "/a", "/a" to "/", "a" to ".". False: there is nothing to cut off. */
static bool cut_step(char *path)
{
    if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return false;
    char *slash = strrchr(path, '/');
    if (!slash)
        strcpy(path, ".");
    else
        slash[slash == path] = '\0';
    return true;
}

/** What is missing can be made in the nearest directory above it that exists. False: errno says why not. */
static bool can_be_made(const char *missing)
{
    char above[PATH_MAX];
    struct stat st;
    if ((size_t)snprintf(above, sizeof above, "%s", missing) >= sizeof above) {
        errno = ENAMETOOLONG;
        return false;
    }
    while (cut_step(above)) {
        if (stat(above, &st) == 0)
            return eaccess(above, W_OK | X_OK) == 0;
        if (errno != ENOENT)
            return false;
    }
    return false;
}

static void check_directory(const struct settings_checking *c, const char *path, const char *directory, const char *consequence)
{
    struct stat st;
    if (!directory)
        return;
    if (stat(directory, &st) == 0) {
        if (!S_ISDIR(st.st_mode))
            settings_tell(c, CONF_ERROR, path, "%s is not a directory", directory);
    } else if (errno != ENOENT || !can_be_made(directory))
        settings_tell(c, CONF_WARNING, path, "%s does not exist and cannot be made: %s; %s", directory, strerror(errno), consequence);
}

/** Anything but a regular file could be without end or keep a reader waiting. */
static bool check_file(const struct settings_checking *c, const char *path, const char *file)
{
    struct stat st;
    if (!file)
        return false;
    if (stat(file, &st) != 0)
        settings_tell(c, CONF_ERROR, path, "%s: %s", file, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        settings_tell(c, CONF_ERROR, path, "%s is not a regular file", file);
    else if (!privileges_can_read(c->s->user, file))
        settings_tell(c, CONF_ERROR, path, "%s cannot be read%s%s: %s", file, geteuid() == 0 ? " by the user " : "",
                      geteuid() == 0 ? c->s->user : "", strerror(errno));
    else
        return true;
    return false;
}

static void check_zone_lines(const struct settings_checking *c, FILE *file)
{
    struct buf record = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    for (unsigned number = 1; (len = getline(&line, &room, file)) >= 0; number++) {
        const char *why = NULL;
        if (dns_zone_read_line(slice_make(line, (size_t)len), &record, &why) == DNS_ZONE_BAD)
            conf_error_in(c->errors, c->s->dns.zone_file, number, 1, "%s", why);
    }
    free(line);
    buf_release(&record);
}

static void check_zone_file(const struct settings_checking *c)
{
    const char *name = c->s->dns.zone_file;
    if (!check_file(c, "dns.zone_file", name))
        return;
    FILE *file = fopen(name, "re");
    if (!file) {
        settings_tell(c, CONF_ERROR, "dns.zone_file", "%s: %s", name, strerror(errno));
        return;
    }
    check_zone_lines(c, file);
    fclose(file);
}

static void check_log_file(const struct settings_checking *c, const char *file)
{
    struct stat st;
    char above[PATH_MAX];
    if (stat(file, &st) == 0) {
        if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISSOCK(st.st_mode))
            settings_tell(c, CONF_ERROR, "log.to", "%s is a %s, not a file", file,
                          S_ISDIR(st.st_mode)    ? "directory"
                          : S_ISSOCK(st.st_mode) ? "socket"
                                                 : "device");
        return;
    }
    snprintf(above, sizeof above, "%s", file);
    if (cut_step(above) && stat(above, &st) != 0)
        settings_tell(c, CONF_WARNING, "log.to", "%s: %s; the log could not be opened", above, strerror(errno));
}

static void check_log(const struct settings_checking *c)
{
    static const char *const words[] = {"stderr", "syslog"};
    const char *to = c->s->log.to;
    if (!to || strcmp(to, "stderr") == 0 || strcmp(to, "syslog") == 0)
        return;
    if (to[0] == '/') {
        check_log_file(c, to);
        return;
    }
    const char *meant = conf_nearest(slice_of(to), words, 2);
    settings_tell(c, CONF_ERROR, "log.to", "must be stderr, syslog or the absolute path of a file, not \"%s\"%s%s%s", to,
                  meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

void settings_check_files(const struct settings_checking *c)
{
    const struct settings *s = c->s;
    if (!s->spool.directory)
        settings_tell(c, CONF_ERROR, "spool.directory", "a directory is needed");
    check_directory(c, "spool.directory", s->spool.directory, "messages larger than spool.memory_per_message would be deferred");
    check_directory(c, "state.directory", s->state.directory, "rate limits would be unknown");
    check_zone_file(c);
    check_file(c, "dns.trust_anchor", s->dns.trust_anchor);
    check_log(c);
}
