/* settings_rows: every option that is not a filter's own, one row each. See option.h for what a row says. */
#include "proxy/settings/settings_rows.h"

#include "proxy/settings/settings_backends.h"

#define AT(type_name, field) .offset = offsetof(struct type_name, field)
#define ROW(row_key, row_type, type_name, field, row_fallback, row_doc)                                                                    \
    .key = row_key, .type = row_type, AT(type_name, field), .fallback = row_fallback, .doc = row_doc

/* clang-format off */
#define NUMBER(key, type, field, fallback, lo, hi, doc) { ROW(key, OPTION_NUMBER, type, field, fallback, doc), .min = lo, .max = hi }
#define DURATION(key, type, field, fallback, lo, hi, doc) { ROW(key, OPTION_DURATION, type, field, fallback, doc), .min = lo, .max = hi }
#define SIZE(key, type, field, fallback, lo, hi, doc) { ROW(key, OPTION_SIZE, type, field, fallback, doc), .min = lo, .max = hi }
#define TEXT(key, type, field, fallback, doc) { ROW(key, OPTION_TEXT, type, field, fallback, doc) }
#define PATH(key, type, field, fallback, doc) { ROW(key, OPTION_PATH, type, field, fallback, doc) }
#define BOOL(key, type, field, fallback, doc) { ROW(key, OPTION_BOOL, type, field, fallback, doc) }
#define TEXTS(key, type, field, fallback, doc) { ROW(key, OPTION_TEXTS, type, field, fallback, doc) }
#define NODE(key, type, field, fallback, doc) { ROW(key, OPTION_NODE, type, field, fallback, doc) }
#define WORD(key, type, field, fallback, list, doc) { ROW(key, OPTION_WORD, type, field, fallback, doc), .words = list }
#define SECTION(key, type, field, rows, doc) { ROW(key, OPTION_SECTION, type, field, NULL, doc), .section = rows, \
    .section_size = sizeof(((struct type *)NULL)->field) }
#define NODE_ROW(type_name) { .key = "", .type = OPTION_NODE, AT(type_name, node) }
#define END { .key = NULL }
/* clang-format on */

#define KIB (INT64_C(1) << 10)
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)
enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const mode_words[] = {"enforce", "shadow", NULL};
static const char *const identity_words[] = {"auto", "xclient", "xforward", "proxy", "transparent", "none", NULL};
static const char *const listener_tls_words[] = {"offer", "require", "never", "implicit", NULL};
static const char *const listener_auth_words[] = {"never", "tls", "always", NULL};
static const char *const backend_tls_words[] = {"none", "opportunistic", "require", "verify", NULL};
static const char *const client_certificate_words[] = {"never", "ask", "require", NULL};
static const char *const algorithm_words[] = {"auto", "rsa-sha256", "ed25519-sha256", NULL};
static const char *const canonicalization_words[] = {"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple", NULL};
static const char *const newline_words[] = {"reject", "normalize", NULL};
static const char *const format_words[] = {"logfmt", "json", NULL};
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};
static const char *const store_words[] = {"lmdb", "redis", NULL};
static const char *const when_down_words[] = {"local", "open", "closed", NULL};
static const char *const on_error_words[] = {"unknown", "tempfail", NULL};

static const struct option route_rows[] = {
    {ROW("rcpt", OPTION_NODE, rcpt_route, rcpt_node, "postmaster@example.com",
         "Whom it is about: a mailbox, a domain (example.com, *.example.com for those "
         "below it, .example.com for both), {in: LIST}, or several of them."),
     .required = true},
    TEXT("policy", rcpt_route, policy, NULL, "The policy for them, by its name under policies. null: the listener's."),
    TEXT("backend", rcpt_route, backend, NULL,
         "The backend that gets their mail, by its name under backends. null: the listener's. Recipients of different backends come in "
         "transactions of their own."),
    NODE_ROW(rcpt_route),
    END,
};

