/* What the files of the follower share; nobody else includes it. */
#ifndef REGISTRY_FOLLOW_STRUCT_H
#define REGISTRY_FOLLOW_STRUCT_H

#include "registry/follow.h"
#include "registry/vector.h"

struct follow {
    struct follow_house house;
    struct db *db;
    struct epoch epoch;
    pthread_t thread;
    bool started;

    pthread_mutex_t telling; /* held while the server's row is written; before `lock` */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool reading;          /* somebody brings the index forward: one at a time, in order */
    struct vector vector;  /* what the index has */
    struct vector leaving; /* what is told once an epoch has passed */
    uint64_t leaving_epoch;
    bool is_leaving;
    struct vector told; /* what the server's row says */
    bool serving;       /* the row says something */
    bool closing;
    struct child_id *later; /* children to be read again */
    size_t later_count;
    size_t later_room;
    int64_t renewed_us; /* monotonic */
    int64_t steady_us;  /* since when renewing was never late */
    struct follow_counts counts;
};

/* Brings the index forward by one step, in the turn to read; *ret_more where there may be more to do. */
MUST_USE enum fault follow_step(struct follow *follow, bool *ret_more);

/* Steps, in the turn to read, until nothing is left that was committed when it was called; FAULT_BUSY past
 * that moment of the monotonic clock. */
MUST_USE enum fault follow_catch_up(struct follow *follow, int64_t until_us);

/* Reads children again, in the turn to read. */
MUST_USE enum fault follow_read_again(struct follow *follow, const struct child_id *children, size_t count);

/* What the lanes of all others have come to, as the first vector. */
MUST_USE enum fault follow_read_lanes(struct follow *follow);

/* Writes the server's row; FAULT_FENCED where it has been ended. */
MUST_USE enum fault follow_tell(struct follow *follow);

#endif
