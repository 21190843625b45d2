/* settings_table: see settings_table.h. */
#include "proxy/settings_table.h"

#include "filters/registry.h"

#define END                                                                                                                                \
    {                                                                                                                                      \
        .key = NULL                                                                                                                        \
    }
#define AT(type_name, field) .offset = offsetof(struct type_name, field)
#define NODE_ROW(type_name)                                                                                                                \
    {                                                                                                                                      \
        .key = "", .type = OPTION_NODE, AT(type_name, node)                                                                                \
    }

enum { KIB = 1024, MIB = 1024 * 1024, SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const mode_words[] = {"enforce", "shadow", NULL};
static const char *const identity_words[] = {"auto", "xclient", "none", NULL};
static const char *const newline_words[] = {"reject", "normalize", NULL};
static const char *const format_words[] = {"logfmt", "json", NULL};
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};
static const char *const on_error_words[] = {"unknown", "tempfail", NULL};

static const struct option listener_rows[] = {
    {.key = "address",
     .type = OPTION_ENDPOINT,
     AT(listener_settings, address),
     .fallback = "0.0.0.0:25",
     .required = true,
     .doc = "Where to listen. \"*:25\" is every IPv4 address, \"[::]:25\" every address of both families."},
    {.key = "policy",
     .type = OPTION_TEXT,
     AT(listener_settings, policy),
     .fallback = SETTINGS_DEFAULT_POLICY,
     .doc = "The policy, by its name under policies, for mail that comes in here."},
    NODE_ROW(listener_settings),
    END,
};

static const struct option backend_rows[] = {
    {.key = "name",
     .type = OPTION_TEXT,
     AT(backend_settings, name),
     .fallback = "main",
     .required = true,
     .doc = "The backend's name in logs."},
    {.key = "address",
     .type = OPTION_ENDPOINT,
     AT(backend_settings, address),
     .fallback = "127.0.0.1:10025",
     .required = true,
     .doc = "Where the backend MTA speaks SMTP."},
    {.key = "identity",
     .type = OPTION_WORD,
     AT(backend_settings, identity),
     .fallback = "auto",
     .words = identity_words,
     .doc = "How the backend learns the client's address and name. auto: XCLIENT if the backend offers it; xclient: always, and mail "
            "waits if the backend does not offer it; none: the backend sees the proxy only."},
    {.key = "connect_timeout",
     .type = OPTION_DURATION,
     AT(backend_settings, connect_timeout_ms),
     .fallback = "10s",
     .min = 100,
     .max = 5 * MINUTE,
     .doc = "How long a connection to the backend may take to be made."},
    {.key = "reply_timeout",
     .type = OPTION_DURATION,
     AT(backend_settings, reply_timeout_ms),
     .fallback = "2m",
     .min = 100,
     .max = HOUR,
     .doc = "How long the backend may take for its greeting and for the reply to any command. Clients wait five minutes (RFC 5321 "
            "section 4.5.3.2)."},
    {.key = "data_timeout",
     .type = OPTION_DURATION,
     AT(backend_settings, data_timeout_ms),
     .fallback = "9m",
     .min = 100,
     .max = HOUR,
     .doc = "How long the backend may take for its reply to the final dot. Clients wait ten minutes (RFC 5321 section 4.5.3.2.6); a little "
            "less lets us tell them that the mail is to be sent again."},
    {.key = "probe_interval",
     .type = OPTION_DURATION,
     AT(backend_settings, probe_interval_ms),
     .fallback = "30s",
     .min = SECOND,
     .max = DAY,
     .doc = "How often the backend is asked whether it is well and what its EHLO offers."},
    NODE_ROW(backend_settings),
    END,
};