static const struct option listener_limit_rows[] = {
    NUMBER("sessions", listener_limits, sessions, "0", 0, 10000000, "Sessions open at once at this listener; 0: any number."),
    NUMBER("per_address", listener_limits, per_address, "50", 0, 10000000, "Sessions open at once from one address; 0: any number."),
    NUMBER("per_network", listener_limits, per_network, "200", 0, 10000000, "Sessions open at once from one network; 0: any number."),
    {ROW("rate", OPTION_RATE, listener_limits, rate, NULL, "Connections in a time, such as 100/1s, from everybody together.")},
    {ROW("network_rate", OPTION_RATE, listener_limits, network_rate, NULL, "Connections in a time, such as 30/1m, from one network.")},
    NUMBER("network4", listener_limits, network4, "24", 8, 32, "The bits of an IPv4 address that name its network."),
    NUMBER("network6", listener_limits, network6, "64", 16, 128, "The bits of an IPv6 address that name its network."),
    DURATION("greet_delay", listener_limits, greet_delay_ms, "0s", 0, MINUTE,
             "How long clients wait for the greeting. Who talks meanwhile breaks the rules of SMTP, as few but spammers do: the fact "
             "client.early tells the policy."),
    TEXTS("exempt", listener_limits, exempt, "[127.0.0.0/8, \"::1\"]", "Networks whose clients are not counted and do not wait."),
    NODE_ROW(listener_limits),
    END,
};

static const struct option listener_rows[] = {
    {.key = "address",
     .type = OPTION_ENDPOINT,
     AT(listener_settings, address),
     .fallback = "0.0.0.0:25",
     .required = true,
     .doc = "Where to listen. \"*:25\" is every IPv4 address, \"[::]:25\" every IPv6 address; list both for both."},
    TEXT("policy", listener_settings, policy, SETTINGS_DEFAULT_POLICY,
         "The policy, by its name under policies, for mail that comes in here."),
    TEXT("backend", listener_settings, backend, NULL,
         "The backend, by its name under backends, for mail that comes in here. null: the first one."),
    {.key = "recipients",
     .type = OPTION_SECTIONS,
     AT(listener_settings, routes),
     .section = route_rows,
     .section_size = sizeof(struct rcpt_route),
     .fallback = "[]",
     .doc = "Recipients who have a policy of their own at stages rcpt and data, or a backend. The first entry that names a recipient "
            "counts; for others, and at the stages before, it is the listener's."},
    WORD("tls", listener_settings, tls, "offer", listener_tls_words,
         "offer: STARTTLS is offered if there is a certificate under tls; require: no mail without it; never: it is not offered; implicit: "
         "TLS "
         "from the first byte on, as on port 465."),
    WORD("auth", listener_settings, auth, "never", listener_auth_words,
         "Whether clients may log in, as they can at the backend. tls: only under TLS; always: passwords may travel in the clear, too."),
    TEXTS("proxy_from", listener_settings, proxy_from, "[]",
          "Networks of load balancers: connections from them begin with a PROXY header (version 1 or 2), which tells the client's address. "
          "From anywhere else such a header is an unknown command."),
    BOOL("sign", listener_settings, sign, "false",
         "Whether mail that comes in here gets our DKIM signatures (signing) whoever brings it. That of users who have logged in always "
         "does."),
    SECTION("limits", listener_settings, limits, listener_limit_rows,
            "How many sessions the listener takes, counted over all workers; further clients are told to come back (421)."),
    NODE_ROW(listener_settings),
    END,
};

static const struct option server_rows[] = {
    {ROW("address", OPTION_TEXT, server_settings, address, "192.0.2.1:25",
         "An address or a name with its port; mx:DOMAIN or srv:SERVICE, for all servers that DNS names; unix:/PATH."),
     .required = true},
    NUMBER("weight", server_settings, weight, "1", 1, 1000, "Its share of sessions, beside those of other servers of its priority."),
    NUMBER("priority", server_settings, priority, "0", 0, 1000,
           "Servers of a higher number are backups: they get sessions only while all of the lower ones are down."),
    NUMBER("max_connections", server_settings, max_connections, "0", 0, 1000000,
           "The most connections that all workers together make to it, though at least one for each worker; 0: any number."),
    NODE_ROW(server_settings),
    END,
};

static const struct option pool_rows[] = {
    NUMBER("idle", pool_settings, idle, "10", 0, 10000,
           "The most connections to one server that a worker keeps for further sessions; 0: none."),
    DURATION("idle_time", pool_settings, idle_time_ms, "30s", 1000, HOUR, "How long one is kept without use."),
    NUMBER("uses", pool_settings, uses, "10", 1, 1000000,
           "The most messages on a connection that serves several sessions. Exim delivers at once no more than ten of one connection "
           "(smtp_accept_queue_per_connection)."),
    END,
};

