/* Invented children from the census, as people of an index and as questions to it: some rows of every source
 * are people, the others ask. */
#ifndef TESTS_MATCH_CROWD_H
#define TESTS_MATCH_CROWD_H

#include "../../bench/quality_people.h"
#include "people.h"

struct crowd {
    struct people people;
    struct arena *arena; /* number texts of one person after another */
};

void crowd_open(struct crowd *crowd, uint32_t children, uint64_t seed);
void crowd_close(struct crowd *crowd);

/* Whether row number `row` is somebody in the index; otherwise it is a question. */
bool crowd_is_held(const struct crowd *crowd, size_t row);

/* Text stays borrowed until the next call on this crowd. */
struct person crowd_person(const struct crowd *crowd, size_t row, struct arena *arena);
enum record_state crowd_state(size_t row);

/* All that an outcome or an answer says. */
void crowd_assert_same_outcome(const struct match_outcome *a, const struct match_outcome *b);

#endif