static const struct option limit_rows[] = {
    {.key = "message_size",
     .type = OPTION_SIZE,
     AT(limit_settings, message_size),
     .fallback = "50MiB",
     .min = 64 * KIB,
     .max = 2 * (int64_t)1024 * MIB,
     .doc = "The largest message accepted; offered to clients as SIZE (the backend's own limit, if lower, is offered instead)."},
    {.key = "command_line",
     .type = OPTION_SIZE,
     AT(limit_settings, command_line),
     .fallback = "2048",
     .min = 512,
     .max = 32 * KIB,
     .doc = "The longest command line with its CRLF. RFC 5321 asks for 512, extensions for more."},
    {.key = "data_line",
     .type = OPTION_SIZE,
     AT(limit_settings, data_line),
     .fallback = "1MiB",
     .max = 2 * (int64_t)1024 * MIB,
     .doc =
         "The longest line inside a message; 0: any. RFC 5321 says 998, but newsletters come as one line of HTML and backends take them; "
         "lines of a message are not kept in memory, so the limit only stops nonsense. Header fields are bounded by header_size."},
    {.key = "header_size",
     .type = OPTION_SIZE,
     AT(limit_settings, header_size),
     .fallback = "256KiB",
     .min = 4 * KIB,
     .max = 16 * MIB,
     .doc = "The largest header section of a message."},
    {.key = "header_fields",
     .type = OPTION_NUMBER,
     AT(limit_settings, header_fields),
     .fallback = "1000",
     .min = 20,
     .max = 100000,
     .doc = "The most fields in a header section."},
    {.key = "recipients",
     .type = OPTION_NUMBER,
     AT(limit_settings, recipients),
     .fallback = "1000",
     .min = 1,
     .max = 100000,
     .doc =
         "The most recipients of one message; further ones are told to come in a transaction of their own (452 4.5.3). RFC 5321 asks for "
         "at least 100."},
    {.key = "errors",
     .type = OPTION_NUMBER,
     AT(limit_settings, errors),
     .fallback = "20",
     .min = 1,
     .max = 10000,
     .doc = "Bad commands in one session, after which it is closed (421)."},
    {.key = "transactions",
     .type = OPTION_NUMBER,
     AT(limit_settings, transactions),
     .fallback = "1000",
     .max = 1000000,
     .doc = "Messages in one session, after which it is closed (421); 0: any number."},
    {.key = "received",
     .type = OPTION_NUMBER,
     AT(limit_settings, received),
     .fallback = "100",
     .min = 10,
     .max = 1000,
     .doc = "Received fields, beyond which a message is taken to go round in a loop (554 5.4.6). RFC 5321 section 6.3 asks for at least "
            "100."},
    {.key = "idle",
     .type = OPTION_DURATION,
     AT(limit_settings, idle_ms),
     .fallback = "5m",
     .min = SECOND,
     .max = HOUR,
     .doc = "The longest silence of a client, between commands or inside a message. RFC 5321 asks for five minutes."},
    {.key = "session",
     .type = OPTION_DURATION,
     AT(limit_settings, session_ms),
     .fallback = "1h",
     .min = SECOND,
     .max = DAY,
     .doc = "The longest session in all."},
    {.key = "data",
     .type = OPTION_DURATION,
     AT(limit_settings, data_ms),
     .fallback = "30m",
     .min = SECOND,
     .max = DAY,
     .doc = "The longest time a client may take to send one message."},
    {.key = "sessions",
     .type = OPTION_NUMBER,
     AT(limit_settings, sessions),
     .fallback = "4000",
     .min = 1,
     .max = 1000000,
     .doc = "Open sessions of one worker; further clients are told to come back (421)."},
    {.key = "bare_newline",
     .type = OPTION_WORD,
     AT(limit_settings, bare_newline),
     .fallback = "reject",
     .words = newline_words,
     .doc = "What to do with a CR or LF that stands alone inside a message. reject: refuse the message; normalize: pass it on as CRLF. It "
            "never ends a message (SMTP smuggling)."},
    {.key = "strict_helo",
     .type = OPTION_BOOL,
     AT(limit_settings, strict_helo),
     .fallback = "false",
     .doc = "Whether EHLO and HELO must be given a valid domain name or address literal."},
    END,
};

static const struct option spool_rows[] = {
    {.key = "directory",
     .type = OPTION_PATH,
     AT(spool_settings, directory),
     .fallback = "/var/tmp",
     .doc = "Where large messages wait, in files without a name, until the backend has them."},
    {.key = "memory_per_message",
     .type = OPTION_SIZE,
     AT(spool_settings, memory_per_message),
     .fallback = "256KiB",
     .max = 2 * (int64_t)1024 * MIB,
     .doc = "What is kept of a message in memory before it goes to a file."},
    {.key = "memory_total",
     .type = OPTION_SIZE,
     AT(spool_settings, memory_total),
     .fallback = "64MiB",
     .max = 1024 * (int64_t)1024 * MIB,
     .doc = "Memory for messages of one worker; beyond it they go to files at once."},
    {.key = "disk_total",
     .type = OPTION_SIZE,
     AT(spool_settings, disk_total),
     .fallback = "4GiB",
     .max = 1024 * 1024 * (int64_t)1024 * MIB,
     .doc = "Disk space for messages of one worker; beyond it clients are told to come back (452 4.3.1)."},
    END,
};

static const struct option state_rows[] = {
    {.key = "directory",
     .type = OPTION_PATH,
     AT(state_settings, directory),
     .fallback = "/var/lib/mailweir",
     .doc = "Where rate limits are remembered over restarts. null: nowhere; facts that need memory are then unknown."},
    {.key = "size",
     .type = OPTION_SIZE,
     AT(state_settings, size),
     .fallback = "256MiB",
     .min = MIB,
     .max = 1024 * (int64_t)1024 * MIB,
     .doc = "The most that the state may take on disk."},
    END,
};