static const struct option backend_rows[] = {
    {.key = "name",
     .type = OPTION_TEXT,
     AT(backend_settings, name),
     .fallback = "main",
     .required = true,
     .doc = "The backend's name in logs."},
    TEXT("address", backend_settings, address, SETTINGS_DEFAULT_ADDRESS,
         "Where the backend MTA speaks SMTP, if it is one server: short for servers with one entry."),
    {.key = "servers",
     .type = OPTION_SECTIONS,
     AT(backend_settings, servers),
     .section = server_rows,
     .section_size = sizeof(struct server_settings),
     .fallback = "[]",
     .doc = "The backend's servers, instead of address. A session goes to the one with the fewest sessions for its weight among the "
            "healthy ones of the best priority. An address alone is a server, too."},
    WORD(
        "identity", backend_settings, identity, "auto", identity_words,
        "How the backend learns the client's address and name. auto: by XCLIENT, else by XFORWARD, if the backend offers it; xclient, "
        "xforward: a server counts as down if it does not offer it (XFORWARD serves its log only); proxy: by a PROXY header of version 2; "
        "transparent: connections seem to come from the client's address, which takes CAP_NET_ADMIN and routes that lead back to us; none: "
        "the backend sees the proxy only."),
    DURATION("connect_timeout", backend_settings, connect_timeout_ms, "10s", 100, 5 * MINUTE,
             "How long a connection to the backend may take to be made."),
    DURATION(
        "reply_timeout", backend_settings, reply_timeout_ms, "2m", 100, HOUR,
        "How long the backend may take for its greeting and for the reply to any command, though until it has taken a session not over "
        "10s if there is another server. Clients wait five minutes (RFC 5321 section 4.5.3.2)."),
    DURATION(
        "data_timeout", backend_settings, data_timeout_ms, "9m", 100, HOUR,
        "How long the backend may take for its reply to the final dot. Clients wait ten minutes (RFC 5321 section 4.5.3.2.6); a little "
        "less lets us tell them that the mail is to be sent again."),
    DURATION("probe_interval", backend_settings, probe_interval_ms, "30s", 100, DAY,
             "How often a server is asked whether it is well and what its EHLO offers; while it is not, every second."),
    NUMBER("rise", backend_settings, rise, "2", 1, 100, "Good probes in a row after which a server that was down gets sessions again."),
    NUMBER("fall", backend_settings, fall, "3", 1, 100,
           "Failures in a row, of probes or of sessions, after which a server counts as down."),
    DURATION("slow_start", backend_settings, slow_start_ms, "10s", 0, HOUR,
             "How long a server that has come back takes to get its full share of sessions."),
    DURATION("resolve_interval", backend_settings, resolve_interval_ms, "1m", 1000, DAY,
             "How often names of servers are looked up again at least; earlier if their time to live is over."),
    DURATION("wait", backend_settings, wait_ms, "10s", 0, 5 * MINUTE,
             "How long a recipient waits for a connection while every server has its max_connections; after that it is deferred (450)."),
    NUMBER("queue", backend_settings, queue, "1000", 0, 1000000, "The most sessions of one worker that wait; others are deferred at once."),
    SECTION("pool", backend_settings, pool, pool_rows,
            "Connections kept for further sessions, where the next client can be named on them: by XFORWARD, by XCLIENT where the backend "
            "offers "
            "it again after it was given (Postfix does not), or with identity none."),
    WORD("tls", backend_settings, tls, "none", backend_tls_words,
         "none: in the clear; opportunistic: STARTTLS if the backend offers it; require: no mail without TLS; verify: and none unless its "
         "certificate is valid and for its name."),
    BOOL("tls_implicit", backend_settings, tls_implicit, "false", "TLS from the first byte on instead of STARTTLS."),
    TEXT("tls_name", backend_settings, tls_name, NULL,
         "Whom the backend's certificate must be for, with tls: verify. null: its name or address."),
    PATH("tls_ca", backend_settings, tls_ca, NULL,
         "A PEM file with the certificates of whom to believe about the backend's. null: the system's authorities."),
    NODE_ROW(backend_settings),
    END,
};

static const struct option certificate_rows[] = {
    {.key = "certificate",
     .type = OPTION_PATH,
     AT(certificate_settings, certificate),
     .fallback = "/etc/mailweir/mx.example.org.pem",
     .required = true,
     .doc = "A PEM file: the certificate, then those that lead to its authority; the private key may stand in it, too."},
    PATH("key", certificate_settings, key, NULL, "The private key's PEM file, if it is another one."),
    NODE_ROW(certificate_settings),
    END,
};

