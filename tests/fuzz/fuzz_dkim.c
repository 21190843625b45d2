/* fuzz_dkim: a hostile DKIM-Signature field and a hostile key record through engine strict and, beside it, libopendkim. Whatever they say,
 * what nobody signed never passes with either, what is reported is bounded, and names that are looked up are names.
 *
 * Input: fields separated by LF: the key's TXT records (a tab between two), then values of DKIM-Signature fields. A byte of 0x01
 * stands for a fold. */
#include "base/buf.h"
#include "filters/domain_name.h"
#include "tests/conformance/dkim/feed.h"
#include "tests/fuzz/fuzz.h"

#include <time.h>

enum { ENGINE_BOTH = 2, SIGNATURES_MAX = 10, RECORDS_MAX = 4, TEXT_MAX = 255 };

static const char message_rest[] = "From: a@one.example\r\nTo: b@two.example\r\nSubject: x\r\n\r\nA body  of\r\ntwo lines \r\n";

static void add_signature(struct verifier *v, struct slice value, struct arena *arena)
{
    struct buf raw = {0};
    buf_add_text(&raw, "DKIM-Signature:");
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == 1)
            buf_add_text(&raw, "\r\n ");
        else
            buf_add_byte(&raw, value.ptr[i]);
    feed_field(v, arena_copy(arena, buf_slice(&raw)));
    buf_release(&raw);
}

static void answer_all(struct dns_map *map, struct slice texts)
{
    struct dns_record records[RECORDS_MAX] = {{{0}, 0}};
    struct dns_answer answer = {.status = DNS_OK, .records = records};
    struct slice ignored;
    while (answer.count < RECORDS_MAX && slice_split(&texts, '\t', &records[answer.count].data))
        answer.count++;
    for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next) {
        struct arena *arena = arena_new();
        FUZZ_CHECK(domain_name_normalise(e->name, arena, &ignored));
        arena_free(&arena);
        dns_map_put(map, e->name, e->type, &answer);
    }
}

static void check_report(const struct verifier_report *report, size_t fields)
{
    FUZZ_CHECK(report->fields == fields && report->count <= SIGNATURES_MAX);
    FUZZ_CHECK(report->result != DKIM_IS_PASS);
    FUZZ_CHECK(report->compared && report->second != DKIM_IS_PASS);
    for (size_t i = 0; i < report->count; i++) {
        const struct dkim_signature *sig = &report->signatures[i];
        FUZZ_CHECK(sig->result != DKIM_IS_PASS && sig->result != DKIM_IS_NONE && sig->reason[0]);
        FUZZ_CHECK(sig->d.len <= TEXT_MAX && sig->s.len <= TEXT_MAX && sig->a.len <= TEXT_MAX && sig->b.len <= TEXT_MAX);
        FUZZ_CHECK(sig->domain.len <= TEXT_MAX && !sig->partial);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct verifier_options options = {.engine = ENGINE_BOTH, .max_signatures = SIGNATURES_MAX, .min_key_bits = 1024};
    struct arena *arena = arena_new();
    struct dns_view view = {.map = dns_map_new(arena, 40)};
    struct slice input = fuzz_slice(data, size), line, texts = SLICE("");
    struct verifier *v = verifier_new(arena, &options);
    size_t fields = 0;
    FUZZ_CHECK(v);
    slice_split(&input, '\n', &texts);
    for (; slice_split(&input, '\n', &line); fields++)
        add_signature(v, line, arena);
    struct slice body = feed_headers(v, slice_of(message_rest));
    verifier_end_headers(v, (uint64_t)time(NULL));
    verifier_look_up_keys(v, &view);
    answer_all(view.map, texts);
    feed_body(v, body, 7);
    check_report(verifier_finish(v, &view), fields);
    arena_free(&arena);
    return 0;
}
