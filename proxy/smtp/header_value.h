/* header_value: a header field's value as text for facts. Pure. */
#ifndef PROXY_HEADER_VALUE_H
#define PROXY_HEADER_VALUE_H

#include "base/arena.h"

enum { HEADER_VALUE_MAX = 1000 };

/** The value on one line: folding removed, blanks at both ends trimmed, control bytes replaced by '?', cut at HEADER_VALUE_MAX bytes. */
struct slice header_value_unfold(struct slice value, struct arena *arena);

#endif
