/* spf_engines: the table of SPF engines and the words for results. See spf_eval.h. */
#include "filters/spf/spf_eval.h"

const char *const spf_engine_words[] = {"strict", "libspf2", "both", NULL};

static const struct spf_engine *const engines[] = {&spf_engine_strict, &spf_engine_libspf2, &spf_engine_both};

const struct spf_engine *spf_engine_at(int index)
{
    return engines[index];
}

const char *spf_result_word(enum spf_result result)
{
    static const char *const words[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
    return words[result];
}
