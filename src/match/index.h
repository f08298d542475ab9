/* Inside the index: one record per slot, its evidence in words of the pool, its blocking keys in the
 * postings.
 *
 * Readers enter (index_enter) and look at people whom their moment sees; one writer at a time puts people
 * into slots that no moment sees, hides those whom they replace, and empties these once nobody can see them.
 */
#ifndef MATCH_INDEX_H
#define MATCH_INDEX_H

#include "match/block.h"
#include "match/describe.h"
#include "match/intern.h"
#include "match/match.h"
#include "match/model.h"
#include "match/moment.h"
#include "match/pairs.h"
#include "match/postings.h"
#include "match/rcu.h"
#include "match/sketch.h"

/* What is looked at of every candidate, hence small; the child's id stands with the evidence. */
struct slot {
    uint32_t words; /* evidence, in the pool; 0: nobody is here */
    uint32_t version : 28;
    uint32_t state : 3; /* enum record_state */
    uint32_t pending : 1;
    uint32_t family : 28; /* of the first name, in the vocabulary; 0: none */
    uint32_t others : 4;  /* OTHERS_ bits */
    uint32_t given : 28;
    uint32_t : 4;
    struct sketch sketch;
};

/* What the other names have of the first: one has another family name alone, one another given name alone,
 * one is another in both or lacks a part.  And whether any name has middle names. */
enum { OTHERS_FAMILY = 1, OTHERS_GIVEN = 2, OTHERS_APART = 4, OTHERS_MIDDLE = 8 };

_Static_assert(sizeof(struct slot) == 32, "a slot lies on one line of the cache");

enum { SLOT_VERSION_MAX = (1 << 28) - 1 };
_Static_assert(RECORD_STATES < 8, "a state takes three bits");

/* Most people put or removed in one go. */
enum { INDEX_BATCH_MAX = 32, INDEX_RESERVE = 64 };

_Static_assert(INDEX_BATCH_MAX + INDEX_RESERVE <= MOMENT_UNSEEN_MAX, "all can be hidden");

struct match_index {
    struct rcu rcu;
    struct moment moments[2]; /* by the sides of rcu */
    uint8_t key[16];
    const struct match_model *model;
    const struct model_file
        *trained; /* where `model` stands, with how common names are; NULL: the shipped one */
    struct pool pool;
    struct vocabulary vocabulary;
    struct postings *postings;
    struct pairs *pairs; /* of linkage's comparisons */
    struct region slots; /* of struct slot; slot 0 is unused */

    /* The writer's alone, as readers have their moment. */
    struct table ids; /* slots by child id */
    uint32_t slot_next;
    uint32_t slot_free;              /* chained through `version` */
    uint32_t reserve[INDEX_RESERVE]; /* free ones that no moment sees: the next to be taken */
    uint32_t reserve_count;
    uint32_t gone[INDEX_BATCH_MAX]; /* replaced or removed since the last turn */
    uint32_t gone_count;
    uint64_t people;
    uint64_t pending;
    uint32_t state_people[RECORD_STATES + 1]; /* pending people under 0 */
};

/* From entering to leaving, whatever is read stays as it is.  Whoever has entered writes nothing. */
const struct moment *index_enter(struct match_index *index);
void index_leave(struct match_index *index, const struct moment *moment);

/* From one to the other, at most INDEX_BATCH_MAX people are put or removed.  Those who enter from then on see
 * all of it, and once index_write_end is back what was replaced is found by nobody; the next write wipes it,
 * of which index_settle is one. */
void index_write(struct match_index *index);
void index_write_end(struct match_index *index);
void index_settle(struct match_index *index);

static inline const struct slot *index_slot(const struct match_index *index, uint32_t slot)
{
    return (const struct slot *)(const void *)index->slots.at + slot;
}

static inline struct child_id index_child(const struct match_index *index, uint32_t slot)
{
    struct child_id child;
    memcpy(&child, match_pool_at(&index->pool, index_slot(index, slot)->words), sizeof(child));
    return child;
}

/* Fetches a slot into the cache; once that has come, its evidence. */
static inline void index_fetch_slot(const struct match_index *index, uint32_t slot)
{
    cache_fetch(index_slot(index, slot));
}

static inline void index_fetch_evidence(const struct match_index *index, uint32_t slot)
{
    const uint32_t *words = match_pool_at(&index->pool, index_slot(index, slot)->words);
    cache_fetch(words);
    cache_fetch(words + 16);
    cache_fetch(words + 32);
}

/* What a slot's names are visible by, for the vocabulary's counts. */
static inline uint32_t index_use_class(const struct slot *slot, enum name_kind kind)
{
    const unsigned state = slot->pending ? 0 : slot->state;
    return block_veil(state, block_name_needs(state, kind));
}

/* A slot for somebody, without evidence and sketch. */
struct slot index_slot_of(enum record_state state, uint32_t version, bool pending);

/* The description that a slot's keys were made from. */
void index_recall(const struct match_index *index, uint32_t slot, struct description *ret_description);

/* Of a child's id, keyed. */
uint64_t index_hash(const struct match_index *index, struct child_id child);

/* The slot of a child, pending ones too; 0 where the moment sees none. */
uint32_t index_find(const struct match_index *index, const struct moment *moment, struct child_id child);

/* Puts a person made ready, as match_put says; between index_write and its end. */
struct ready;
MUST_USE enum fault index_put(struct match_index *index, struct ready *ready);

/* The evidence of a slot, as stored: names are ids of the vocabulary.
 *
 *   words 0-3  the child's id
 *   word 4     counts: names 4 bits, places 4, of which present 4, numbers 5, carers 4, phones 4
 *   names      of the first other | kind << 28, as the slot has the rest; then family | kind << 28, given,
 * other places     postcode, authority, line numbers    the scheme and 28 bits of each, then 16 bits more of
 * two in a word carers     family, given phones     one word each */
enum { EVIDENCE_COUNTS = 4, EVIDENCE_NAMES };

struct evidence_view {
    const struct slot *slot;
    const uint32_t *names;
    const uint32_t *places;
    const uint32_t *numbers;
    const uint32_t *carers;
    const uint32_t *phones;
    struct day birth;
    enum sex sex;
    uint8_t name_count;
    uint8_t place_count;
    uint8_t present_count;
    uint8_t number_count;
    uint8_t carer_count;
    uint8_t phone_count;
};

struct evidence_view index_view(const struct match_index *index, uint32_t slot);

static inline enum name_kind view_name_kind(const struct evidence_view *view, size_t name)
{
    return (enum name_kind)(view->names[name == 0 ? 0 : name * 3 - 2] >> 28);
}

static inline uint32_t view_family(const struct evidence_view *view, size_t name)
{
    return name == 0 ? view->slot->family : view->names[name * 3 - 2] & INTERN_ID_MAX;
}

static inline uint32_t view_given(const struct evidence_view *view, size_t name)
{
    return name == 0 ? view->slot->given : view->names[name * 3 - 1];
}

static inline uint32_t view_other(const struct evidence_view *view, size_t name)
{
    return view->names[name * 3] & INTERN_ID_MAX;
}

static inline uint64_t view_number(const struct evidence_view *view, size_t number)
{
    uint32_t halves = view->numbers[view->number_count + number / 2];
    return (uint64_t)view->numbers[number] << 32 | (halves >> number % 2 * 16 & 0xFFFF) << 16;
}

#endif
