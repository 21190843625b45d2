/* gcra_bench: rate limits checked and counted in the local store (LMDB), by one process and by two at once.
 *
 *   gcra_bench [SECONDS [DIRECTORY]]
 *
 * Each line: how many checks make one batch (one message has as many as there are limits), and how many checks a second all
 * processes together made. Half of the keys are new ones. */
#include "base/clock.h"
#include "filters/state/state_local.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = 20000, PROCESSES_MAX = 2 };

static const char *directory;

static struct state *open_state(void)
{
    const char *error = NULL;
    struct kv *kv = kv_open(directory, (size_t)256 << 20, &error);
    if (!kv) {
        fprintf(stderr, "gcra_bench: %s\n", error);
        exit(1);
    }
    return state_local_new(kv);
}

static uint64_t run_batches(struct state *state, size_t batch_size, int64_t until_us, unsigned seed)
{
    struct gcra_limit limit;
    char keys[STATE_BATCH_MAX][64];
    struct state_op ops[STATE_BATCH_MAX];
    uint64_t checks = 0;
    gcra_limit_make(100000, 3600000, 100000, &limit);
    while (clock_monotonic_us() < until_us) {
        for (size_t i = 0; i < batch_size; i++) {
            int n = snprintf(keys[i], sizeof keys[i], "rl/per_net/client.net=12:192.0.%05u.0/24", (unsigned)rand_r(&seed) % KEYS);
            ops[i] = (struct state_op){.kind = STATE_COUNT, .key = slice_make(keys[i], (size_t)n), .limit = limit, .cost = 1};
        }
        struct state_batch batch = {.ops = ops, .count = batch_size};
        if (state_run(state, &batch) != STATE_DONE)
            exit(1);
        checks += batch_size;
    }
    return checks;
}

static uint64_t measure(unsigned processes, size_t batch_size, int64_t us)
{
    uint64_t total = 0, *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < processes; i++)
        if (fork() == 0) {
            struct state *state = open_state();
            counts[i] = run_batches(state, batch_size, clock_monotonic_us() + us, i + 1);
            state_free(&state);
            _exit(0);
        }
    for (unsigned i = 0; i < processes; i++)
        wait(NULL);
    for (unsigned i = 0; i < processes; i++)
        total += counts[i];
    munmap(counts, 4096);
    return total;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {1, 3, 8};
    char made[] = "/tmp/mailweir-gcra-XXXXXX";
    int64_t us = (argc > 1 ? atoi(argv[1]) : 2) * INT64_C(1000000);
    directory = argc > 2 ? argv[2] : mkdtemp(made);
    for (unsigned processes = 1; processes <= PROCESSES_MAX; processes++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            printf("%u process%s, batches of %zu: %9.0f checks a second\n", processes, processes == 1 ? "  " : "es", sizes[i],
                   (double)measure(processes, sizes[i], us) * 1e6 / (double)us);
    return 0;
}
