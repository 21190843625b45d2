/* settings: one configuration, read and checked, for the whole life of a worker. Never changed after loading. */
#ifndef PROXY_SETTINGS_H
#define PROXY_SETTINGS_H

#include "base/cidr_set.h"
#include "base/config/conf_error.h"
#include "base/config/option.h"
#include "base/dns/dns.h"
#include "base/log.h"
#include "base/net_addr.h"
#include "base/tls/tls.h"
#include "filters/dkim/signer.h"
#include "filters/filter.h"
#include "filters/state/gcra.h"
#include "policy/policy.h"
#include "proxy/settings/backend_address.h"

enum filter_on_error { ON_ERROR_UNKNOWN, ON_ERROR_TEMPFAIL };
enum bare_newline { BARE_NEWLINE_REJECT, BARE_NEWLINE_NORMALIZE };
enum settings_mode { MODE_ENFORCE, MODE_SHADOW };
/** STARTTLS as the listener has it, or TLS from the first byte on (RFC 3207, RFC 8314). */
enum listener_tls { LISTENER_TLS_OFFER, LISTENER_TLS_REQUIRE, LISTENER_TLS_NEVER, LISTENER_TLS_IMPLICIT };
/** Where clients may authenticate: nowhere, under TLS only, in the clear too (RFC 4954). */
enum listener_auth { LISTENER_AUTH_NEVER, LISTENER_AUTH_TLS, LISTENER_AUTH_ALWAYS };
enum backend_tls { BACKEND_TLS_NONE, BACKEND_TLS_OPPORTUNISTIC, BACKEND_TLS_REQUIRE, BACKEND_TLS_VERIFY };
/** How a backend learns who the client is. */
enum backend_identity {
    IDENTITY_AUTO,        /* XCLIENT or else XFORWARD, if the server offers it */
    IDENTITY_XCLIENT,     /* a server that does not offer it counts as down */
    IDENTITY_XFORWARD,    /* the same; for the server's log only */
    IDENTITY_PROXY,       /* a PROXY header of version 2 */
    IDENTITY_TRANSPARENT, /* the connection seems to come from the client's own address */
    IDENTITY_NONE,
};

struct rcpt_match;

/** Recipients who have a policy or a backend of their own (rcpt_route.h). */
struct rcpt_route {
    const struct conf_node *rcpt_node;
    struct rcpt_match *match; /* what rcpt_node names */
    const char *policy;       /* a name under policies; NULL: the listener's */
    const struct policy *policy_loaded;
    const char *backend;          /* a name under backends; NULL: the listener's */
    size_t backend_index;         /* the same, in settings->backends */
    const struct conf_node *node; /* for messages */
};

/** What a listener takes of all, of one address and of one network, over all workers; 0, or no rate: any number. */
struct listener_limits {
    int64_t sessions, per_address, per_network;
    struct option_rate rate, network_rate; /* of connections */
    int64_t network4, network6;            /* bits of an address that name its network */
    int64_t greet_delay_ms;
    struct option_list exempt;                      /* const char *: networks that none of this concerns */
    const struct conf_node *node;                   /* for messages */
    const struct cidr_set *exempted;                /* the same networks; NULL: none */
    struct gcra_limit rate_gcra, network_rate_gcra; /* the same rates; count 0: none */
};

struct listener_settings {
    struct net_addr address;
    const char *policy; /* a name under policies */
    const struct policy *policy_loaded;
    const char *backend;            /* a name under backends; NULL: the first one */
    size_t backend_index;           /* the same, in settings->backends */
    struct option_list routes;      /* struct rcpt_route; the first one that names a recipient gives its policy and backend */
    struct option_list proxy_from;  /* const char *: networks whose connections begin with a PROXY header */
    const struct cidr_set *proxies; /* the same; NULL: none */
    int auth;                       /* enum listener_auth */
    bool sign;                      /* mail that comes in here gets our signatures, whoever brings it */
    struct listener_limits limits;
    int tls;                      /* enum listener_tls; offer means nothing without a certificate */
    const struct conf_node *node; /* for messages */
};

