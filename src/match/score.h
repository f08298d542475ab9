/* The weight of one candidate: Fellegi–Sunter in whole numbers, 1/1024 bit (linkage.md §2). */
#ifndef MATCH_SCORE_H
#define MATCH_SCORE_H

#include "match/alike.h"
#include "match/index.h"

/* What may be compared: everything for linkage, what the caller sees for a search. */
struct score_sight {
    bool linkage; /* everything, also what is never searched by */
    bool former;  /* former names */
    bool variant; /* spellings that are not displayed */
    bool places;  /* postcodes, present and past */
    bool authority;
    field_mask mask;
    const bool *own_scheme; /* NUMBERS_END of them; NULL for linkage */
};

/* Whether a searcher with that mask may use such evidence; never for what linkage alone compares. */
bool score_sees(field_mask mask, enum evidence evidence);
bool score_sees_number(const struct score_sight *sight, enum number_scheme scheme);

/* Whether a name of that kind may be compared. */
static inline bool score_sees_name(const struct score_sight *sight, enum name_kind kind)
{
    return (kind != NAME_FORMER || sight->former) && (kind != NAME_VARIANT || sight->variant);
}

struct score {
    int32_t weight; /* the prior included */
    bool exact;     /* every field asked for is equal */
    enum part_level family;
    enum part_level given;
    enum part_level other; /* middle names */
    bool given_known;      /* two different given names, both of them common: hardly a slip */
    bool sex_differs;
    int32_t given_weight;
    bool birth_exact;
    bool birth_fits;      /* exact, slipped, or one side does not know */
    bool number_same;     /* a number of the child's own */
    bool number_conflict; /* two different numbers of a kind that is given once */
    bool support;         /* something besides name and date agrees */
    bool household;       /* the same household, as far as it can be told */
    struct match_reason reasons[MATCH_EVIDENCE_MAX];
    uint8_t reason_count;
};

enum { SCORE_CACHE = 256, SCORE_ASKED_NAMES = PERSON_NAMES_MAX * 3 + PERSON_CARERS_MAX * 2 };

/* Similarities already worked out for this question: pairs recur among candidates. */
struct scorer {
    const struct match_index *index;
    const struct match_model *model; /* the index's */
    const struct description *asked;
    struct score_sight sight;
    struct day earliest; /* a search's range of birth dates; unknown: none */
    struct day latest;
    int32_t names_most; /* what names can weigh, and carers, phones and the like besides */
    int32_t carers_most;
    uint64_t asked_hash[SCORE_ASKED_NAMES]; /* of the text, by place in the question; 0: not yet known */
    struct {
        uint32_t word;
        uint16_t asked; /* 1 + place in the question; 0: empty */
        uint8_t level;
        int32_t weight;
    } cache[SCORE_CACHE];
};

void score_open(struct scorer *scorer, const struct match_index *index, const struct description *asked);

void score_candidate(struct scorer *scorer, uint32_t slot, struct score *ret_score);

/* Linkage: no score of the candidate weighs more; INT32_MAX where a number agrees.  Looks at numbers only,
 * never at text. */
int32_t score_at_most(const struct scorer *scorer, const struct evidence_view *view);

/* The same with the names compared too; `at_most` is what score_at_most gave.  score_fetch_words fetches what
 * this compares into the cache. */
int32_t score_at_most_named(struct scorer *scorer, const struct evidence_view *view, int32_t at_most);
void score_fetch_words(const struct scorer *scorer, const struct evidence_view *view);
void score_fetch_word(const struct scorer *scorer, uint32_t id);

#endif
