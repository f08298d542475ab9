/* One step of a batch's plan: what a row will do, sealed under the feed key until it is applied. */
#ifndef REGISTRY_PLAN_H
#define REGISTRY_PLAN_H

#include "match/number.h"
#include "registry/child.h"
#include "registry/intake.h"
#include "registry/records.h"

enum plan_action {
    PLAN_CREATE = 1, /* a new child with this claim; its key is made as it is carried out */
    PLAN_CLAIM = 2,  /* a claim of a child who is there; supersedes `old` where that is not zero */
    PLAN_END = 3,    /* the source no longer says `old` */
    PLAN_HOLD = 4,   /* nothing but the record, which stands for no child yet: next time it is known (R9.6) */
};

struct plan_step {
    enum plan_action action;
    enum source source;
    int64_t sequence;
    struct record record; /* number, tag, digest, child, claim, kind */
    struct claim_id old;
    int64_t position;                     /* in the order of application, from 1; set when it is applied */
    char number[CONTACTPOINT_NUMBER_LEN]; /* CREATE */
    struct row row;                       /* CREATE, CLAIM */
};

/* Packs and seals; the ciphertext replaces `sealed`. */
MUST_USE enum fault plan_seal(struct vault *vault, const struct wrapped_key *feed_key,
                              const struct plan_step *step, int64_t row_number, struct buffer *clear,
                              struct buffer *sealed);

/* Opens; the row's text stays borrowed from `clear`. */
MUST_USE enum fault plan_unseal(struct vault *vault, const struct wrapped_key *feed_key, struct bytes sealed,
                                int64_t row_number, struct buffer *clear, struct plan_step *step);

/* The sealed link of a source's record, and back. */
MUST_USE enum fault record_seal(struct vault *vault, const struct wrapped_key *feed_key, enum source source,
                                const struct record *record, struct buffer *sealed);
MUST_USE enum fault record_unseal(struct vault *vault, const struct wrapped_key *feed_key, enum source source,
                                  struct bytes sealed, struct buffer *clear, struct record *record);

/* What the ciphertext of a row that waits is bound to. */
enum { WAITING_PLACE_BYTES = 16 };
struct seal_place waiting_place(enum source source, int64_t sequence, int64_t row_number,
                                uint8_t at[WAITING_PLACE_BYTES]);

/* The numbers that a step brings, as keyed hashes: at most PLAN_TAGS_MAX. */
enum { PLAN_TAGS_MAX = 8 };
MUST_USE enum fault plan_tags(struct vault *vault, const struct plan_step *step, struct arena *arena,
                              struct tag ret_tags[PLAN_TAGS_MAX], size_t *ret_count);

/* The same, still to be hashed: what is asked of the keeper for many steps at once.  Borrows from step and
 * arena. */
MUST_USE enum fault plan_taggings(const struct plan_step *step, struct arena *arena,
                                  struct vault_tagging ret_taggings[PLAN_TAGS_MAX], size_t *ret_count);

#endif
