#include "proxy/process/sandbox.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a process ends that does this inside the sandbox: its exit status, or 128 and the signal. */
static int inside(int (*deed)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(sandbox_enter() ? deed() : 99);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static __attribute__((unused)) int start_program(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static __attribute__((unused)) int become_root(void)
{
    return setuid(0) + 1;
}

static __attribute__((unused)) int start_process(void)
{
    pid_t pid = fork();
    return pid < 0 ? 1 : 0;
}

static __attribute__((unused)) int map_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED && errno == EPERM ? 1 : 0;
}

static __attribute__((unused)) int make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return 2;
    return mprotect(p, 4096, PROT_READ | PROT_EXEC) != 0 && errno == EPERM ? 1 : 0;
}

static __attribute__((unused)) int signal_another(void)
{
    return kill(getppid(), 0) != 0 && errno == EPERM ? 1 : 0;
}

static int daily_work(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600), s = socket(AF_INET6, SOCK_STREAM, 0);
    bool good = fd >= 0 && s >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0;
    void *memory = malloc(64 << 20);
    good = good && memory && memset(memory, 1, 64 << 20);
    free(memory);
    return good ? 1 : 0;
}

START_TEST(a_worker_can_do_its_daily_work_and_no_more)
{
#ifndef MAILWEIR_SANITIZED
    ck_assert_int_eq(inside(daily_work), 1);
    ck_assert_int_eq(inside(start_program), 128 + SIGSYS);
    ck_assert_int_eq(inside(become_root), 128 + SIGSYS);
    ck_assert_int_eq(inside(start_process), 1);
    ck_assert_int_eq(inside(map_executable), 1);
    ck_assert_int_eq(inside(make_executable), 1);
    ck_assert_int_eq(inside(signal_another), 1);
#else
    ck_assert_int_eq(inside(daily_work), 1);
#endif
}
END_TEST

UNIT_MAIN("proxy/sandbox", a_worker_can_do_its_daily_work_and_no_more)
