/* One step of a follower: which lanes have moved, whom that changed, and their rows into the index. */
#include <stdlib.h>

#include "base/log.h"
#include "registry/child.h"
#include "registry/follow_struct.h"

enum {
    STEP_CHANGES_MAX = 64,
    LANE_CHANGES_MAX = 32,
    CHILDREN_AT_A_TIME = 128,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
    ROOM_FIRST = 128,
};

struct moved_lane {
    struct id lane;
    uint64_t changes;
};

/* A step's own: nothing of it counts before its transaction has ended well. */
struct step {
    struct follow *follow;
    struct vector vector;
    struct moved_lane *lanes; /* of others */
    size_t lane_count;
    size_t lane_room;
    struct child_id *children;
    size_t child_count;
    size_t child_room;
    size_t changes;
    uint64_t broken;
    struct buffer clear;
    struct arena *arena;
    bool more;
};

static void step_close(struct step *step)
{
    vector_close(&step->vector);
    free(step->lanes);
    free(step->children);
    buffer_close(&step->clear);
    arena_close(step->arena);
}

static enum fault step_open(struct follow *follow, struct step *step)
{
    *step = (struct step){.follow = follow, .clear = buffer_open(2 * CHANGE_BYTES_MAX)};
    return arena_open(ARENA_BYTES_MAX, &step->arena);
}

