/* replay: run a pure evaluator over DNS answers again and again until it misses none.
 *
 * The mail libraries block on DNS; instead of giving them threads they are evaluated against a dns_map, and what they
 * missed is asked asynchronously before the next run. An evaluation costs microseconds. After 64 rounds there is one more, in which
 * whatever is still unknown is DNS_FAILURE. */
#ifndef BASE_REPLAY_H
#define BASE_REPLAY_H

#include "base/dns/dns_map.h"

struct replay;

/** Evaluates from the start. Look names up with dns_view_find; a run in which view->missed stays 0 is the last one.
 *  What it returns is ignored while something was missed, so it must reset its own result at the start. */
typedef void (*replay_eval_fn)(void *ctx, struct dns_view *view);
/** The last run is over. Never called from inside replay_start. */
typedef void (*replay_done_fn)(void *ctx);

/** Starts; the object lives in the arena and cancels itself when the arena is cleared. The first run happens inside this
 *  call, so that its queries are under way when it returns. Several replays may share a map: a name is asked once. */
struct replay *replay_start(struct arena *arena, struct dns *dns, struct dns_map *map, replay_eval_fn eval, replay_done_fn done, void *ctx);
bool replay_finished(const struct replay *replay);
/** Stops waiting: done will not be called. Harmless when finished. */
void replay_cancel(struct replay *replay);

#endif
