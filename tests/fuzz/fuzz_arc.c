/* fuzz_arc: any header section as an ARC chain. A chain without error is complete, and what it points to lies in its fields; the
 * verifier survives it whatever the keys, and never passes what nobody signed.
 *
 * Input: fields separated by LF; a byte of 0x01 inside a field stands for a fold. */
#include "base/buf.h"
#include "filters/arc/arc_claims.h"
#include "filters/arc/arc_set.h"
#include "filters/arc/arc_verifier.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(struct slice part, struct slice whole)
{
    FUZZ_CHECK(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_chain(const struct arc_chain *chain, const struct header_fields *fields)
{
    FUZZ_CHECK(chain->count <= ARC_SETS_MAX && (!chain->error || chain->count == 0));
    for (size_t i = 0; i < chain->count; i++) {
        const struct arc_set *set = &chain->sets[i];
        for (size_t kind = 0; kind < ARC_KINDS; kind++)
            FUZZ_CHECK(set->present[kind] && set->fields[kind] < fields->count);
        FUZZ_CHECK(set->cv == (i == 0 ? ARC_CV_NONE : ARC_CV_PASS));
        if (!set->seal.error) {
            check_inside(set->seal.b_extent, fields->fields[set->fields[ARC_SEAL]].value);
            FUZZ_CHECK(set->seal.domain.len && set->seal.key_name.len);
        }
        if (!set->message.signature.error)
            check_inside(set->message.signature.b_extent, fields->fields[set->fields[ARC_MESSAGE_SIGNATURE]].value);
    }
}

static bool split_field(struct slice line, struct arena *arena, struct mail_header *out)
{
    ptrdiff_t colon = slice_index(line, ':');
    if (colon < 1)
        return false;
    struct buf raw = {0};
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == 1)
            buf_add_text(&raw, "\r\n ");
        else
            buf_add_byte(&raw, line.ptr[i]);
    *out = (struct mail_header){.raw = arena_copy(arena, buf_slice(&raw))};
    buf_release(&raw);
    colon = slice_index(out->raw, ':');
    out->name = slice_trim(slice_first(out->raw, (size_t)colon));
    out->value = slice_skip(out->raw, (size_t)colon + 1);
    return out->name.len > 0 && out->name.ptr == out->raw.ptr;
}

static const struct dns_record record = {.data = {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", 67}};

static void answer_all(struct dns_map *map)
{
    static const struct dns_answer answer = {.status = DNS_OK, .count = 1, .records = &record};
    for (struct dns_map_entry *e = dns_map_entries(map); e; e = e->next)
        dns_map_put(map, e->name, e->type, &answer);
}

static void read_claims(struct slice value, struct arena *arena)
{
    struct arc_claims claims;
    arc_claims_read(value, SLICE("a.test"), arena, &claims);
    FUZZ_CHECK(!claims.dmarc || slice_index(value, '=') >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct arc_options options = {.max_sets = 10, .min_key_bits = 1024};
    struct arena *arena = arena_new();
    struct dns_map *map = dns_map_new(arena, 40);
    struct dns_view view = {.map = map};
    struct slice input = fuzz_slice(data, size), line;
    struct header_fields fields = {.arena = arena};
    struct arc_verifier *v = arc_verifier_new(arena, &options);
    struct arc_chain chain;
    while (slice_split(&input, '\n', &line)) {
        struct mail_header header;
        if (!split_field(line, arena, &header))
            continue;
        read_claims(header.value, arena);
        header_fields_add(&fields, &header);
        arc_verifier_add_header(v, &header);
    }
    arc_chain_read(&fields, ARC_SETS_MAX, &chain);
    check_chain(&chain, &fields);
    arc_verifier_end_headers(v);
    arc_verifier_look_up_keys(v, &view);
    answer_all(map);
    arc_verifier_add_body(v, fuzz_slice(data, size));
    FUZZ_CHECK(arc_verifier_finish(v, &view, 1750000000)->result != ARC_IS_PASS);
    arena_free(&arena);
    return 0;
}
