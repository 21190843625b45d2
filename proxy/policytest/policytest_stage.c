/* policytest_stage: see policytest_stage.h. */
#include "proxy/policytest/policytest_stage.h"

#include "proxy/offline/message_file.h"
#include "proxy/policytest/policytest_reader.h"

#include <errno.h>
#include <stdio.h>

enum { READ_SIZE = 65536, READ_BEYOND = 1024 * 1024 };

void policytest_stage_open(struct policytest_stage *stage)
{
    *stage = (struct policytest_stage){.arena = arena_new(), .base = event_base_new()};
}

/** What is played may hold queries, so it goes first; the zones do not live in its arena. */
void policytest_stage_close(struct policytest_stage *stage)
{
    arena_free(&stage->arena);
    for (struct policytest_zone *z = stage->zones; z; z = z->next)
        dns_free(&z->dns);
    event_base_free(stage->base);
}

static struct policytest_zone *find_zone(const struct policytest_stage *stage, const char *path)
{
    for (struct policytest_zone *z = stage->zones; z; z = z->next)
        if (z->path == path || (z->path && path && strcmp(z->path, path) == 0))
            return z;
    return NULL;
}

/** NULL, or why it cannot be used. Nothing is ever asked from a server: a test says the same everywhere. */
static const char *open_zone(struct policytest_stage *stage, const struct settings *settings, const char *path, struct arena *arena)
{
    struct dns_options options = settings_dns_options(&settings->dns);
    const char *error = NULL;
    if (find_zone(stage, path))
        return NULL;
    options.forward = NULL;
    options.forward_count = 0;
    options.trust_anchor = NULL;
    options.zone_file = path ? path : "/dev/null";
    struct dns *dns = dns_new(stage->base, &options, &error);
    if (!dns)
        return error;
    struct policytest_zone *zone = arena_alloc(arena, sizeof *zone);
    *zone = (struct policytest_zone){.path = path, .dns = dns, .next = stage->zones};
    stage->zones = zone;
    return NULL;
}

/** More than any message may have is not read. */
static bool read_file(const char *path, size_t most, struct buf *out)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    for (size_t n = 1; n > 0 && out->len < most; out->len += n)
        n = fread(buf_reserve(out, READ_SIZE), 1, READ_SIZE, file);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    errno = failed;
    return !failed;
}

/** A message of several lines stands in the test file itself. */
static bool read_message(const struct conf_node *node, const char *path, size_t most, struct buf *out)
{
    if (slice_index(node->text, '\n') < 0)
        return read_file(path, most, out);
    buf_add(out, node->text);
    return true;
}

static void prepare_message(struct policytest_case *c, const struct settings *settings, struct policytest_reader *r)
{
    struct buf file = {0}, wire = {0};
    struct message_file about;
    const char *path = policytest_reader_path(r, c->message);
    if (read_message(c->message, path, (size_t)settings->limits.message_size + READ_BEYOND, &file)) {
        message_file_send(buf_slice(&file), &wire, &about);
        c->script.wire = arena_copy(r->arena, buf_slice(&wire));
    } else {
        conf_error_at(r->errors, c->message, "%s: %s", path, strerror(errno));
    }
    buf_release(&file);
    buf_release(&wire);
}

void policytest_stage_prepare(struct policytest_stage *stage, const struct settings *settings, struct policytest_case *c,
                              struct arena *arena, struct conf_errors *errors)
{
    struct policytest_reader r = {.settings = settings, .arena = arena, .errors = errors};
    if (!c->plays)
        return;
    const char *wrong = open_zone(stage, settings, c->zone, arena);
    if (wrong)
        conf_error_at(errors, c->node, "zone: %s", wrong);
    if (c->message)
        prepare_message(c, settings, &r);
}

struct dns *policytest_stage_dns(const struct policytest_stage *stage, const struct policytest_case *c)
{
    const struct policytest_zone *zone = find_zone(stage, c->zone);
    return zone ? zone->dns : NULL;
}
