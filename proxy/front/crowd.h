/* crowd: how many sessions are open, and how fast they come, of an address, a network, or all: over all workers of a generation.
 *
 * Each worker has a table of its own in shared memory, made before the fork, which only it writes: plain stores, no locks. Sessions are the
 * sum over all tables; a rate's stamp (gcra.h) only grows, so the latest one of all tables is the common one. Workers that ask in the very
 * same moment may each find the last place free.
 *
 * Memory is fixed. A place is found by a keyed hash; a row of places that is full gives up the entry that has no sessions and whose stamp
 * is the oldest. If all of a row have sessions, which needs far more than a worker takes, the newcomer is not counted. */
#ifndef PROXY_CROWD_H
#define PROXY_CROWD_H

#include "base/net_addr.h"

enum crowd_kind { CROWD_ALL, CROWD_ADDRESS, CROWD_NETWORK };

/** Whom of one listener is spoken of. */
struct crowd_key {
    uint64_t word[3];
};

struct crowd_count {
    uint64_t sessions;
    int64_t stamp_us; /* 0: none is remembered */
};

struct crowd;

/** Tables for so many workers of at most so many sessions each. Never NULL. */
struct crowd *crowd_new(size_t workers, size_t sessions);
void crowd_free(struct crowd **crowd);
/** The worker has ended, or is to begin: its sessions are gone. */
void crowd_clear(struct crowd *crowd, size_t worker);

/** bits: how much of the address counts; 0: everybody. */
struct crowd_key crowd_key_make(size_t listener, enum crowd_kind kind, const struct net_addr *address, unsigned bits);
struct crowd_count crowd_look(const struct crowd *crowd, const struct crowd_key *key);
/** One session more in a worker's table; a stamp that is older than the one there changes nothing. False: there is no place to count it. */
bool crowd_enter(struct crowd *crowd, size_t worker, const struct crowd_key *key, int64_t stamp_us);
/** A session that was counted has ended. */
void crowd_leave(struct crowd *crowd, size_t worker, const struct crowd_key *key);
/** Bytes of one worker's table: fixed, whoever comes. */
size_t crowd_table_size(const struct crowd *crowd);

#endif
