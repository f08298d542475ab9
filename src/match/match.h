/* Linkage and search over people in memory: which child is this, and who might be meant.
 *
 * One index; it holds people under stable child ids, knows no SQL and never learns who is asking.  A search
 * brings the mask of visible field groups per record state: what is hidden is as if never held (R5.5).
 * Linking uses everything.
 *
 * Threads: any number of readers (search, link); writers (put, remove) exclude one another and are short. */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include "match/person.h"

struct match_index;
struct model_file;

enum { MATCH_RESULTS_MAX = 10, MATCH_LIMIT_MAX = 20, MATCH_CANDIDATES_MAX = 5, MATCH_EVIDENCE_MAX = 12 };

/* What the evidence is about; also why a search found somebody. */
enum evidence {
    EVIDENCE_NAME = 1,
    EVIDENCE_KNOWN_AS,
    EVIDENCE_FORMER_NAME,
    EVIDENCE_BIRTH,
    EVIDENCE_SEX,
    EVIDENCE_POSTCODE,
    EVIDENCE_FORMER_POSTCODE,
    EVIDENCE_AUTHORITY,
    EVIDENCE_ADDRESS,
    EVIDENCE_CARER,
    EVIDENCE_PHONE,
    EVIDENCE_NUMBER,
    EVIDENCE_END
};

/* How well it agreed, best first; one value of `weight` is 1/1024 bit of log2(m/u). */
enum agreement { AGREE_EXACT = 1, AGREE_CLOSE, AGREE_PARTLY, AGREE_MISSING, AGREE_NOT };

struct match_reason {
    enum evidence evidence;
    enum agreement agreement;
    int32_t weight;
};

struct match_candidate {
    struct child_id child;
    enum record_state state;
    uint32_t version;
    int32_t weight; /* total, 1/1024 bit, the prior included */
    bool exact;     /* searches: everything asked for is equal */
    struct match_reason reasons[MATCH_EVIDENCE_MAX];
    uint8_t reason_count;
};

MUST_USE enum fault match_open(struct match_index **ret_index);

/* With another model than the shipped one, borrowed until match_close; NULL: the shipped one. */
MUST_USE enum fault match_open_with(const struct model_file *model, struct match_index **ret_index);
void match_close(struct match_index *index);

/* Adds a person or replaces the one of that id.  `version` comes back with candidates.  A pending person (a
 * batch that is planned, not yet applied) is linked to but never found by a search.  Nothing happens where a
 * higher version of the child is here and neither is pending: a put that comes late undoes no newer one,
 * which another server may have made; an equal version replaces.  FAULT_MEMORY. */
MUST_USE enum fault match_put(struct match_index *index, struct child_id child, enum record_state state,
                              uint32_t version, bool pending, const struct person *person);

/* Once this is back, nothing of the child is in memory; what match_put replaced is wiped by later puts. */
void match_remove(struct match_index *index, struct child_id child);

/* The version of a child as it is here; 0 where it is absent or pending. */
uint32_t match_version(struct match_index *index, struct child_id child);

/* The state of a child's record as it is here; 0 where it is absent or pending. */
enum record_state match_state(struct match_index *index, struct child_id child);

/* Puts many: all is made ready beforehand, then put a few people at a time.  The answers of
 * the index are as after match_put of each.  A filler belongs to one thread; several may fill one index at
 * once. */
struct match_filler;
MUST_USE enum fault match_fill_open(struct match_index *index, struct match_filler **ret_filler);

/* As match_put of somebody not pending; what is put may be here only after match_fill_end.  `person` is not
 * needed afterwards.  After FAULT_MEMORY the filler can only be closed. */
MUST_USE enum fault match_fill_put(struct match_filler *filler, struct child_id child,
                                   enum record_state state, uint32_t version, const struct person *person);
MUST_USE enum fault match_fill_end(struct match_filler *filler);

/* Wipes; what was not ended is not put. */
void match_fill_close(struct match_filler *filler);

struct match_counts {
    uint64_t people;
    uint64_t pending;
    uint64_t bytes; /* all memory of the index */
};
struct match_counts match_counts(const struct match_index *index);