static const struct option tls_rows[] = {
    {.key = "certificates",
     .type = OPTION_SECTIONS,
     AT(tls_settings, certificates),
     .section = certificate_rows,
     .section_size = sizeof(struct certificate_settings),
     .doc = "Our certificates. A client gets the one for the name it asks for (SNI), else the first. They are read again on reload; if one "
            "is bad, the old ones stay."},
    WORD("client_certificate", tls_settings, client_certificate, "never", client_certificate_words,
         "Whether clients are asked for a certificate. ask: what they show becomes a fact; require: without a valid one there is no TLS."),
    PATH("client_ca", tls_settings, client_ca, NULL,
         "A PEM file with the certificates of whom to believe about clients. null: the system's authorities."),
    END,
};

static const struct option signing_key_rows[] = {
    {.key = "domain",
     .type = OPTION_TEXT,
     AT(signing_key_settings, domain),
     .fallback = "example.org",
     .required = true,
     .doc = "The domain that signs: for authors there, and in domains below it that have no keys of their own."},
    {.key = "selector",
     .type = OPTION_TEXT,
     AT(signing_key_settings, selector),
     .fallback = "s2026",
     .required = true,
     .doc = "Under which name the public key stands in DNS: SELECTOR._domainkey.DOMAIN."},
    {.key = "key",
     .type = OPTION_PATH,
     AT(signing_key_settings, file),
     .fallback = "/etc/mailweir/dkim/s2026.pem",
     .required = true,
     .doc = "The private key's file, PEM or DER, without a password. Only root should be able to read it; it is read before privileges are "
            "dropped."},
    WORD("algorithm", signing_key_settings, algorithm, "auto", algorithm_words, "auto: the one that the key is for."),
    NODE_ROW(signing_key_settings),
    END,
};

static const struct option signing_rows[] = {
    {.key = "keys",
     .type = OPTION_SECTIONS,
     AT(signing_settings, keys),
     .section = signing_key_rows,
     .section_size = sizeof(struct signing_key_settings),
     .fallback = "[]",
     .doc = "The keys. All keys of the domain that is nearest to the author's sign, so that one may be RSA and one Ed25519."},
    TEXTS("networks", signing_settings, networks, "[]",
          "Clients whose mail is signed though they do not log in, such as the machines of the office."),
    WORD("canonicalization", signing_settings, canonicalization, "relaxed/relaxed", canonicalization_words,
         "How much header and body may be changed on the way: relaxed bears with blanks and folding."),
    DURATION("expire", signing_settings, expire_ms, "0", 0, 366 * (int64_t)DAY, "How long a signature counts; 0: for ever."),
    END,
};

static const struct option limit_rows[] = {
    SIZE("message_size", limit_settings, message_size, "50MiB", 64 * KIB, 2 * GIB,
         "The largest message accepted; offered to clients as SIZE (the backend's own limit, if lower, is offered instead)."),
    SIZE("command_line", limit_settings, command_line, "2048", 512, 32 * KIB,
         "The longest command line with its CRLF. RFC 5321 asks for 512, extensions for more."),
    SIZE("data_line", limit_settings, data_line, "1MiB", 0, 2 * GIB,
         "The longest line inside a message; 0: any. RFC 5321 says 998, but newsletters come as one line of HTML and backends take them; "
         "lines of a message are not kept in memory, so the limit only stops nonsense. Header fields are bounded by header_size."),
    SIZE("header_size", limit_settings, header_size, "256KiB", 4 * KIB, 16 * MIB, "The largest header section of a message."),
    NUMBER("header_fields", limit_settings, header_fields, "1000", 20, 100000, "The most fields in a header section."),
    NUMBER("recipients", limit_settings, recipients, "1000", 1, 100000,
           "The most recipients of one message; further ones are told to come in a transaction of their own (452 4.5.3). RFC 5321 asks for "
           "at least 100."),
    NUMBER("errors", limit_settings, errors, "20", 1, 10000, "Bad commands in one session, after which it is closed (421)."),
    DURATION("error_delay", limit_settings, error_delay_ms, "0s", 0, 30 * SECOND,
             "By how much longer the reply to each bad command or refused recipient of a session is held back than to the one before; at "
             "most 30s for one reply. Other sessions do not wait."),
    NUMBER("transactions", limit_settings, transactions, "1000", 0, 1000000,
           "Messages in one session, after which it is closed (421); 0: any number."),
    NUMBER("received", limit_settings, received, "100", 10, 1000,
           "Received fields, beyond which a message is taken to go round in a loop (554 5.4.6). RFC 5321 section 6.3 asks for at least "
           "100."),
    DURATION("idle", limit_settings, idle_ms, "5m", 100, HOUR,
             "The longest silence of a client, between commands or inside a message. RFC 5321 asks for five minutes."),
    DURATION("command", limit_settings, command_ms, "1m", 100, HOUR,
             "The longest time from the first byte of a command line to its end, and for a TLS handshake, which has a minute at most."),
    DURATION("session", limit_settings, session_ms, "1h", 100, DAY, "The longest session in all."),
    DURATION("data", limit_settings, data_ms, "30m", 100, DAY, "The longest time a client may take to send one message."),
    NUMBER("sessions", limit_settings, sessions, "4000", 1, 1000000,
           "Open sessions of one worker; further clients are told to come back (421)."),
    WORD("bare_newline", limit_settings, bare_newline, "reject", newline_words,
         "What to do with a CR or LF that stands alone inside a message. reject: refuse the message; normalize: pass it on as CRLF. It "
         "never ends a message (SMTP smuggling)."),
    BOOL("strict_helo", limit_settings, strict_helo, "false",
         "Whether EHLO and HELO must be given a valid domain name or address literal."),
    END,
};

