/* facts: what is known about a session and a message, as typed values with names.
 *
 * Filters publish facts; the policy reads them; the log prints them. A schema lists every fact that exists under one
 * configuration, the stage from which it is known and how long it lives; ids are indices into it. */
#ifndef FILTERS_FACTS_H
#define FILTERS_FACTS_H

#include "base/arena.h"
#include "base/net_addr.h"

/** The points at which the policy decides, in order. */
enum stage { STAGE_CONNECT, STAGE_HELO, STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_COUNT };

enum fact_type {
    FACT_TEXT,    /* bytes from outside, already parsed and bounded; compared without case */
    FACT_WORD,    /* one of a fixed set of lower-case words */
    FACT_NUMBER,  /* int64_t; durations in seconds, sizes in bytes */
    FACT_ADDRESS, /* an IP address */
    FACT_DOMAIN,  /* a DNS name in lower case without final dot */
    FACT_MAILBOX, /* local-part@domain, the domain in lower case; empty text: the null reverse-path */
    FACT_LIST,    /* several texts (such as the domains that signed) */
};

enum fact_scope {
    FACT_SESSION,     /* cleared when the session ends */
    FACT_TRANSACTION, /* cleared by tx_end */
    FACT_RECIPIENT,   /* cleared before each RCPT; at stage data it holds the last recipient's value */
};

struct fact_def {
    const char *name;
    enum fact_type type;
    enum stage since; /* the first stage at which it may be used in a rule */
    enum fact_scope scope;
    const char *const *words; /* FACT_WORD: NULL-terminated */
    const char *doc;
};

struct fact_value {
    bool present;
    union {                   /* by the definition's type: a session keeps one for each fact there is */
        struct slice text;    /* TEXT, WORD, DOMAIN, MAILBOX */
        int64_t number;       /* NUMBER */
        struct net_addr addr; /* ADDRESS */
        struct {              /* LIST */
            const struct slice *items;
            size_t count;
        };
    };
};

struct fact_schema;

struct fact_schema *fact_schema_new(struct arena *arena);
/** Adds a definition (kept by reference) and returns its id; -1 if the name is taken. */
int fact_schema_add(struct fact_schema *schema, const struct fact_def *def);
/** The id, or -1. A name "header.NAME" that is not there yet is added (FACT_TEXT, stage data: the first field of that name,
 *  unfolded) as long as the schema is not sealed. */
int fact_schema_find(struct fact_schema *schema, struct slice name);
void fact_schema_seal(struct fact_schema *schema);
size_t fact_schema_count(const struct fact_schema *schema);
const struct fact_def *fact_schema_def(const struct fact_schema *schema, int id);
/** Notes that the facts from id first up to, but not with, id end are never published: this filter would, but it is off. */
void fact_schema_set_off(struct fact_schema *schema, int first, int end, const char *filter);
/** The filter that is off and would publish this fact; NULL: it can be present. */
const char *fact_schema_off(const struct fact_schema *schema, int id);
/** The name most like this one, for "did you mean"; or NULL. */
const char *fact_schema_nearest(const struct fact_schema *schema, struct slice name);

struct facts {
    const struct fact_schema *schema;
    struct fact_value *values; /* by id */
};

void facts_init(struct facts *facts, const struct fact_schema *schema, struct arena *arena);
const struct fact_value *facts_get(const struct facts *facts, int id);
/** Values are kept by reference: they must live as long as the fact's scope. */
void facts_set_text(struct facts *facts, int id, struct slice text);
void facts_set_number(struct facts *facts, int id, int64_t number);
void facts_set_address(struct facts *facts, int id, const struct net_addr *addr);
void facts_set_list(struct facts *facts, int id, const struct slice *items, size_t count);
void facts_clear(struct facts *facts, int id);
/** Clears every fact of that scope. */
void facts_clear_scope(struct facts *facts, enum fact_scope scope);
/** The present values of one scope, set aside: texts and list items are copied into arena. */
struct facts_saved;
struct facts_saved *facts_save_scope(const struct facts *facts, enum fact_scope scope, struct arena *arena);
/** Makes the facts of that scope what they were when saved was made; those that were absent then are absent again. The arena of saved
 *  must live as long as they are used. */
void facts_restore_scope(struct facts *facts, enum fact_scope scope, const struct facts_saved *saved);
/** Puts the saved values over those that are there, which stay otherwise. */
void facts_put_saved(struct facts *facts, const struct facts_saved *saved);
/** The value as one text: for replies and logs (lists joined by commas, addresses as text). Not escaped. */
struct slice facts_to_text(const struct facts *facts, int id, struct arena *arena);

const char *stage_name(enum stage stage);
const char *fact_type_name(enum fact_type type);

#endif
