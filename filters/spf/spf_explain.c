/* spf_explain: see spf_explain.h. The text and all that its macros bring in come from outside: what is not printable ASCII is
 * replaced by a question mark, so that it is one line wherever it is shown. */
#include "filters/spf/spf_explain.h"

#include "filters/spf/spf_macro.h"

static struct slice sanitise(struct slice text, struct arena *arena)
{
    char *copy = arena_string(arena, text);
    for (size_t i = 0; i < text.len; i++)
        if (copy[i] < ' ' || copy[i] > '~')
            copy[i] = '?';
    return slice_make(copy, text.len);
}

struct slice spf_explain(struct spf_run *run, struct slice spec, struct slice domain, struct arena *arena)
{
    struct slice name, text;
    if (spf_run_target(run, spec, domain, &name) != SPF_MATCH)
        return SLICE("");
    const struct dns_answer *answer = spf_run_ask(run, name, DNS_TYPE_TXT);
    if (!answer || answer->status != DNS_OK || answer->count != 1)
        return SLICE("");
    if (!spf_macro_explain(answer->records[0].data, run->query, domain, run->view, run->arena, &text))
        return SLICE("");
    return sanitise(text, arena);
}
