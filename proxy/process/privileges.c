/* privileges: see privileges.h. */
#include "proxy/process/privileges.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool privileges_user_exists(const char *user)
{
    return getpwnam(user) != NULL;
}

bool privileges_find_user(const char *user, uid_t *uid, gid_t *gid)
{
    const struct passwd *account = getpwnam(user);
    if (!account)
        return false;
    *uid = account->pw_uid;
    *gid = account->pw_gid;
    return true;
}

/** Tries it as that account, with the way back open; without that way back nothing may go on. */
static bool can_read_as(uid_t uid, gid_t gid, const char *path)
{
    gid_t own = getegid();
    bool ok = setegid(gid) == 0 && seteuid(uid) == 0 && eaccess(path, R_OK) == 0;
    int why = errno;
    if (seteuid(0) != 0 || setegid(own) != 0)
        abort();
    errno = why;
    return ok;
}

bool privileges_can_read(const char *user, const char *path)
{
    uid_t uid;
    gid_t gid;
    if (geteuid() == 0 && user && privileges_find_user(user, &uid, &gid))
        return can_read_as(uid, gid, path);
    return eaccess(path, R_OK) == 0;
}

static bool make_one(const char *path, const struct passwd *owner)
{
    if (mkdir(path, 0750) != 0)
        return errno == EEXIST;
    return !owner || chown(path, owner->pw_uid, owner->pw_gid) == 0;
}

bool privileges_prepare_directory(const char *path, const char *user)
{
    char part[PATH_MAX];
    struct stat st;
    const struct passwd *owner = geteuid() == 0 && user ? getpwnam(user) : NULL;
    if (stat(path, &st) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode);
    }
    if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return make_one(part, owner);
}

bool privileges_can_be_transparent(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &(int){1}, sizeof(int)) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return good;
}

/** Leaves nothing, or that one. Giving up is always allowed; what is kept must be there. */
static bool limit_capabilities(bool keep_net_admin)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (keep_net_admin)
        data[CAP_NET_ADMIN / 32].permitted = data[CAP_NET_ADMIN / 32].effective = 1u << (CAP_NET_ADMIN % 32);
    return syscall(SYS_capset, &header, data) == 0;
}

bool privileges_drop(const char *user, bool keep_net_admin)
{
    if (keep_net_admin && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
        return false;
    if (geteuid() == 0) {
        const struct passwd *account = user ? getpwnam(user) : NULL;
        if (!account) {
            errno = ENOENT;
            return false;
        }
        if (setgroups(0, NULL) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0)
            return false;
        if (account->pw_uid != 0 && setuid(0) == 0) {
            errno = EPERM;
            return false;
        }
    }
    return limit_capabilities(keep_net_admin) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}