static const struct option spool_rows[] = {
    PATH("directory", spool_settings, directory, "/var/tmp",
         "Where large messages wait, in files without a name, until the backend has them."),
    SIZE("memory_per_message", spool_settings, memory_per_message, "256KiB", 0, 2 * GIB,
         "What is kept of a message in memory before it goes to a file."),
    SIZE("memory_total", spool_settings, memory_total, "64MiB", 0, 1024 * GIB,
         "Memory for messages of one worker; beyond it they go to files at once."),
    SIZE("disk_total", spool_settings, disk_total, "4GiB", 0, 1024 * 1024 * GIB,
         "Disk space for messages of one worker; beyond it clients are told to come back (452 4.3.1)."),
    END,
};

static const struct option redis_rows[] = {
    TEXT("address", redis_settings, address, "127.0.0.1:6379",
         "Where Redis or Valkey listens: an address with port, or the path of a socket."),
    TEXT("user", redis_settings, user, NULL, "The user of Redis's access lists; null: its default user."),
    PATH("password_file", redis_settings, password_file, NULL, "The file that holds the password in its first line; null: none is needed."),
    NUMBER("database", redis_settings, database, "0", 0, 65535, "The database's number."),
    TEXT("prefix", redis_settings, prefix, "mailweir:", "What every key begins with, so that others may use the same database."),
    DURATION("timeout", redis_settings, timeout_ms, "500ms", 10, 10 * SECOND,
             "How long an answer may take; after that the server counts as down."),
    WORD("when_down", redis_settings, when_down, "local", when_down_words,
         "What follows while the server is down. local: this machine counts for itself, in LMDB; open: nothing is counted, and the facts "
         "are absent; closed: mail is deferred."),
    END,
};

static const struct option state_rows[] = {
    WORD("store", state_settings, store, "lmdb", store_words,
         "lmdb: this machine remembers for itself; redis: several machines share what they remember."),
    PATH("directory", state_settings, directory, "/var/lib/mailweir",
         "Where LMDB remembers rate limits over restarts. null: nowhere; facts that need memory are then unknown."),
    SIZE("size", state_settings, size, "256MiB", MIB, 1024 * GIB, "The most that the state may take on disk."),
    SECTION("redis", state_settings, redis, redis_rows, "The server that machines share, if the store is redis."),
    END,
};

static const struct option dns_rows[] = {
    TEXTS("servers", dns_settings, servers, "[]",
          "Resolvers to ask: addresses, with @PORT if it is not 53. Empty: ask the name servers of the world directly."),
    PATH("zone_file", dns_settings, zone_file, NULL,
         "Static answers that override the network, as lines of zone-file syntax: for tests and demonstrations."),
    PATH("trust_anchor", dns_settings, trust_anchor, NULL,
         "The root key, such as /usr/share/dns/root.key. null: answers are not validated by DNSSEC."),
    DURATION("timeout", dns_settings, timeout_ms, "5s", 100, MINUTE, "How long one query may take."),
    SIZE("cache", dns_settings, cache_bytes, "32MiB", MIB, 16 * GIB,
         "The size of a worker's cache of messages, and again of its cache of record sets."),
    NUMBER("queries_per_message", dns_settings, queries_per_message, "40", 37, 1000,
           "The most queries that one message can cause, whatever its senders' zones say: names, links of CNAME chains, and what iprev "
           "asks. The least is what iprev (6), SPF (12), DKIM (10) and DMARC (9) can do with."),
    END,
};

