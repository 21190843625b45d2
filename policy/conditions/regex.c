/* regex: the only file that knows PCRE2. See regex.h. */
#include "policy/conditions/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/** PCRE2 counts the steps of a match anew at every byte of the subject it tries to begin at, so the limit for each shrinks with the
 *  subject's length: all of them together stay near STEPS_TOTAL, which takes some 20 ms. A pattern that can begin at one place only
 *  has more to spend there. */
enum { STEPS_TOTAL = 2 * 1000 * 1000, STEPS_MIN = 500, STEPS_MAX = 100 * 1000, DEPTH_MAX = 10 * 1000, HEAP_KIB_MAX = 4096 };

struct regex_engine {
    pcre2_match_context *context;
    pcre2_match_data *match;
};

struct regex {
    struct regex_engine *engine;
    pcre2_code *code;
    struct slice pattern;
    bool one_start; /* it can match at the beginning of the subject only (or, if there are any, of its lines) */
};

static void engine_release(void *data)
{
    struct regex_engine *engine = data;
    pcre2_match_data_free(engine->match);
    pcre2_match_context_free(engine->context);
}

struct regex_engine *regex_engine_new(struct arena *arena)
{
    struct regex_engine *engine = arena_alloc(arena, sizeof *engine);
    arena_add_cleanup(arena, engine_release, engine);
    engine->context = pcre2_match_context_create(NULL);
    engine->match = pcre2_match_data_create(1, NULL);
    if (engine->context) {
        pcre2_set_depth_limit(engine->context, DEPTH_MAX);
        pcre2_set_heap_limit(engine->context, HEAP_KIB_MAX);
    }
    return engine;
}

static void regex_release(void *data)
{
    struct regex *regex = data;
    pcre2_code_free(regex->code);
}

static bool has_one_start(const pcre2_code *code)
{
    uint32_t options = 0, first = 0;
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
    pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &first);
    return (options & PCRE2_ANCHORED) || first == 2;
}

static void say(int code, char error[REGEX_ERROR_MAX])
{
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)error, REGEX_ERROR_MAX) == PCRE2_ERROR_BADDATA)
        error[0] = '\0';
}

const struct regex *regex_compile(struct regex_engine *engine, struct slice pattern, struct arena *arena, char error[REGEX_ERROR_MAX],
                                  size_t *offset)
{
    static const uint32_t options = PCRE2_CASELESS | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
    struct regex *regex = arena_alloc(arena, sizeof *regex);
    int code;
    *offset = 0;
    error[0] = '\0';
    regex->engine = engine;
    regex->pattern = pattern;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &code, offset, NULL);
    if (!regex->code) {
        say(code, error);
        return NULL;
    }
    arena_add_cleanup(arena, regex_release, regex);
    regex->one_start = has_one_start(regex->code);
    return regex;
}

static uint32_t steps_for(const struct regex *regex, size_t length)
{
    size_t steps = regex->one_start ? STEPS_MAX : STEPS_TOTAL / (length + 1);
    return (uint32_t)(steps < STEPS_MIN ? STEPS_MIN : steps > STEPS_MAX ? STEPS_MAX : steps);
}

enum regex_result regex_search(const struct regex *regex, struct slice subject)
{
    const struct regex_engine *engine = regex->engine;
    struct slice kept = slice_first(subject, REGEX_SUBJECT_MAX);
    if (!engine->context || !engine->match)
        return REGEX_GAVE_UP;
    pcre2_set_match_limit(engine->context, steps_for(regex, kept.len));
    int rc = pcre2_match(regex->code, (PCRE2_SPTR)(kept.len ? kept.ptr : ""), kept.len, 0, 0, engine->match, engine->context);
    if (rc >= 0)
        return REGEX_YES;
    return rc == PCRE2_ERROR_NOMATCH && kept.len == subject.len ? REGEX_NO : REGEX_GAVE_UP;
}

bool regex_equal(const struct regex *a, const struct regex *b)
{
    return slice_eq(a->pattern, b->pattern);
}