static const struct option dns_rows[] = {
    {.key = "servers",
     .type = OPTION_TEXTS,
     AT(dns_settings, servers),
     .fallback = "[]",
     .doc = "Resolvers to ask: addresses, with @PORT if it is not 53. Empty: ask the name servers of the world directly."},
    {.key = "zone_file",
     .type = OPTION_PATH,
     AT(dns_settings, zone_file),
     .doc = "Static answers that override the network, as lines of zone-file syntax: for tests and demonstrations."},
    {.key = "trust_anchor",
     .type = OPTION_PATH,
     AT(dns_settings, trust_anchor),
     .doc = "The root key, such as /usr/share/dns/root.key. null: answers are not validated by DNSSEC."},
    {.key = "timeout",
     .type = OPTION_DURATION,
     AT(dns_settings, timeout_ms),
     .fallback = "5s",
     .min = 100,
     .max = MINUTE,
     .doc = "How long one query may take."},
    {.key = "cache",
     .type = OPTION_SIZE,
     AT(dns_settings, cache_bytes),
     .fallback = "32MiB",
     .min = MIB,
     .max = 16 * (int64_t)1024 * MIB,
     .doc = "The size of a worker's cache of messages, and again of its cache of record sets."},
    {.key = "queries_per_message",
     .type = OPTION_NUMBER,
     AT(dns_settings, queries_per_message),
     .fallback = "40",
     .min = 10,
     .max = 1000,
     .doc = "The most queries that one message can cause, whatever its senders' zones say."},
    END,
};

static const struct option log_rows[] = {
    {.key = "to",
     .type = OPTION_TEXT,
     AT(log_options, to),
     .fallback = "stderr",
     .required = false,
     .doc = "stderr, syslog, or the absolute path of a file (opened again on SIGUSR1)."},
    {.key = "format",
     .type = OPTION_WORD,
     AT(log_options, format),
     .fallback = "logfmt",
     .words = format_words,
     .doc = "How a line looks: key=value pairs, or one JSON object."},
    {.key = "level",
     .type = OPTION_WORD,
     AT(log_options, level),
     .fallback = "info",
     .words = level_words,
     .doc = "The least important level that is written."},
    END,
};

static const struct option generic_filter_rows[] = {
    {.key = "enabled",
     .type = OPTION_BOOL,
     AT(filter_options, enabled),
     .fallback = "true",
     .doc = "Whether the filter runs. The facts of one that does not are absent."},
    {.key = "on_error",
     .type = OPTION_WORD,
     AT(filter_options, on_error),
     .fallback = "unknown",
     .words = on_error_words,
     .doc = "What follows if the filter cannot do its work. unknown: its facts are absent; tempfail: the mail is deferred."},
    {.key = "timeout",
     .type = OPTION_DURATION,
     AT(filter_options, timeout_ms),
     .fallback = "10s",
     .min = 100,
     .max = 5 * MINUTE,
     .doc = "How long the filter may take in one phase; after that it counts as failed."},
    NODE_ROW(filter_options),
};

enum { GENERIC_ROWS = sizeof generic_filter_rows / sizeof generic_filter_rows[0] };

static const struct option top_rows[] = {
    {.key = "include",
     .type = OPTION_TEXTS,
     AT(settings_raw, include),
     .fallback = "[]",
     .doc = "Files to read as part of this one, relative to it. Mappings of one name are merged; nothing may be set twice."},
    {.key = "hostname",
     .type = OPTION_TEXT,
     AT(settings_raw, hostname),
     .doc = "The full domain name of this host: in the greeting, in Received and as the id of Authentication-Results. null: what the "
            "machine calls itself."},
    {.key = "mode",
     .type = OPTION_WORD,
     AT(settings_raw, mode),
     .fallback = "enforce",
     .words = mode_words,
     .doc = "enforce: act on the policy; shadow: decide and log, but accept everything."},
    {.key = "workers",
     .type = OPTION_NUMBER,
     AT(settings_raw, workers),
     .fallback = "0",
     .max = 256,
     .doc = "Worker processes; 0: one for each core."},
    {.key = "user",
     .type = OPTION_TEXT,
     AT(settings_raw, user),
     .fallback = "mailweir",
     .doc = "The user to become, once the ports are bound, if started as root."},
    {.key = "pid_file", .type = OPTION_PATH, AT(settings_raw, pid_file), .doc = "Where the master writes its process id."},
    {.key = "drain",
     .type = OPTION_DURATION,
     AT(settings_raw, drain_ms),
     .fallback = "5m",
     .max = HOUR,
     .doc = "How long the sessions of old workers may go on after a reload or at shutdown."},
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
    {.key = "limits",
     .type = OPTION_SECTION,
     AT(settings_raw, limits),
     .section = limit_rows,
     .section_size = sizeof(struct limit_settings),
     .doc = "What a client may ask of us."},
    {.key = "spool",
     .type = OPTION_SECTION,
     AT(settings_raw, spool),
     .section = spool_rows,
     .section_size = sizeof(struct spool_settings),
     .doc = "Where a message is kept while it is judged. It is no queue: the client gets its 250 from the backend."},
    {.key = "state",
     .type = OPTION_SECTION,
     AT(settings_raw, state),
     .section = state_rows,
     .section_size = sizeof(struct state_settings),
     .doc = "What is remembered from one session to the next."},
    {.key = "dns",
     .type = OPTION_SECTION,
     AT(settings_raw, dns),
     .section = dns_rows,
     .section_size = sizeof(struct dns_settings),
     .doc = "The resolver in each worker."},
    {.key = "log",
     .type = OPTION_SECTION,
     AT(settings_raw, log),
     .section = log_rows,
     .section_size = sizeof(struct log_options),
     .doc = "One line for each decision, and for everything that happens to the service."},
    {.key = "lists",
     .type = OPTION_NODE,
     AT(settings_raw, lists),
     .doc = "Lists for the policy, by name: texts in place, or {file: PATH} with one entry a line."},
};

