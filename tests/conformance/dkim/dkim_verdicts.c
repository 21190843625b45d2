/* dkim_verdicts: verifies many messages in one process, for differential.py.
 *
 *   dkim_verdicts ENGINE < book
 *
 * The book: for each case a line "case NAME KEYS BYTES", KEYS lines of key name, tab and TXT ("!": a DNS failure; a name may come
 * again), then BYTES bytes of message. For each case a line with tabs: NAME, number of DKIM-Signature fields, overall result and
 * reason; then for each signature that could be read: result, reason, whole or partial, and b= as far as it is reported. */
#include "tests/conformance/dkim/feed.h"
#include "tests/unit/filters/dns_fixture.h"

#include <time.h>

enum { KEYS_MAX = 32, PIECE = 61 };

struct book {
    struct arena *arena;
    char *line;
    size_t size;
};

static void give_up(const char *why)
{
    fprintf(stderr, "dkim_verdicts: %s\n", why);
    exit(EXIT_FAILURE);
}

static void read_keys(struct book *book, size_t count, struct zone_line *zone)
{
    for (size_t i = 0; i < count; i++) {
        ssize_t len = getline(&book->line, &book->size, stdin);
        if (len < 1)
            give_up("the book ends among keys");
        char *text = arena_string(book->arena, slice_make(book->line, (size_t)len - 1)), *tab = strchr(text, '\t');
        if (!tab)
            give_up("a key without a tab");
        *tab = '\0';
        zone[i] = (struct zone_line){text, DNS_TYPE_TXT, tab + 1};
    }
}

static struct slice read_message(struct book *book, size_t size)
{
    char *text = arena_alloc(book->arena, size + 1);
    if (fread(text, 1, size, stdin) != size)
        give_up("the book ends inside a message");
    return slice_make(text, size);
}

static void look_up(void *v, struct dns_view *view)
{
    verifier_look_up_keys(v, view);
}

static const struct verifier_report *verify(struct book *book, int engine, const struct zone_line *zone, struct slice message)
{
    const struct verifier_options options = {.engine = engine, .max_signatures = 10, .min_key_bits = 1024};
    struct dns_view view = {.map = dns_map_new(book->arena, 100)};
    struct verifier *v = verifier_new(book->arena, &options);
    if (!v)
        give_up("no verifier");
    struct slice body = feed_headers(v, message);
    verifier_end_headers(v, (uint64_t)time(NULL));
    feed_body(v, body, PIECE);
    zone_replay(view.map, zone, book->arena, look_up, v);
    return verifier_finish(v, &view);
}

static void print_report(const char *name, const struct verifier_report *report)
{
    printf("%s\t%zu\t%s\t%s", name, report->fields, dkim_result_word(report->result), report->reason);
    for (size_t i = 0; i < report->count; i++) {
        const struct dkim_signature *sig = &report->signatures[i];
        printf("\t%s\t%s\t%s\t", dkim_result_word(sig->result), sig->reason, sig->partial ? "partial" : "whole");
        for (size_t c = 0; c < sig->b.len; c++)
            putchar(ascii_is_alnum(sig->b.ptr[c]) || strchr("+/=", sig->b.ptr[c]) ? sig->b.ptr[c] : '?');
    }
    putchar('\n');
}

static int engine_of(const char *word)
{
    int engine = 0;
    while (dkim_engine_words[engine] && strcmp(dkim_engine_words[engine], word) != 0)
        engine++;
    if (!dkim_engine_words[engine])
        give_up("no such engine");
    return engine;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        give_up("which engine?");
    int engine = engine_of(argv[1]);
    struct book book = {.arena = arena_new()};
    char name[32];
    size_t keys, bytes;
    while (getline(&book.line, &book.size, stdin) > 0) {
        struct zone_line zone[KEYS_MAX + 1] = {{0}};
        if (sscanf(book.line, "case %31s %zu %zu", name, &keys, &bytes) != 3 || keys > KEYS_MAX)
            give_up("no case where one is due");
        read_keys(&book, keys, zone);
        print_report(name, verify(&book, engine, zone, read_message(&book, bytes)));
        arena_clear(book.arena);
    }
    arena_free(&book.arena);
    free(book.line);
    return EXIT_SUCCESS;
}