/** One server of a backend, or those that a name stands for. */
struct server_settings {
    const char *address;           /* as written */
    struct backend_address parsed; /* the same */
    int64_t weight, priority;      /* shares of sessions among servers of one priority; lower ones first */
    int64_t max_connections;       /* of all workers; 0: any number */
    const struct conf_node *node;  /* for messages; NULL: the backend's */
};

/** Connections that are kept for other sessions. */
struct pool_settings {
    int64_t idle, idle_time_ms, uses;
};

struct backend_settings {
    const char *name;
    const char *address;                                           /* the short form for one server */
    struct option_list servers;                                    /* struct server_settings; after loading there is at least one */
    int identity;                                                  /* enum backend_identity: how the client's address is passed on */
    int64_t connect_timeout_ms, reply_timeout_ms, data_timeout_ms; /* data: for the reply to the final dot */
    int64_t probe_interval_ms, rise, fall;                         /* good probes in a row until it is up, failures until it is down */
    int64_t slow_start_ms, resolve_interval_ms;
    int64_t wait_ms, queue; /* for a connection, when all servers have as many as they may */
    struct pool_settings pool;
    int tls; /* enum backend_tls */
    bool tls_implicit;
    const char *tls_name, *tls_ca; /* whom the certificate must be for; NULL: the address. Whom to believe; NULL: the system's */
    struct tls_client *tls_client; /* NULL: tls is none */
    const struct conf_node *node;  /* for messages */
};

struct certificate_settings {
    const char *certificate, *key;
    const struct conf_node *node; /* for messages */
};

struct tls_settings {
    struct option_list certificates; /* of struct certificate_settings */
    int client_certificate;          /* enum tls_client_certificate */
    const char *client_ca;
    struct tls_server *server; /* NULL: there are no certificates, or they cannot be read by us */
};

struct signing_key_settings {
    const char *domain, *selector, *file;
    int algorithm;                /* enum signing_algorithm */
    const struct conf_node *node; /* for messages */
};

/** DKIM signatures of ours. */
struct signing_settings {
    struct option_list keys;     /* struct signing_key_settings */
    struct option_list networks; /* const char *: clients whose mail is signed though they do not log in */
    int canonicalization;        /* enum signing_canonicalization */
    int64_t expire_ms;           /* 0: never */
    /* worked out */
    const struct signing_key **loaded; /* in the order of keys; those that could not be read are left out */
    size_t loaded_count;
    const struct cidr_set *clients; /* of networks; NULL: none */
    struct signer_options options;
};

struct limit_settings {
    int64_t message_size; /* bytes; offered as SIZE */
    int64_t command_line; /* bytes with CRLF */
    int64_t data_line;    /* bytes without CRLF; 0: no limit. RFC 5321 says 998, much real mail does not keep to it */
    int64_t header_size, header_fields;
    int64_t recipients;     /* per transaction */
    int64_t errors;         /* bad commands per session, then 421 */
    int64_t error_delay_ms; /* by which the reply to each bad command is held back longer than the one before */
    int64_t transactions;   /* messages per session, then 421; 0: no limit */
    int64_t received;       /* Received fields: a loop (5.4.6) */
    int64_t idle_ms;        /* between commands or between bytes of data */
    int64_t command_ms;     /* from the first byte of a command line to its end */
    int64_t session_ms;     /* a session in all */
    int64_t data_ms;        /* DATA in all */
    int64_t sessions;       /* open sessions per worker */
    int bare_newline;       /* enum bare_newline */
    bool strict_helo;
};

struct spool_settings {
    const char *directory;
    int64_t memory_per_message, memory_total, disk_total;
};

enum signing_canonicalization { SIGNING_RELAXED_RELAXED, SIGNING_RELAXED_SIMPLE, SIGNING_SIMPLE_RELAXED, SIGNING_SIMPLE_SIMPLE };
enum state_store { STORE_LMDB, STORE_REDIS };

struct redis_settings {
    const char *address, *user, *password_file, *prefix;
    int64_t database, timeout_ms;
    int when_down;        /* enum state_when_down */
    const char *password; /* from the file; NULL: none */
};

struct state_settings {
    int store;             /* enum state_store */
    const char *directory; /* of LMDB; NULL: none */
    int64_t size;
    struct redis_settings redis;
};

