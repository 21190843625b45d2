/* engine_both: the verdict of engine strict, with that of libspf2 beside it. See spf_eval.h.
 *
 * The library is run only once strict has its verdict, so that what the library asks for costs strict nothing. */
#include "filters/spf/spf_eval.h"

static void evaluate(const struct spf_query *query, struct dns_view *view, struct arena *arena, struct spf_verdict *verdict)
{
    struct spf_verdict second;
    unsigned missed = view->missed;
    spf_engine_strict.evaluate(query, view, arena, verdict);
    if (view->missed != missed)
        return;
    spf_engine_libspf2.evaluate(query, view, arena, &second);
    verdict->compared = true;
    verdict->second = second.result;
}

const struct spf_engine spf_engine_both = {"both", evaluate, true};
