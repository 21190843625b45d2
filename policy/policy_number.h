/* policy_number: a number as a policy, or a test of it, writes it. Pure. */
#ifndef POLICY_POLICY_NUMBER_H
#define POLICY_POLICY_NUMBER_H

#include "base/slice.h"

/** "-5", "10MiB", "5m": an integer, or a size in bytes, or a duration in seconds. */
bool policy_number_parse(struct slice text, int64_t *out);

#endif
