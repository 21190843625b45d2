/* dkim_engine: what verifies DKIM signatures, chosen by name (option `engine`). See verifier.h for the calls and their order.
 *
 * Both engines say the same of the same message, reasons included; where they differ, and why, is told in docs/dkim.md. */
#ifndef FILTERS_DKIM_DKIM_ENGINE_H
#define FILTERS_DKIM_DKIM_ENGINE_H

#include "filters/dkim/verifier.h"

struct dkim_engine {
    const char *name;
    void *(*start)(struct arena *arena, const struct verifier_options *options); /* NULL: it failed */
    void (*add_header)(void *state, const struct mail_header *header);
    size_t (*end_headers)(void *state, uint64_t now);
    void (*look_up_keys)(void *state, struct dns_view *view);
    void (*add_body)(void *state, struct slice chunk);
    const struct verifier_report *(*finish)(void *state, struct dns_view *view);
};

extern const struct dkim_engine dkim_engine_strict;      /* our own, over OpenSSL: RFC 6376 to the letter */
extern const struct dkim_engine dkim_engine_libopendkim; /* behind guards of our own */

/** Makes it the report's verdict if it outweighs what stands there. */
static inline void dkim_take_best(struct verifier_report *report, enum dkim_result result, const char *reason)
{
    if (result <= report->result)
        return;
    report->result = result;
    report->reason = reason;
}

#endif
