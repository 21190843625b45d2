/* state_local: the state of this machine alone, in LMDB (base/kv.h). Never waits. */
#ifndef FILTERS_STATE_STATE_LOCAL_H
#define FILTERS_STATE_STATE_LOCAL_H

#include "base/kv.h"
#include "filters/state/state.h"

/** Takes over kv. */
struct state *state_local_new(struct kv *kv);

#endif
