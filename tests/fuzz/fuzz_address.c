/* fuzz_address: an accepted path is clean, bounded, and parses to itself when written again. */
#include "proxy/smtp/smtp_address.h"
#include "tests/fuzz/fuzz.h"

static void check_accepted(const struct mail_path *path, struct slice written, unsigned allowed, struct arena *arena)
{
    struct mail_path again;
    struct slice rest;
    FUZZ_CHECK(smtp_utf8_valid(written) && (path->utf8 || fuzz_is_printable(path->text)) && (allowed & SMTP_PATH_UTF8 || !path->utf8));
    FUZZ_CHECK(path->local.len <= SMTP_LOCAL_PART_MAX && path->domain.len <= SMTP_DOMAIN_MAX && written.len <= SMTP_PATH_MAX);
    FUZZ_CHECK(path->null == (path->text.len == 0));
    FUZZ_CHECK(path->domain.len == 0 || smtp_domain_valid(path->domain) || smtp_literal_valid(path->domain));
    FUZZ_CHECK(path->domain.len == 0 || path->utf8 || slice_ends_nocase(path->text, path->domain));
    FUZZ_CHECK(fuzz_is_printable(path->domain));
    struct slice text = slice_of(arena_format(arena, "<%.*s>", SLICE_FMT(path->text)));
    FUZZ_CHECK(!smtp_path_parse(text, allowed, arena, &again, &rest));
    FUZZ_CHECK(rest.len == 0 && slice_eq(again.text, path->text) && slice_eq(again.domain, path->domain));
    FUZZ_CHECK(slice_eq(again.local, path->local));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size), rest;
    unsigned allowed =
        fuzz_take_choice(&input, 2) ? SMTP_PATH_NULL | SMTP_PATH_POSTMASTER | SMTP_PATH_UTF8 : SMTP_PATH_NULL | SMTP_PATH_POSTMASTER;
    struct arena *arena = arena_new();
    struct mail_path path;
    const char *wrong = smtp_path_parse(input, allowed, arena, &path, &rest);
    if (wrong)
        FUZZ_CHECK(wrong[0] != '\0' && path.text.len == 0);
    else
        check_accepted(&path, slice_first(input, input.len - rest.len), allowed, arena);
    if (smtp_helo_valid(input, true))
        FUZZ_CHECK(smtp_helo_valid(input, false));
    if (smtp_helo_valid(input, false))
        FUZZ_CHECK(fuzz_is_printable(input) && slice_index(input, ' ') < 0 && input.len > 0);
    arena_free(&arena);
    return 0;
}
