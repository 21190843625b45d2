/* sandbox: see sandbox.h. libseccomp stands behind this file. */
#include "proxy/process/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>

#ifdef MAILWEIR_SANITIZED

bool sandbox_enter(void)
{
    return true;
}

#else

/* By name: some exist on some machines only. */
static const char *const allowed[] = {
    /* sockets */
    "accept4",
    "bind",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "listen",
    "recvfrom",
    "recvmsg",
    "sendmsg",
    "sendto",
    "sendmmsg",
    "recvmmsg",
    "setsockopt",
    "shutdown",
    "socket",
    "socketpair",
    /* waiting */
    "clock_gettime",
    "clock_getres",
    "clock_nanosleep",
    "nanosleep",
    "gettimeofday",
    "time",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "restart_syscall",
    "sched_yield",
    /* files: spool, state, log, resolver's data */
    "access",
    "faccessat",
    "faccessat2",
    "close",
    "dup",
    "dup2",
    "dup3",
    "fallocate",
    "fchmod",
    "fcntl",
    "fcntl64",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents64",
    "ioctl",
    "lseek",
    "_llseek",
    "lstat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "open",
    "openat",
    "pipe2",
    "pread64",
    "preadv",
    "pwrite64",
    "pwritev",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "rename",
    "renameat",
    "renameat2",
    "stat",
    "statfs",
    "statx",
    "unlink",
    "unlinkat",
    "write",
    "writev",
    "sendfile",
    /* memory */
    "brk",
    "madvise",
    "mremap",
    "msync",
    "munmap",
    /* the process itself */
    "exit",
    "exit_group",
    "futex",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "getrusage",
    "getuid",
    "gettid",
    "membarrier",
    "prlimit64",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "set_robust_list",
    "sysinfo",
    "tgkill",
    "umask",
    "uname",
    "sched_getaffinity",
};

/* Nothing of ours ever comes near these. */
static const char *const deadly[] = {
    "execve",
    "execveat",
    "fork",
    "vfork",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "capset",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "init_module",
    "finit_module",
    "kexec_load",
    "bpf",
    "unshare",
    "setns",
    "perf_event_open",
    "keyctl",
    "userfaultfd",
    "open_by_handle_at",
};

/* Memory may be written or executed, and new memory is never executed. */
static bool allow_plain_memory(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_executable) == 0 &&
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_executable) == 0;
}

static bool add_rules(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        if (number != __NR_SCMP_ERROR && seccomp_rule_add_array(filter, action, number, 0, NULL) != 0)
            return false;
    }
    return true;
}

static bool load(scmp_filter_ctx filter)
{
    return add_rules(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof allowed[0]) &&
           add_rules(filter, SCMP_ACT_KILL_PROCESS, deadly, sizeof deadly / sizeof deadly[0]) && allow_plain_memory(filter) &&
           seccomp_load(filter) == 0;
}

bool sandbox_enter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool good = filter && load(filter);
    if (filter)
        seccomp_release(filter);
    if (!good)
        errno = EACCES;
    return good;
}

#endif
