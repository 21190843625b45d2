/* sandbox: what a worker may still ask of the kernel, once it has all it needs (seccomp).
 *
 * It serves sockets, files of its own and the clock. It starts no program and no process, changes no identity, maps no memory that can be
 * executed. Most of what is not allowed fails with EPERM; what only an intruder would try ends the process, and the master logs it. */
#ifndef PROXY_SANDBOX_H
#define PROXY_SANDBOX_H

#include <stdbool.h>

/** For the rest of the process's life. False: errno says why. Does nothing in a build with sanitizers, which need more. */
bool sandbox_enter(void);

#endif