static enum fault add_lane(struct step *step, const struct moved_lane *lane)
{
    if (step->lane_count == step->lane_room) {
        size_t room = step->lane_room == 0 ? ROOM_FIRST : 2 * step->lane_room;
        struct moved_lane *more = reallocarray(step->lanes, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        step->lanes = more;
        step->lane_room = room;
    }
    step->lanes[step->lane_count++] = *lane;
    return FAULT_NONE;
}

/* The lanes of all other servers; a server's own index has what it changes itself. */
static enum fault read_lanes(struct db_tx *tx, struct step *step)
{
    const struct id own = db_server_id(step->follow->db);
    struct value out[GIVES_lane_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    step->lane_count = 0;
    TRY(db_query(tx, SQL_lane_all, NULL, &rows));
    while (db_next(rows, out)) {
        struct moved_lane lane = {.changes = (uint64_t)out[GIVE_lane_all_changes].number};
        struct id server;
        if (!id_of_bytes(out[GIVE_lane_all_lane_id].bytes, &lane.lane) ||
            !id_of_bytes(out[GIVE_lane_all_server_id].bytes, &server)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
        if (!id_equal(server, own))
            TRY(add_lane(step, &lane));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault add_children(struct step *step, const struct child_id *children, size_t count)
{
    if (step->child_count + count > step->child_room) {
        size_t room = 2 * (step->child_count + count);
        struct child_id *more = reallocarray(step->children, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        step->children = more;
        step->child_room = room;
    }
    memcpy(step->children + step->child_count, children, count * sizeof *children);
    step->child_count += count;
    return FAULT_NONE;
}

static enum fault take_change(struct step *step, struct change_mark *at, const struct value *out)
{
    const struct child_id *children = NULL;
    size_t count = 0;
    enum fault fault;
    if ((uint64_t)out[GIVE_change_after_number].number != at->number + 1)
        return fault_note(FAULT_FENCED, "changes that this server lacks are forgotten already");
    at->number++;
    TRY(change_unseal(step->follow->house.changes, at, out[GIVE_change_after_sealed].bytes, &step->clear,
                      &children, &count));
    TRY(add_children(step, children, count));
    step->changes++;
done:
    return fault;
}

/* What one lane has changed since, from the first that is new. */
static enum fault read_changes(struct db_tx *tx, struct step *step, const struct moved_lane *lane)
{
    struct change_mark at = {lane->lane, vector_get(&step->vector, lane->lane)};
    const struct value in[] = {[BIND_change_after_lane_id] = value_id(at.lane),
                               [BIND_change_after_number] = value_int((int64_t)at.number),
                               [BIND_change_after_most] = value_int(LANE_CHANGES_MAX)};
    struct value out[GIVES_change_after];
    struct db_rows *rows = NULL;
    enum fault fault;
    uint64_t from = at.number;
    TRY(db_query(tx, SQL_change_after, in, &rows));
    while (db_next(rows, out))
        TRY(take_change(step, &at, out));
    if (at.number == from)
        fault = fault_note(FAULT_FENCED, "changes that this server lacks are forgotten already");
    step->more = step->more || at.number < lane->changes;
    if (fault == FAULT_NONE)
        fault = vector_set(&step->vector, &at);
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* Lanes that nobody lists any more have given everything to everybody. */
static void drop_gone(struct step *step)
{
    size_t kept = 0;
    for (size_t i = 0; i < step->vector.count; i++)
        for (size_t k = 0; k < step->lane_count; k++)
            if (id_equal(step->vector.at[i].lane, step->lanes[k].lane)) {
                step->vector.at[kept++] = step->vector.at[i];
                break;
            }
    step->vector.count = kept;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct child_id));
}

static void drop_repeats(struct step *step)
{
    size_t kept = 0;
    if (step->child_count > 0)
        qsort(step->children, step->child_count, sizeof *step->children, by_id);
    for (size_t i = 0; i < step->child_count; i++)
        if (kept == 0 || !id_equal(step->children[kept - 1].id, step->children[i].id))
            step->children[kept++] = step->children[i];
    step->child_count = kept;
}

/* A child whose bundle does not open is not found at all (case 71). */
static enum fault index_child(struct step *step, const struct child_read *read)
{
    struct match_index *index = step->follow->house.index;
    const struct child *child = read->child;
    if (child != NULL)
        return match_put(index, child->child, child->state, child->version, false, &child->person);
    match_remove(index, read->id);
    step->broken += read->fault != FAULT_ABSENT;
    return FAULT_NONE;
}

static enum fault index_children(struct db_tx *tx, struct step *step)
{
    struct child_read reads[CHILDREN_AT_A_TIME];
    enum fault fault = FAULT_NONE;
    step->broken = 0;
    for (size_t from = 0; from < step->child_count; from += CHILDREN_AT_A_TIME) {
        size_t left = step->child_count - from;
        size_t count = left < CHILDREN_AT_A_TIME ? left : CHILDREN_AT_A_TIME;
        for (size_t i = 0; i < count; i++)
            reads[i] = (struct child_read){.id = step->children[from + i]};
        arena_reset(step->arena);
        TRY(child_read_some(tx, vault_for_linkage(step->follow->house.changes->vault), reads, count,
                            step->arena));
        for (size_t i = 0; i < count; i++)
            TRY(index_child(step, &reads[i]));
    }
done:
    return fault;
}

/* On one snapshot, so that a change and the child's row that it speaks of are of one moment.  What is in the
 * index twice is there once: run again, it changes nothing. */
static enum fault run_step(struct db_tx *tx, void *context)
{
    struct step *step = context;
    enum fault fault;
    step->child_count = 0;
    step->changes = 0;
    step->more = false;
    (void)pthread_mutex_lock(&step->follow->lock);
    fault = vector_copy(&step->vector, &step->follow->vector);
    (void)pthread_mutex_unlock(&step->follow->lock);
    TRY(fault);
    TRY(read_lanes(tx, step));
    drop_gone(step);
    for (size_t i = 0; i < step->lane_count; i++) {
        const struct moved_lane *lane = &step->lanes[i];
        if (lane->changes <= vector_get(&step->vector, lane->lane))
            continue;
        if (step->changes < STEP_CHANGES_MAX)
            TRY(read_changes(tx, step, lane));
        else
            step->more = true;
    }
    drop_repeats(step);
    TRY(index_children(tx, step));
done:
    return fault;
}

/* The step has ended well: what it brought counts. */
static void keep_step(struct follow *follow, struct step *step)
{
    (void)pthread_mutex_lock(&follow->lock);
    struct vector old = follow->vector;
    follow->vector = step->vector;
    step->vector = old;
    follow->counts.polls++;
    follow->counts.changes += step->changes;
    follow->counts.children += step->child_count;
    follow->counts.broken += step->broken;
    (void)pthread_mutex_unlock(&follow->lock);
    if (step->broken > 0)
        log_event("follow.broken", LOG_INT("children", step->broken));
}

enum fault follow_step(struct follow *follow, bool *ret_more)
{
    struct step step;
    enum fault fault;
    TRY(step_open(follow, &step));
    TRY(db_read(follow->db, run_step, &step));
    keep_step(follow, &step);
    *ret_more = step.more;
done:
    step_close(&step);
    return fault;
}

enum fault follow_catch_up(struct follow *follow, int64_t until_us)
{
    bool more = true;
    enum fault fault = FAULT_NONE;
    while (fault == FAULT_NONE && more) {
        if (clock_monotonic_us() > until_us)
            return fault_note(FAULT_BUSY, "the index of this server is behind: try again in a moment");
        fault = follow_step(follow, &more);
    }
    return fault;
}

static enum fault read_first(struct db_tx *tx, void *context)
{
    struct step *step = context;
    enum fault fault;
    step->vector.count = 0;
    TRY(read_lanes(tx, step));
    for (size_t i = 0; i < step->lane_count; i++) {
        const struct change_mark mark = {step->lanes[i].lane, step->lanes[i].changes};
        if (mark.number > 0)
            TRY(vector_set(&step->vector, &mark));
    }
done:
    return fault;
}

enum fault follow_read_lanes(struct follow *follow)
{
    struct step step;
    enum fault fault;
    TRY(step_open(follow, &step));
    TRY(db_read(follow->db, read_first, &step));
    keep_step(follow, &step);
done:
    step_close(&step);
    return fault;
}

static enum fault run_again(struct db_tx *tx, void *context)
{
    return index_children(tx, context);
}

enum fault follow_read_again(struct follow *follow, const struct child_id *children, size_t count)
{
    struct step step;
    enum fault fault;
    TRY(step_open(follow, &step));
    TRY(add_children(&step, children, count));
    drop_repeats(&step);
    TRY(db_read(follow->db, run_again, &step));
done:
    step_close(&step);
    return fault;
}
