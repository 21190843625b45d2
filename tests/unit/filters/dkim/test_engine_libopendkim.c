/* Proves filters/dkim/engine_libopendkim.c by the cases that hold for every engine. */
#define ENGINE "libopendkim"
#include "tests/unit/filters/dkim/verifier_cases.h"

UNIT_MAIN("filters/dkim/engine_libopendkim", VERIFIER_CASES)