struct dns_settings {
    struct option_list servers; /* const char * */
    const char *zone_file, *trust_anchor;
    int64_t timeout_ms, cache_bytes, queries_per_message;
};

struct status_settings {
    const char *file; /* NULL: none */
};

struct policy_settings {
    const char *name;
    const struct policy *policy;
    size_t rules; /* over all stages; for the summary */
};

/** One filter of the registry with its configuration. */
struct filter_settings {
    const struct filter *filter;
    bool enabled;
    int on_error;       /* enum filter_on_error */
    int64_t timeout_ms; /* of one phase */
    void *config;
    int fact_base;
};

/** Ids of the facts that the proxy itself publishes. */
struct core_facts {
    int client_ip, client_port, client_early, listener, helo, esmtp, auth_user, auth_mechanism, mail_from, mail_from_domain,
        mail_from_local, rcpt, rcpt_domain, rcpt_local, rcpt_count, tls_version, tls_cipher, tls_sni, tls_client, tls_fingerprint, size,
        from_count, received_count, header_fields, malformed;
};

struct settings {
    struct arena *arena;
    const char *path; /* of the file; for messages */
    const char *hostname;
    const char *help_url; /* for texts of the policy, or NULL */
    int mode;             /* enum settings_mode */
    int64_t workers;      /* 0: one per core */
    const char *user;     /* to become after binding, if started as root */
    const char *pid_file;
    int64_t drain_ms; /* how long old workers may finish their sessions */
    struct listener_settings *listeners;
    size_t listener_count;
    struct backend_settings *backends;
    size_t backend_count;
    struct limit_settings limits;
    struct spool_settings spool;
    struct state_settings state;
    struct dns_settings dns;
    struct tls_settings tls;
    struct signing_settings signing;
    struct log_options log;
    struct status_settings status;
    struct fact_schema *facts; /* sealed */
    struct core_facts core;
    int client_name;                 /* the fact client.ptr, of the filter iprev */
    struct filter_settings *filters; /* in registry order, enabled or not */
    size_t filter_count;
    struct policy_settings *policies; /* all there are, each loaded once */
    size_t policy_count;
    const int *header_facts; /* ids of the "header.NAME" facts in use */
    const char *const *header_names;
    size_t header_fact_count;
};

/** Reads and checks a file. NULL if there are errors; they, and warnings, are in errors and outlive the settings. */
struct settings *settings_load(const char *path, struct conf_errors *errors);
/** The same from text; `include` does not work in it. name stands for the file's name. */
struct settings *settings_load_text(struct slice text, const char *name, struct conf_errors *errors);
/** The same from a tree that is read already and lives as long as the settings. NULL as root: only what is in errors counts. */
struct settings *settings_load_tree(const struct conf_node *root, const char *path, struct conf_errors *errors);
/** The facts that exist under a configuration (path NULL: under the built-in one) for its policies to use, whatever these say; sealed,
 *  in arena. NULL if the file's YAML could not be read; other errors do not stop it. */
struct fact_schema *settings_load_facts(const char *path, struct arena *arena, struct conf_errors *errors);
/** The options of a file alone, whatever its filters, lists and policies say: for commands that look at a running Mailweir. NULL if its
 *  YAML could not be read; other errors are noted, and the option keeps its default. In arena; not to be freed. */
const struct settings *settings_load_options(const char *path, struct arena *arena, struct conf_errors *errors);
/** What is in force under a file, as a tree that loads to the same settings: all of it, or only what differs from the defaults. NULL after
 *  errors. In arena; paths are absolute, so that it may be written anywhere. */
const struct conf_node *settings_dump(const char *path, bool all, struct arena *arena, struct conf_errors *errors);
/** Frees everything and sets *s to NULL. *s may be NULL. */
void settings_free(struct settings **s);
/** How many workers there are to be. */
size_t settings_worker_count(const struct settings *s);
/** What dns_new wants, of `dns:`. Views into the settings. */
struct dns_options settings_dns_options(const struct dns_settings *dns);
/** Writes the complete default configuration, commented; it loads as it is. */
void settings_print_defaults(FILE *out);

#endif
