/* One part of a name asked for, beside a word of the vocabulary. */
#ifndef MATCH_PART_H
#define MATCH_PART_H

#include "match/alike.h"
#include "match/intern.h"

static inline struct alike part_asked(const struct name *asked, bool given)
{
    return (struct alike){.text = {asked->text, asked->len},
                          .flat = {asked->flat, asked->flat_len},
                          .roots = given ? asked->roots : NULL,
                          .letters = asked->letters,
                          .code = asked->codes[0]};
}

/* Without the texts; `flat` has a length only for one word. */
static inline struct alike part_held(const struct word *word, bool given)
{
    return (struct alike){.text = {NULL, word->len},
                          .flat = {NULL, word->len},
                          .roots = given ? word->roots : NULL,
                          .letters = word->letters,
                          .code = word->code};
}

/* Only names that are close count as swapped, and these have nearly the same letters. */
enum { PART_SWAPPED_APART_MAX = 4 };

#endif
