/* dmarc_engines: the table of DMARC engines and the words for what they find. See dmarc_eval.h. */
#include "filters/dmarc/dmarc_eval.h"

const char *const dmarc_engine_words[] = {"rfc9989", "libopendmarc", NULL};

static const struct dmarc_engine *const engines[] = {&dmarc_engine_rfc9989, &dmarc_engine_libopendmarc};

const struct dmarc_engine *dmarc_engine_at(int index)
{
    return engines[index];
}

const char *dmarc_result_word(enum dmarc_result result)
{
    static const char *const words[] = {"none", "pass", "fail", "temperror", "permerror"};
    return words[result];
}

const char *dmarc_tag_word(enum dmarc_tag tag)
{
    static const char *const words[] = {"p", "sp", "np"};
    return words[tag];
}
