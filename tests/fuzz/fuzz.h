/* fuzz: what every fuzzer shares. A property that does not hold aborts, which libFuzzer reports with the input. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>

#define FUZZ_CHECK(condition)                                                                                                              \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                                 \
            abort();                                                                                                                       \
        }                                                                                                                                  \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct slice fuzz_slice(const uint8_t *data, size_t size)
{
    return slice_make((const char *)data, size);
}

/* The first byte of the input as a choice among n; the rest stays. */
static inline unsigned fuzz_take_choice(struct slice *input, unsigned n)
{
    unsigned choice = input->len ? (unsigned char)input->ptr[0] % n : 0;
    *input = slice_skip(*input, 1);
    return choice;
}

static inline bool fuzz_is_printable(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 32 || s.ptr[i] > 126)
            return false;
    return true;
}

#endif
