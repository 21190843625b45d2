/* limit_print: see limit_print.h. Knows jansson, as the reports do. */
#include "proxy/limits/limit_print.h"

#include "base/log_escape.h"
#include "proxy/offline/report_json_value.h"

#include <inttypes.h>

enum { VALUE_ROOM = 400 };

static const char *what_is_counted(const struct rate_limit *limit)
{
    static const char *const words[RATE_UNIT_COUNT] = {"recipients", "messages",           "bytes",        "connections",
                                                       "sessions",   "refused recipients", "failed logins"};
    return words[limit->unit];
}

static void print_key(const struct rate_limit *limit, const struct limit_entry *entry, FILE *out)
{
    struct buf text = {0};
    for (size_t i = 0; i < limit->part_count; i++) {
        buf_add_text(&text, i > 0 ? " " : "");
        log_escape_value(&text, LOG_FORMAT_LOGFMT, entry->values[i], VALUE_ROOM);
    }
    fprintf(out, "%.*s\n", SLICE_FMT(buf_slice(&text)));
    buf_release(&text);
}

static int64_t seconds(int64_t us)
{
    return (us + 999999) / 1000000;
}

static void print_retry(const struct limit_entry *entry, FILE *out)
{
    if (!entry->over)
        fputs("room now", out);
    else if (entry->retry_us > 0)
        fprintf(out, "over, room in %" PRId64 "s", seconds(entry->retry_us));
    else
        fputs("over, room when one ends", out);
}

void limit_print(const struct rate_limit *limit, const struct limit_entry *entry, FILE *out)
{
    fprintf(out, "%s ", limit->name);
    print_key(limit, entry, out);
    if (entry->unlimited) {
        fputs("  unlimited: an override says so\n", out);
        return;
    }
    fprintf(out, "  used       %" PRId64 " of %" PRId64 " %s\n", entry->used, entry->most, what_is_counted(limit));
    fprintf(out, "  remaining  %" PRId64 "\n  state      ", entry->used < entry->most ? entry->most - entry->used : 0);
    print_retry(entry, out);
    fputc('\n', out);
}

void limit_print_table(const struct rate_limit *limit, const struct limit_entry *entries, size_t count, FILE *out)
{
    fprintf(out, "%12s %12s %8s  %s, BY", "USED", "OF", "RETRY", what_is_counted(limit));
    for (size_t i = 0; i < limit->part_count; i++)
        fprintf(out, " %s", limit->parts[i].name);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        char retry[24] = "-";
        if (entries[i].over && entries[i].retry_us > 0)
            snprintf(retry, sizeof retry, "%" PRId64 "s", seconds(entries[i].retry_us));
        fprintf(out, "%12" PRId64 " %12" PRId64 " %8s  ", entries[i].used, entries[i].most,
                entries[i].over && !entries[i].retry_us ? "over" : retry);
        print_key(limit, &entries[i], out);
    }
    if (count == 0)
        fputs("nothing is counted at present\n", out);
}

static json_t *entry_json(const struct rate_limit *limit, const struct limit_entry *entry)
{
    json_t *key = json_object(), *o = json_object();
    for (size_t i = 0; i < limit->part_count; i++)
        json_object_set_new(key, limit->parts[i].name, report_json_slice(entry->values[i]));
    json_object_set_new(o, "limit", json_string(limit->name));
    json_object_set_new(o, "key", key);
    json_object_set_new(o, "unlimited", json_boolean(entry->unlimited));
    if (entry->unlimited)
        return o;
    json_object_set_new(o, "used", json_integer(entry->used));
    json_object_set_new(o, "most", json_integer(entry->most));
    json_object_set_new(o, "remaining", json_integer(entry->used < entry->most ? entry->most - entry->used : 0));
    json_object_set_new(o, "over", json_boolean(entry->over));
    json_object_set_new(o, "retry_after", entry->over && entry->retry_us ? json_integer(seconds(entry->retry_us)) : json_null());
    return o;
}

static void print_json(json_t *value, FILE *out)
{
    json_dumpf(value, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(value);
}

void limit_print_json(const struct rate_limit *limit, const struct limit_entry *entry, FILE *out)
{
    print_json(entry_json(limit, entry), out);
}

void limit_print_table_json(const struct rate_limit *limit, const struct limit_entry *entries, size_t count, FILE *out)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, entry_json(limit, &entries[i]));
    print_json(list, out);
}
