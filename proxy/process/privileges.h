/* privileges: what a process gives up before it looks at anything from outside. */
#ifndef PROXY_PRIVILEGES_H
#define PROXY_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

/** Whether the account exists. */
bool privileges_user_exists(const char *user);
/** The numbers of an account. False: there is none. */
bool privileges_find_user(const char *user, uid_t *uid, gid_t *gid);
/** Whether a file can be read after privileges_drop(user). False: errno says why. */
bool privileges_can_read(const char *user, const char *path);
/** Makes a directory, with its parents, if it is missing, owned by user if we are root. False: errno says why. */
bool privileges_prepare_directory(const char *path, const char *user);
/** Becomes user if started as root, and gives up every way back: no supplementary groups, no capabilities, no new privileges. Only the
 *  power to speak from foreign addresses (CAP_NET_ADMIN) is kept, if wanted. False: errno says why. */
bool privileges_drop(const char *user, bool keep_net_admin);
/** Whether this process may speak from foreign addresses (IP_TRANSPARENT). False: errno says why. */
bool privileges_can_be_transparent(void);

#endif
