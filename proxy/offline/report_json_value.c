/* report_json_value: see report_json_value.h. */
#include "proxy/offline/report_json_value.h"

#include "base/buf.h"
#include "proxy/offline/report_dns.h"

/* Every byte that jansson may refuse, spelt out. */
static json_t *spelt_out(struct slice s)
{
    struct buf text = {0};
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x80)
            buf_add_byte(&text, s.ptr[i]);
        else
            buf_add_format(&text, "\\x%02x", c);
    }
    json_t *json = json_stringn(text.ptr, text.len);
    buf_release(&text);
    return json;
}

json_t *report_json_slice(struct slice s)
{
    json_t *json = json_stringn(s.len ? s.ptr : "", s.len);
    return json ? json : spelt_out(s);
}

json_t *report_json_text(const char *text)
{
    return text ? report_json_slice(slice_of(text)) : json_null();
}

json_t *report_json_if_any(struct slice s)
{
    return s.len ? report_json_slice(s) : json_null();
}

void report_json_set(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, report_json_slice(slice_of(text)));
}

json_t *report_json_answer(const struct dns_map_entry *e, struct arena *arena)
{
    json_t *object = json_object(), *records = json_array();
    json_object_set_new(object, "name", report_json_slice(e->name));
    report_json_set(object, "type", dns_type_name(e->type));
    json_object_set_new(object, "status", report_json_text(e->answer ? dns_status_name(e->answer->status) : NULL));
    json_object_set_new(object, "records", records);
    if (!e->answer)
        return object;
    if (e->answer->why)
        report_json_set(object, "why", e->answer->why);
    json_object_set_new(object, "ttl", json_integer(e->answer->ttl));
    json_object_set_new(object, "secure", json_boolean(e->answer->secure));
    for (size_t i = 0; i < e->answer->count; i++)
        json_array_append_new(records, report_json_slice(report_dns_record(e->type, &e->answer->records[i], arena)));
    return object;
}

/* DEL is the one control character that JSON and jansson let pass. */
static int add_clean(const char *bytes, size_t size, void *out)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == 127)
            buf_add_text(out, "\\u007f");
        else
            buf_add_byte(out, bytes[i]);
    return 0;
}

void report_json_print(const json_t *json, struct buf *out)
{
    json_dump_callback(json, add_clean, out, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
    buf_add_byte(out, '\n');
}
