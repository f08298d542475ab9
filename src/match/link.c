#include <sodium.h>

#include "match/candidates.h"
#include "match/decide.h"

static bool index_is_empty(const struct match_index *index)
{
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (index->state_people[state] != 0)
            return false;
    }
    return true;
}

/* Children of whom people have decided that they are not meant. */
struct apart {
    const struct child_id *children;
    size_t count;
};

static bool is_apart(const struct apart *apart, struct child_id child)
{
    for (size_t i = 0; i < apart->count; i++)
        if (id_equal(apart->children[i].id, child.id))
            return true;
    return false;
}

static bool score_from(struct scorer *scorer, const struct gathered *gathered, size_t from,
                       const struct apart *apart, struct linked *linked)
{
    bool beyond_doubt = false;
    for (size_t i = from; i < gathered->count; i++) {
        struct score score;
        if (is_apart(apart, index_slot(scorer->index, gathered->slots[i])->child))
            continue;
        score_candidate(scorer, gathered->slots[i], &score);
        beyond_doubt = beyond_doubt || decide_is_beyond_doubt(scorer->model, &score);
        decide_consider(scorer->model, linked, index_slot(scorer->index, gathered->slots[i]), &score);
    }
    return beyond_doubt;
}

static void link_description(const struct match_index *index, const struct description *asked,
                             const struct apart *apart, struct match_outcome *ret_outcome)
{
    struct linker linker = {.index = index, .asked = asked};
    struct gathered gathered;
    struct scorer scorer;
    struct linked linked = {0};
    gather_open(&gathered);
    score_open(&scorer, index, asked);
    candidates_want_near(&linker);
    candidates_gather(&linker, 0, &gathered);
    size_t near_keys = linker.keys.count, near_slots = gathered.count;
    if (!score_from(&scorer, &gathered, 0, apart, &linked)) {
        candidates_want_rest(&linker);
        candidates_gather(&linker, near_keys, &gathered);
        (void)score_from(&scorer, &gathered, near_slots, apart, &linked);
    }
    /* In an empty index a name and a year are enough to know that there is nobody. */
    bool told = asked->name_count > 0 && asked->birth.year != 0;
    bool usable = linker.usable || (told && index_is_empty(index));
    decide_outcome(index->model, &linked, usable && !gathered.cut, ret_outcome);
}

enum fault match_link_apart(struct match_index *index, const struct person *person,
                            const struct child_id *apart, size_t count, struct match_outcome *ret_outcome)
{
    const struct apart others = {apart, count};
    struct description description;
    describe_person(person, index->key, &description);
    (void)pthread_rwlock_rdlock(&index->lock);
    link_description(index, &description, &others, ret_outcome);
    (void)pthread_rwlock_unlock(&index->lock);
    sodium_memzero(&description, sizeof(description));
    return FAULT_NONE;
}

enum fault match_link(struct match_index *index, const struct person *person,
                      struct match_outcome *ret_outcome)
{
    return match_link_apart(index, person, NULL, 0, ret_outcome);
}
