/* The vocabulary: every name held, once, under a 32-bit id (linkage.md §2).
 *
 * Uses are counted by class, so that a search for similar spellings sees only words that the caller may see
 * somewhere (R5.5), and a word that nobody bears any more is wiped.  Classes that are searched by keep their
 * words by spelling too (spell.h). */
#ifndef MATCH_INTERN_H
#define MATCH_INTERN_H

#include "match/normalise.h"
#include "match/pool.h"
#include "match/spell.h"
#include "match/table.h"

/* Who bears a word: classes of what must be seen to see it (block_veil in block.h), of which the first are
 * those of pending people, and one of linkage alone. */
enum { INTERN_CLASS_SEARCHED = 2, INTERN_CLASS_LINKAGE = 12, INTERN_CLASSES };

/* What is looked at of every candidate's names, hence small. */
struct word {
    uint32_t text; /* in the pool; 0: an unused entry */
    uint32_t letters;
    uint32_t code; /* phonetic, of the whole */
    uint16_t family_weight;
    uint16_t given_weight;
    uint16_t roots[LEXICON_ROOTS_MAX];
    uint8_t len : 7;
    uint8_t spaced : 1; /* of several words */
    bool placeholder;
    bool dropped; /* nobody bears it; the writer's alone */
    uint32_t : 32;
};

_Static_assert(sizeof(struct word) == 32, "a word lies on one line of the cache");

/* How many bear it, by class. */
struct word_uses {
    _Atomic uint32_t of[INTERN_CLASSES];
};

struct vocabulary {
    struct pool *pool;
    uint8_t key[16];
    struct region words;        /* of struct word; id 0 is unused */
    struct region uses;         /* of struct word_uses, by id */
    struct table table;         /* of word ids, by their text; the writer's alone */
    struct postings *spellings; /* of word ids, by spell_keys */
    uint32_t count;
    uint32_t next_id;
    uint32_t free_id; /* chained through `letters` */
    uint32_t wiped;   /* words, since somebody set it to 0: their ids come to mean others */
};

/* FAULT_MEMORY. */
MUST_USE enum fault intern_open(struct vocabulary *vocabulary, struct pool *pool, const uint8_t key[16]);
void intern_close(struct vocabulary *vocabulary);

/* What the vocabulary keeps of a name, made before the index is locked. */
struct intern_name {
    uint64_t hash;
    uint32_t letters;
    uint32_t code;
    uint16_t family_weight;
    uint16_t given_weight;
    uint8_t len; /* 0: missing */
    bool placeholder;
    char text[NAME_BYTES_MAX]; /* what lies beyond len is not read */
};

/* `key` is the one the vocabulary was opened with. */
void intern_prepare(const struct name *name, const uint8_t key[16], struct intern_name *ret_name);

/* Fetches a name's place into the cache, and after a while the word itself. */
void intern_fetch_place(const struct vocabulary *vocabulary, const struct intern_name *name);
void intern_fetch_word(const struct vocabulary *vocabulary, const struct intern_name *name);

/* Readers may look at words while one writer takes and drops them: a word that nobody bears is wiped once
 * they have left.
 *
 * The id of a name, made where new, used once more by that class; 0 for an empty name.  FAULT_MEMORY. */
MUST_USE enum fault intern_take(struct vocabulary *vocabulary, const struct intern_name *name,
                                uint32_t use_class, uint32_t *ret_id);
void intern_drop(struct vocabulary *vocabulary, uint32_t id, uint32_t use_class);

static inline const struct word *intern_word(const struct vocabulary *vocabulary, uint32_t id)
{
    return (const struct word *)(const void *)vocabulary->words.at + id;
}

static inline uint32_t intern_uses(const struct vocabulary *vocabulary, uint32_t id, uint32_t use_class)
{
    const struct word_uses *uses = (const struct word_uses *)(const void *)vocabulary->uses.at + id;
    return atomic_load_explicit(&uses->of[use_class], memory_order_relaxed);
}

static inline struct str intern_text(const struct vocabulary *vocabulary, uint32_t id)
{
    const struct word *word = intern_word(vocabulary, id);
    return (struct str){(const char *)match_pool_at(vocabulary->pool, word->text), word->len};
}

/* Words of that class under one of spell_keys; as postings_find and its fetches. */
static inline size_t intern_spelt(const struct vocabulary *vocabulary, uint64_t key,
                                  struct posted *ret_posted)
{
    return postings_find(vocabulary->spellings, key, ret_posted);
}

/* Ids have 28 bits where they are stored. */
static const uint32_t INTERN_ID_MAX = 0x0FFFFFFF;

_Static_assert(NAME_BYTES_MAX < 1 << 7, "a length takes seven bits");

size_t intern_bytes(const struct vocabulary *vocabulary);

#endif