/* A search (R5.2): a number, or a name with one of date, age, postcode, authority.  Text is as typed. */
struct match_query {
    struct str family;
    struct str given;
    struct day birth;          /* precision unknown: not asked */
    struct day birth_earliest; /* a range instead (from an age); both exact, or both unknown */
    struct day birth_latest;
    struct str postcode;
    struct str authority; /* GSS code */
    enum sex sex;         /* 0: not asked; ranks, never excludes */
    enum number_scheme number_scheme;
    struct str number; /* normalised */
    bool similar;      /* similar names too, not only where nothing is exact */
    uint8_t limit;     /* answers at most, up to MATCH_LIMIT_MAX, where quality is measured; 0: R5.3's ten */
};

/* What the caller may see, hence search by: per record state, and which schemes count as the caller's own
 * body's. */
struct match_sight {
    field_mask mask[RECORD_STATES + 1];
    bool own_scheme[NUMBERS_END]; /* schemes covered by OWN_NUMBERS; NUMBERS covers all */
};

/* What a search has looked at.  It hangs on nothing that the caller may not see (R5.5). */
struct match_work {
    uint32_t words;       /* of the vocabulary, compared with those asked for */
    uint32_t blocks;      /* asked for */
    uint32_t people;      /* in them */
    uint32_t scored;      /* of those */
    uint32_t passed_over; /* blocks that were too large for what was left of a search's patience */
};

struct match_results {
    struct match_candidate found[MATCH_LIMIT_MAX];
    uint8_t count;
    bool too_many; /* more exact ones than the limit: none is given (R5.3) */
    struct match_work work;
};

/* Exact ones first, then similar, best first; ties by child id.  FAULT_INVALID where R5.2 is not met;
 * FAULT_MEMORY. */
MUST_USE enum fault match_search(struct match_index *index, const struct match_query *query,
                                 const struct match_sight *sight, struct match_results *ret_results);

/* R14.3. */
enum match_outcome_kind {
    MATCH_SURE = 1, /* updates by itself */
    MATCH_POSSIBLE, /* waits for the data officer */
    MATCH_MANY,     /* waits */
    MATCH_NONE,     /* creates */
    MATCH_HELD,     /* resembles a shielded or sealed record (R9.6): waits for the shielding officer */
};

struct match_outcome {
    enum match_outcome_kind kind;
    struct match_candidate best[MATCH_CANDIDATES_MAX];
    uint8_t count;
    uint32_t compared; /* candidates that were looked at */
};

/* Links one description against everybody, pending people included. */
MUST_USE enum fault match_link(struct match_index *index, const struct person *person,
                               struct match_outcome *ret_outcome);

/* The same as if the `count` children of `apart` were not there: people have decided that it is none of them.
 */
MUST_USE enum fault match_link_apart(struct match_index *index, const struct person *person,
                                     const struct child_id *apart, size_t count,
                                     struct match_outcome *ret_outcome);

/* Links many, each as match_link would; faster, as memory is fetched for some while others are compared.
 * Several threads may link parts of a batch at once.  FAULT_MEMORY. */
MUST_USE enum fault match_link_many(struct match_index *index, const struct person *persons, size_t count,
                                    struct match_outcome *ret_outcomes);

/* Where the memory of an index goes to, and comes from again: pieces of at most a megabyte, whose borders
 * mean nothing.  `read` fills what it is given, or answers FAULT_CORRUPT where there is no more. */
struct match_writer {
    void *context;
    enum fault (*write)(void *context, struct bytes piece);
};

struct match_reader {
    void *context;
    enum fault (*read)(void *context, uint8_t *at, size_t len);
};

/* Writes everything, names and hash key in the clear: the caller seals it.  Puts wait meanwhile.  Gives the
 * writer's fault. */
MUST_USE enum fault match_save(struct match_index *index, const struct match_writer *writer);

/* Reads what match_save of this very program wrote, into an index that is still empty and has the same model.
 * What is read is believed: the caller has checked its seal.  FAULT_CORRUPT for another layout or model, or
 * where the parts do not fit; FAULT_INVALID where somebody was put before; FAULT_MEMORY; the reader's fault.
 * After a fault the index can only be closed. */
MUST_USE enum fault match_load(struct match_index *index, const struct match_reader *reader);

#endif