enum { TOP_ROWS = sizeof top_rows / sizeof top_rows[0] };

static size_t aligned(size_t n)
{
    size_t unit = _Alignof(max_align_t);
    return (n + unit - 1) / unit * unit;
}

size_t filter_options_size(void)
{
    return aligned(sizeof(struct filter_options));
}

static size_t count_rows(const struct option *rows)
{
    size_t n = 0;
    while (rows && rows[n].key)
        n++;
    return n;
}

/** The filter's own options and the generic ones, as one table over one block. */
static const struct option *build_filter_rows(const struct filter *filter, struct arena *arena)
{
    size_t own = count_rows(filter->options);
    struct option *rows = arena_alloc(arena, (own + GENERIC_ROWS + 1) * sizeof *rows);
    memcpy(rows, generic_filter_rows, sizeof generic_filter_rows);
    for (size_t i = 0; i < own; i++) {
        rows[GENERIC_ROWS + i] = filter->options[i];
        rows[GENERIC_ROWS + i].offset += filter_options_size();
    }
    return rows;
}

/** The section `filters`: one row for each filter of the registry. */
static struct option build_filters_row(struct settings_table *t, size_t base, struct arena *arena)
{
    const struct filter *const *filters = filter_registry();
    while (filters[t->filter_count])
        t->filter_count++;
    struct option *rows = arena_alloc(arena, (t->filter_count + 1) * sizeof *rows);
    size_t *offsets = arena_alloc(arena, (t->filter_count + 1) * sizeof *offsets), at = 0;
    for (size_t i = 0; i < t->filter_count; i++) {
        size_t size = filter_options_size() + aligned(filters[i]->config_size);
        rows[i] = (struct option){.key = filters[i]->name, .type = OPTION_SECTION, .offset = at, .doc = filters[i]->doc};
        rows[i].section = build_filter_rows(filters[i], arena);
        rows[i].section_size = size;
        offsets[i] = base + at;
        at += size;
    }
    t->filters = offsets;
    t->size = base + at;
    return (struct option){.key = "filters",
                           .type = OPTION_SECTION,
                           .offset = base,
                           .section = rows,
                           .section_size = at,
                           .doc = "What is measured. Each filter publishes facts; the policy decides on them."};
}

/** The built-in policy under its name, as the value of `policies`. */
static const char *default_policies(struct arena *arena)
{
    struct buf text = {0};
    struct slice rest = policy_default_text(), line;
    buf_add_text(&text, SETTINGS_DEFAULT_POLICY ":\n");
    while (slice_split(&rest, '\n', &line))
        buf_add_format(&text, "%s%.*s\n", line.len ? "  " : "", SLICE_FMT(line));
    const char *copy = arena_string(arena, buf_slice(&text));
    buf_release(&text);
    return copy;
}

struct settings_table settings_table_build(struct arena *arena)
{
    struct settings_table t = {0};
    struct option *rows = arena_alloc(arena, (TOP_ROWS + 3) * sizeof *rows);
    memcpy(rows, top_rows, sizeof top_rows);
    rows[TOP_ROWS] = build_filters_row(&t, aligned(sizeof(struct settings_raw)), arena);
    rows[TOP_ROWS + 1] = (struct option){.key = "policies",
                                         .type = OPTION_NODE,
                                         AT(settings_raw, policies),
                                         .fallback = default_policies(arena),
                                         .doc = "What is decided, by name: for each stage an ordered list of rules; the first one that "
                                                "decides wins."};
    t.rows = rows;
    return t;
}
