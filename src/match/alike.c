#include "match/alike.h"

#include "match/normalise.h"
#include "match/phonetic.h"

enum { CLOSE_LEAST = 880, TYPO_LEN_LEAST = 5, ONE_EDIT_LEN_LEAST = 2 };

/* A word of at least three letters, no particle, that both have: "Smith-Jones" and "Jones". */
static bool word_shared(struct str a, struct str b)
{
    struct str rest_a = a;
    struct str word_a;
    while (str_split(&rest_a, ' ', &word_a)) {
        const struct lexicon_word *known = word_a.len < 3 ? NULL : lexicon_find(word_a);
        if (word_a.len < 3 || (known != NULL && known->particle))
            continue;
        struct str rest_b = b;
        struct str word_b;
        while (str_split(&rest_b, ' ', &word_b)) {
            if (str_equal(word_a, word_b))
                return true;
        }
    }
    return false;
}

/* What is written alike read as one: shapes of two letters that pass for one, all of ALIKE_SHAPE_LETTERS. */
static size_t fold_shapes(struct str text, char at[NAME_BYTES_MAX])
{
    static const struct {
        char from[3];
        char to;
    } SHAPES[] = {{"rn", 'm'}, {"cl", 'd'}, {"li", 'h'}, {"ii", 'u'}, {"vv", 'w'}, {"ri", 'n'}};
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < NAME_BYTES_MAX; i++) {
        size_t shape = 0;
        while (shape < sizeof(SHAPES) / sizeof(SHAPES[0]) &&
               (i + 1 == text.len || memcmp(SHAPES[shape].from, text.at + i, 2) != 0))
            shape++;
        bool found = shape < sizeof(SHAPES) / sizeof(SHAPES[0]);
        at[len++] = found ? SHAPES[shape].to : text.at[i];
        i += found;
    }
    return len;
}

static bool looks_same(struct str a, struct str b)
{
    char at_a[NAME_BYTES_MAX];
    char at_b[NAME_BYTES_MAX];
    if (a.len == b.len) /* every such shape changes the length */
        return false;
    struct str folded_a = {at_a, fold_shapes(a, at_a)};
    struct str folded_b = {at_b, fold_shapes(b, at_b)};
    return str_equal(folded_a, folded_b);
}

static bool same_letters(const struct alike *a, const struct alike *b)
{
    return alike_count(a->letters ^ b->letters, 0).a <= ALIKE_LETTERS_APART_MAX;
}

/* How alike two different texts without spaces are. */
static enum part_level written_level(struct str a, struct str b, bool same_sound)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    unsigned edits = phonetic_edits(a, b, 2);
    bool slip = edits == 1 && shorter >= TYPO_LEN_LEAST && a.at[0] == b.at[0];
    if ((slip && same_sound) || looks_same(a, b))
        return PART_TYPO;
    if ((edits == 1 && shorter >= ONE_EDIT_LEN_LEAST) || (edits == 2 && shorter >= ALIKE_TWO_EDITS_LEN_LEAST))
        return PART_CLOSE;
    return phonetic_similarity(a, b) >= CLOSE_LEAST ? PART_CLOSE : PART_NOT;
}

enum part_level alike_level(const struct alike *a, const struct alike *b)
{
    if (str_equal(a->flat, b->flat))
        return PART_EXACT;
    if (alike_roots_shared(a->roots, b->roots))
        return PART_NICKNAME;
    if (a->flat.len == 1 || b->flat.len == 1)
        return a->flat.at[0] == b->flat.at[0] ? PART_INITIAL : PART_NOT;
    bool same_sound = a->code == b->code;
    enum part_level written = PART_NOT;
    if (same_letters(a, b))
        written = written_level(a->flat, b->flat, same_sound);
    if (written != PART_NOT)
        return written;
    bool spaced = a->text.len != a->flat.len || b->text.len != b->flat.len;
    if (spaced && word_shared(a->text, b->text))
        return PART_PARTLY;
    return alike_long_sound(a, b) ? PART_PARTLY : PART_NOT;
}
