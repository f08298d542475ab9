/* What the registry stands on: a key file, a database and an index in a folder of their own, and feeds made
 * by hand. */
#ifndef TESTS_REGISTRY_GROUND_H
#define TESTS_REGISTRY_GROUND_H

#include "expect.h"
#include "feeding.h"
#include "registry/child.h"

struct ground {
    char folder[64];
    char db_path[96];
    struct vault *vault;
    struct db *db;
    struct match_index *index;
    struct arena *arena;
    int64_t now_us;
    int64_t finished; /* batches that opening has finished or undone */
    int64_t undone;
};

int ground_set_up(void **state);
int ground_tear_down(void **state);
#define WITH_GROUND(test) cmocka_unit_test_setup_teardown(test, ground_set_up, ground_tear_down)

/* Closes and opens all, as a process would that died and starts again: rebuilds the index, recovers. */
void ground_reopen(struct ground *ground);

struct clock ground_clock(struct ground *ground);
struct intake_house ground_intake(struct ground *ground);

/* Rows. */
struct row ground_child(const char *record, const char *family, const char *given, const char *birth);
struct row ground_involvement(const char *record, const char *involvement);

/* Rhys, as one source knows him; Reece, who is the same child under another name, from another source; Carys,
 * who is neither. */
struct row ground_rhys(void);
struct row ground_reece(void);
struct row ground_carys(void);

struct batch_header ground_header(struct ground *ground, const struct feed *feed);
enum fault ground_feed_to(struct ground *ground, const struct feed *feed, enum feed_end end,
                          struct batch_counts *ret_counts);
enum fault ground_feed(struct ground *ground, const struct feed *feed, struct batch_counts *ret_counts);
void ground_assert_counts(struct batch_counts counts, int64_t created, int64_t updated, int64_t unchanged);

/* Past the program: one number; how many rows a change meets, with the child's id where `sql` has $1. */
int64_t ground_count(struct ground *ground, const char *sql);
int64_t ground_children(struct ground *ground);
int64_t ground_past(struct ground *ground, const char *sql, const struct child_id *child);

/* The only child there is, or the one of that name, read whole. */
struct child_id ground_only_child(struct ground *ground);
struct child *ground_read(struct ground *ground, struct child_id child);

/* What may be decided on whom: a permit of an officer, who holds a security key. */
struct permit_case_decide ground_may_decide(enum role role);
struct permit_child_merge ground_may_merge(enum role role);
struct permit_child_split ground_may_split(enum role role);

/* A practitioner records what they do for a child, under that claim; and ends it, under whichever record it
 * stands now. */
void ground_record_involvement(struct ground *ground, struct child_id child, struct claim_id claim);
void ground_end_involvement(struct ground *ground, struct child_id child, struct claim_id claim);

/* The index learns of children anew, as a follower does after a commit. */
void ground_refresh(struct ground *ground, const struct child_id *children, size_t count);

/* The child of that name, whose record nobody has taken in. */
struct child_id ground_named(struct ground *ground, const char *family, const char *given);

/* The only one whom a number finds, in everybody's sight. */
struct child_id ground_find_number(struct ground *ground, enum number_scheme scheme, struct str number);

void ground_assert_child(struct child_id one, struct child_id other);

/* Changes a record's state and shield in the store, and starts anew so that the index knows. */
void ground_set_state(struct ground *ground, struct child_id child, int state, int shield);

#endif
