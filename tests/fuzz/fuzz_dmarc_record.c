/* fuzz_dmarc_record: any bytes as the TXT records of a domain and of the one above it, one per line, through the parser and both
 * engines. A record written anew means the same; no bytes in a record make a stranger's domain aligned. */
#include "filters/dmarc/dmarc_eval.h"
#include "tests/fuzz/fuzz.h"

enum { TEXTS_MAX = 8 };

static void check_record(struct slice text, struct arena *arena)
{
    struct dmarc_record record, again;
    if (!dmarc_record_parse(text, &record))
        return;
    FUZZ_CHECK(dmarc_record_parse(slice_of(dmarc_record_format(&record, arena)), &again));
    FUZZ_CHECK(again.p == record.p && again.sp == record.sp);
    FUZZ_CHECK(again.strict_dkim == record.strict_dkim && again.strict_spf == record.strict_spf);
}

/* Takes up to TEXTS_MAX lines off *input; an empty line ends them. */
static void put_texts(struct slice *input, const char *name, struct dns_map *map, struct arena *arena)
{
    struct dns_record texts[TEXTS_MAX];
    struct dns_answer answer = {.status = DNS_NODATA, .records = texts};
    struct slice line;
    while (answer.count < TEXTS_MAX && slice_split(input, '\n', &line) && line.len) {
        check_record(line, arena);
        texts[answer.count++] = (struct dns_record){.data = line};
        answer.status = DNS_OK;
    }
    dns_map_put(map, slice_of(name), DNS_TYPE_TXT, &answer);
}

static void check_verdict(const struct dmarc_verdict *v, bool aligned)
{
    FUZZ_CHECK((v->result == DMARC_IS_PASS) == (v->spf_aligned || v->dkim_aligned));
    FUZZ_CHECK(aligned || v->result != DMARC_IS_PASS);
    FUZZ_CHECK(v->result != DMARC_IS_FAIL || v->record_domain.len > 0);
    FUZZ_CHECK(!v->test || v->policy != DMARC_POLICY_IS_REJECT);
}

static void judge(const struct dmarc_engine *engine, const char *dkim, struct dns_map *map, struct arena *arena)
{
    struct slice domain = slice_of(dkim);
    struct dmarc_query query = {
        .from_domain = SLICE("a.example.com"), .spf_domain = SLICE(""), .spf_unknown = SLICE(""), .dkim_domains = &domain, .dkim_count = 1};
    struct dns_view view = {.map = map};
    struct dmarc_verdict verdict;
    engine->evaluate(&query, &view, arena, &verdict);
    FUZZ_CHECK(view.missed == 0);
    check_verdict(&verdict, slice_ends_nocase(domain, SLICE("example.com")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const signers[] = {"a.example.com", "example.com", "b.example.com", "attacker.com", "com"};
    static const struct dns_answer nothing = {.status = DNS_NXDOMAIN};
    struct slice input = fuzz_slice(data, size);
    struct arena *arena = arena_new();
    struct dns_map *map = dns_map_new(arena, 10);
    put_texts(&input, "_dmarc.a.example.com", map, arena);
    put_texts(&input, "_dmarc.example.com", map, arena);
    dns_map_put(map, SLICE("_dmarc.com"), DNS_TYPE_TXT, &nothing);
    dns_map_put(map, SLICE("_dmarc.b.example.com"), DNS_TYPE_TXT, &nothing);
    dns_map_put(map, SLICE("a.example.com"), DNS_TYPE_A, &nothing);
    for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++)
        for (int engine = 0; dmarc_engine_words[engine]; engine++)
            judge(dmarc_engine_at(engine), signers[i], map, arena);
    arena_free(&arena);
    return 0;
}
