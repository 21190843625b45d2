/* verifier: verifies the DKIM signatures of one message (RFC 6376, 8301, 8463) by the engine that was chosen (dkim_engine.h). No I/O:
 * keys come from a view.
 *
 * Feed it the header fields, end the headers, look the keys up (as often as the view misses one) while the body is fed, and
 * finish once all keys are known. */
#ifndef FILTERS_DKIM_VERIFIER_H
#define FILTERS_DKIM_VERIFIER_H

#include "base/dns/dns_map.h"
#include "filters/mail.h"

/** In the order in which one outweighs another when a message has several signatures: the last is the best. */
enum dkim_result { DKIM_IS_NONE, DKIM_IS_NEUTRAL, DKIM_IS_PERMERROR, DKIM_IS_POLICY, DKIM_IS_FAIL, DKIM_IS_TEMPERROR, DKIM_IS_PASS };

enum { DKIM_TEXT_MAX = 255, DKIM_B_SHOWN = 64 }; /* bytes of what is reported of a signature's tags, and of its b= */

struct verifier_options {
    int engine;             /* index into dkim_engine_words */
    int64_t max_signatures; /* further ones are not looked at */
    int64_t min_key_bits;   /* RSA */
};

/** One signature. Texts may hold any byte from outside but are bounded; domain is normalised or empty. */
struct dkim_signature {
    enum dkim_result result;
    const char *reason;  /* static; "" for pass */
    struct slice domain; /* d= */
    struct slice d, s, a, b;
    bool testing; /* the key says t=y */
    bool partial; /* l= leaves a part of the body unsigned */
};

struct verifier_report {
    enum dkim_result result;           /* the best of all */
    const char *reason;                /* of that one */
    size_t fields;                     /* DKIM-Signature fields in the message */
    struct dkim_signature *signatures; /* those that could be read */
    size_t count;
    bool compared;           /* two engines were run: */
    enum dkim_result second; /* what the other one says */
};

struct verifier;

/** The words of all engines, NULL-terminated, for the option table. */
extern const char *const dkim_engine_words[];

/** Lives in the arena and releases what its engine holds with it. NULL: the engine's library failed. */
struct verifier *verifier_new(struct arena *arena, const struct verifier_options *options);
void verifier_add_header(struct verifier *v, const struct mail_header *header);
/** Returns the number of keys to look up. now: Unix time, by which signatures are not yet or no longer valid. */
size_t verifier_end_headers(struct verifier *v, uint64_t now);
void verifier_look_up_keys(struct verifier *v, struct dns_view *view);
void verifier_add_body(struct verifier *v, struct slice chunk);
/** All keys must be known: what the view misses counts as a temporary error. */
const struct verifier_report *verifier_finish(struct verifier *v, struct dns_view *view);

const char *dkim_result_word(enum dkim_result result);

#endif
