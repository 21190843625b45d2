/* arc_fixture: messages of data/, written by make-fixtures, their keys, and verification of a whole message. */
#ifndef TESTS_UNIT_FILTERS_ARC_FIXTURE_H
#define TESTS_UNIT_FILTERS_ARC_FIXTURE_H

#include "filters/arc/arc_verifier.h"
#include "tests/unit/filters/dns_fixture.h"
#include "tests/unit/unit.h"

#define DATA SOURCE_DIR "/tests/unit/filters/arc/data/"

enum { NOW = 1750000100, PIECE = 7 };

static struct arena *arena;
static struct zone_line zone[32];
static struct arc_options options;
static uint64_t now;

static inline char *read_file(const char *name)
{
    FILE *f = fopen(arena_format(arena, DATA "%s", name), "rb");
    ck_assert_msg(f != NULL, "%s", name);
    char *text = arena_alloc(arena, 100000);
    ck_assert_uint_gt(fread(text, 1, 99999, f), 0);
    fclose(f);
    return text;
}

static inline void setup(void)
{
    arena = arena_new();
    options = (struct arc_options){.max_sets = 10, .min_key_bits = 1024};
    now = NOW;
    memset(zone, 0, sizeof zone);
    char *text = read_file("keys.txt");
    for (size_t i = 0; *text; i++) {
        zone[i] = (struct zone_line){text, DNS_TYPE_TXT, strchr(text, '\t') + 1};
        *strchr(text, '\t') = '\0';
        text += strlen(text) + 1;
        text += strcspn(text, "\n");
        *text++ = '\0';
    }
}

static inline void teardown(void)
{
    arena_free(&arena);
}

static inline struct zone_line *key_at(const char *selector, const char *domain)
{
    struct zone_line *line = zone;
    while (strcmp(line->name, arena_format(arena, "%s._domainkey.%s", selector, domain)) != 0)
        line++;
    return line;
}

static inline struct zone_line *key_of(const char *domain)
{
    return key_at("arc", domain);
}

static inline void look_up(void *ctx, struct dns_view *view)
{
    arc_verifier_look_up_keys(ctx, view);
}

/* A line without colon is left out. */
static inline void feed_field(struct arc_verifier *v, struct slice raw)
{
    ptrdiff_t colon = slice_index(raw, ':');
    if (colon < 1)
        return;
    struct mail_header header = {.raw = raw};
    header.name = slice_trim(slice_first(raw, (size_t)colon));
    header.value = slice_skip(raw, (size_t)colon + 1);
    arc_verifier_add_header(v, &header);
}

/* Feeds the fields and returns the body. */
static inline struct slice feed_headers(struct arc_verifier *v, struct slice message)
{
    while (message.len && !slice_starts(message, SLICE("\r\n"))) {
        size_t len = 0;
        for (; len < message.len; len++) {
            struct slice rest = slice_skip(message, len);
            if (slice_starts(rest, SLICE("\r\n")) && !(rest.len > 2 && (rest.ptr[2] == ' ' || rest.ptr[2] == '\t')))
                break;
        }
        feed_field(v, slice_first(message, len));
        message = slice_skip(message, len + 2);
    }
    return slice_skip(message, 2);
}

/* Feeds the body in small pieces. Everything lives in the given arena. */
static inline const struct arc_report *verify_bytes(struct slice message, struct arena *a)
{
    struct dns_map *map = dns_map_new(a, 100);
    struct arc_verifier *v = arc_verifier_new(a, &options);
    struct slice body = feed_headers(v, message);
    arc_verifier_end_headers(v);
    for (; body.len; body = slice_skip(body, PIECE))
        arc_verifier_add_body(v, slice_first(body, PIECE));
    zone_replay(map, zone, a, look_up, v);
    struct dns_view view = {.map = map};
    return arc_verifier_finish(v, &view, now);
}

static inline const struct arc_report *verify(const char *message)
{
    return verify_bytes(slice_of(message), arena);
}

/* The message with the first `from` replaced. */
static inline char *altered(const char *message, const char *from, const char *to)
{
    const char *at = strstr(message, from);
    ck_assert_msg(at != NULL, "%s", from);
    return arena_format(arena, "%.*s%s%s", (int)(at - message), message, to, at + strlen(from));
}

#endif
