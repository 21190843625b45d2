/* privileges: what a process gives up before it looks at anything from outside. */
#ifndef PROXY_PRIVILEGES_H
#define PROXY_PRIVILEGES_H

#include <stdbool.h>

/** Whether the account exists. */
bool privileges_user_exists(const char *user);
/** Makes a directory, with its parents, if it is missing, owned by user if we are root. False: errno says why. */
bool privileges_prepare_directory(const char *path, const char *user);
/** Becomes user if started as root, and gives up every way back: no supplementary groups, no new privileges. False: errno says why. */
bool privileges_drop(const char *user);

#endif
