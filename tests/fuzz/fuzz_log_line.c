/* fuzz_log_line: any bytes as a line of our log; what is understood can be written again and says the same, and facts can be read from
 * it. */
#include "base/buf.h"
#include "base/log_escape.h"
#include "proxy/logbook/logged_decision.h"
#include "proxy/logbook/shadow_tally.h"
#include "tests/fuzz/fuzz.h"

static const char config[] = "hostname: mx.example.org\n"
                             "listeners: [\"127.0.0.1:25\"]\n"
                             "backends: {main: 127.0.0.1:10025}\n"
                             "spool: {directory: /tmp}\n"
                             "state: {directory: null}\n";

static struct settings *load(void)
{
    static struct settings *settings;
    static struct arena *arena;
    struct conf_errors errors;
    if (!settings) {
        arena = arena_new();
        conf_errors_init(&errors, arena);
        settings = settings_load_text(slice_of(config), "fuzz.yaml", &errors);
        FUZZ_CHECK(settings);
    }
    return settings;
}

/* Written as logfmt it reads back pair by pair, unless a key is none that we would write. */
static void check_again(const struct log_line *line, struct arena *arena)
{
    struct buf text = {0};
    struct log_line again;
    buf_add_text(&text, "time=");
    log_escape(&text, log_line_get(line, "time"));
    for (size_t i = 0; i < line->count; i++) {
        if (slice_index(line->pairs[i].key, '"') >= 0 || slice_index(line->pairs[i].key, '=') >= 0 ||
            slice_index(line->pairs[i].key, ' ') >= 0 || line->pairs[i].key.len == 0 || line->count >= LOG_LINE_PAIRS) {
            buf_release(&text);
            return;
        }
        buf_add_byte(&text, ' ');
        buf_add(&text, line->pairs[i].key);
        buf_add_byte(&text, '=');
        log_escape(&text, line->pairs[i].value);
    }
    if (text.len <= LOG_LINE_MAX && !line->cut) {
        FUZZ_CHECK(log_line_parse(buf_slice(&text), arena, &again));
        FUZZ_CHECK(again.count == line->count + 1);
        for (size_t i = 0; i < line->count; i++)
            FUZZ_CHECK(slice_eq(again.pairs[i + 1].value, line->pairs[i].value));
    }
    buf_release(&text);
}

static void use(const struct log_line *line, struct arena *arena)
{
    struct logged_decision decision;
    struct shadow_tally tally;
    logged_decision_read(line, load(), arena, &decision);
    shadow_tally_init(&tally, arena, SLICE(""), 2);
    for (int i = 0; i < 3; i++)
        shadow_tally_add(&tally, line);
    shadow_tally_sort(&tally);
    shadow_tally_release(&tally);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct log_line line;
    if (log_line_parse(fuzz_slice(data, size), arena, &line)) {
        check_again(&line, arena);
        use(&line, arena);
    }
    arena_free(&arena);
    return 0;
}