static const struct option log_rows[] = {
    TEXT("to", log_options, to, "stderr",
         "stderr, syslog, or the absolute path of a file (opened again by its name on SIGUSR1, after rotation)."),
    WORD("format", log_options, format, "logfmt", format_words, "How a line looks: key=value pairs, or one JSON object."),
    WORD("level", log_options, level, "info", level_words, "The least important level that is written."),
    END,
};

static const struct option status_rows[] = {
    PATH("file", status_settings, file, "/run/mailweir/status",
         "Where the workers count, for `mailweir status` and others to read. null: nowhere."),
    END,
};

const struct option settings_filter_rows[] = {
    BOOL("enabled", filter_options, enabled, "true", "Whether the filter runs. The facts of one that does not are absent."),
    WORD("on_error", filter_options, on_error, "unknown", on_error_words,
         "What follows if the filter cannot do its work. unknown: its facts are absent; tempfail: the mail is deferred."),
    DURATION("timeout", filter_options, timeout_ms, "10s", 100, 5 * MINUTE,
             "How long the filter may take in one phase; after that it counts as failed."),
    NODE_ROW(filter_options),
    END,
};

const struct option settings_top_rows[] = {
    TEXTS("include", settings_raw, include, "[]",
          "Files to read as part of this one, relative to it. Mappings of one name are merged; nothing may be set twice."),
    TEXT("hostname", settings_raw, hostname, NULL,
         "The full domain name of this host: in the greeting, in Received and as the id of Authentication-Results. null: what the "
         "machine calls itself."),
    TEXT("help_url", settings_raw, help_url, NULL,
         "Where people who were refused find help: replies of the policy may name it as {help_url}. An http:, https: or mailto: address of "
         "at most 200 bytes."),
    WORD("mode", settings_raw, mode, "enforce", mode_words, "enforce: act on the policy; shadow: decide and log, but accept everything."),
    NUMBER("workers", settings_raw, workers, "0", 0, 256, "Worker processes; 0: one for each core."),
    TEXT("user", settings_raw, user, "mailweir", "The user to become, once the ports are bound, if started as root."),
    PATH("pid_file", settings_raw, pid_file, NULL, "Where the master writes its process id."),
    DURATION("drain", settings_raw, drain_ms, "5m", 0, HOUR,
             "How long the sessions of old workers may go on after a reload or at shutdown."),
    {.key = "listeners",
     .type = OPTION_SECTIONS,
     AT(settings_raw, listeners),
     .section = listener_rows,
     .section_size = sizeof(struct listener_settings),
     .required = true,
     .doc = "Where clients connect. An address alone is a listener, too: [\"*:25\", \"[::1]:25\"]."},
    {.key = "backends",
     .type = OPTION_NAMED,
     AT(settings_raw, backends),
     .section = backend_rows,
     .section_size = sizeof(struct backend_settings),
     .required = true,
     .doc = "The MTA behind, by a name of your choice. An address alone is a backend, too: {main: 127.0.0.1:10025}."},
    SECTION("limits", settings_raw, limits, limit_rows, "What a client may ask of us."),
    SECTION("spool", settings_raw, spool, spool_rows,
            "Where a message is kept while it is judged. It is no queue: the client gets its 250 from the backend."),
    SECTION("state", settings_raw, state, state_rows, "What is remembered from one session to the next."),
    SECTION("dns", settings_raw, dns, dns_rows, "The resolver in each worker."),
    SECTION("tls", settings_raw, tls, tls_rows, "What we show to clients that speak TLS. TLS 1.2 and 1.3 are spoken."),
    SECTION("signing", settings_raw, signing, signing_rows,
            "DKIM signatures for mail of our own users: those who have logged in, and whom listeners and networks name."),
    SECTION("log", settings_raw, log, log_rows, "One line for each decision, and for everything that happens to the service."),
    SECTION("status", settings_raw, status, status_rows, "What is counted: facts, decisions, rules, messages."),
    NODE("lists", settings_raw, lists, NULL, "Lists for the policy, by name: texts in place, or {file: PATH} with one entry a line."),
    END,
};
