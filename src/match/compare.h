/* Comparing fields in ordered levels, best first (linkage.md §2). */
#ifndef MATCH_COMPARE_H
#define MATCH_COMPARE_H

#include "match/part.h"
#include "match/score.h"

struct names_compared {
    enum name_kind kind; /* of the candidate's name that agrees best */
    enum part_level family;
    enum part_level given;
    enum part_level other; /* middle names */
    bool given_known;      /* two different given names, both of them common: hardly a slip */
    int32_t family_weight;
    int32_t given_weight;
    int32_t weight; /* of the whole */
};

/* The best pair of names, compared jointly; false where nothing can be compared. */
bool compare_names(struct scorer *scorer, const struct evidence_view *view, struct names_compared *ret_best);

struct field_compared {
    enum agreement agreement;
    int32_t weight;
    bool same_date; /* both exact and equal */
};

struct field_compared compare_birth(const struct match_model *model, struct day asked, struct day held);
struct field_compared compare_birth_range(const struct match_model *model, struct day earliest,
                                          struct day latest, struct day held);

struct place_compared {
    enum agreement postcode_agreement;
    int32_t postcode_weight;
    bool past;
    enum agreement authority_agreement;
    int32_t authority_weight;
    bool line_same;
};

/* No postcode's comparison weighs more; `same`: with itself too. */
int32_t compare_postcodes_most(const struct match_model *model, bool same);

struct place_compared compare_places(const struct scorer *scorer, const struct evidence_view *view);

/* AGREE_EXACT, AGREE_CLOSE, AGREE_NOT or AGREE_MISSING. */
enum agreement compare_carers(struct scorer *scorer, const struct evidence_view *view);

/* AGREE_EXACT, AGREE_NOT or AGREE_MISSING. */
enum agreement compare_phones(const struct scorer *scorer, const struct evidence_view *view);

/* Schemes as bits: of which a number is shared, and of which both have one and share none. */
struct numbers_compared {
    uint32_t same;
    uint32_t apart;
};

struct numbers_compared compare_numbers(const struct description *asked, const struct evidence_view *view);

/* What parts of an asked name weigh at most, whatever they are compared with. */
struct name_most {
    int32_t family;
    int32_t given;    /* as the given name, or beside other given names */
    int32_t known_by; /* where it is a middle name */
    int32_t middle;   /* its own middle names, besides */
};

struct name_most compare_name_most(const struct match_model *model, const struct described_name *asked);

/* What names weigh at most, and what is added where a given name recurs in one household (`home`: it may be
 * the same), as far as the slot tells: no less than compare_names gives.  INT32_MAX where it tells nothing.
 */
int32_t compare_slot_names(struct scorer *scorer, const struct slot *held, bool home);

/* No name's comparison weighs more than this, whatever it is compared with; `home`: in the same household,
 * perhaps. */
int32_t compare_names_most(const struct match_model *model, const struct description *asked, bool home);

/* A search: every field asked for is equal, as far as the caller may see. */
bool compare_exactly(const struct scorer *scorer, const struct evidence_view *view);

#endif
