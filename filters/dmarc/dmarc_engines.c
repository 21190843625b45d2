/* dmarc_engines: the table of DMARC engines and the words for results. See dmarc_eval.h. */
#include "filters/dmarc/dmarc_eval.h"

const char *const dmarc_engine_words[] = {"libopendmarc", NULL};

static const struct dmarc_engine *const engines[] = {&dmarc_engine_libopendmarc};

const struct dmarc_engine *dmarc_engine_at(int index)
{
    return engines[index];
}

const char *dmarc_result_word(enum dmarc_result result)
{
    static const char *const words[] = {"none", "pass", "fail", "temperror", "permerror"};
    return words[result];
}
