#include "match/phonetic.h"

#include <pthread.h>

enum { CODE_GROUPS_MAX = 7, COMPARED_MAX = 64 };

enum group { SILENT = 0, LABIAL, BREATH, GUTTURAL, HISS, DENTAL, LIQUID, NASAL, ROLL, GLIDE, VOWEL };

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

static enum group group_of(char c)
{
    static const uint8_t GROUPS[26] = {
        VOWEL, LABIAL,   GUTTURAL, DENTAL, VOWEL,  BREATH, GUTTURAL, SILENT,   VOWEL,
        GLIDE, GUTTURAL, LIQUID,   NASAL,  NASAL,  VOWEL,  LABIAL,   GUTTURAL, ROLL,
        HISS,  DENTAL,   VOWEL,    BREATH, SILENT, HISS,   SILENT,   HISS,
    };
    return c >= 'a' && c <= 'z' ? (enum group)GROUPS[c - 'a'] : SILENT;
}

static bool pair(const char *at, size_t left, const char *letters)
{
    return left >= 2 && at[0] == letters[0] && at[1] == letters[1];
}

/* The sound that begins at `at`, and how many letters it takes. */
static enum group sound_of(const char *at, size_t left, bool first, size_t *ret_taken)
{
    *ret_taken = 2;
    if (pair(at, left, "ph"))
        return BREATH;
    if (pair(at, left, "sh") || pair(at, left, "ch") || pair(at, left, "sz") || pair(at, left, "cz") ||
        pair(at, left, "rz") || pair(at, left, "ts") || pair(at, left, "tz") || pair(at, left, "dz"))
        return HISS;
    if (pair(at, left, "gh") && !first)
        return SILENT;
    if (first && (pair(at, left, "kn") || pair(at, left, "gn") || pair(at, left, "pn")))
        return NASAL;
    if (first && pair(at, left, "wr"))
        return ROLL;
    if (pair(at, left, "th"))
        return DENTAL;
    *ret_taken = 1;
    bool soft = left >= 2 && (at[1] == 'e' || at[1] == 'i' || at[1] == 'y');
    if (at[0] == 'c' && soft)
        return HISS;
    if (at[0] == 'g' && soft && first)
        return GLIDE;
    if (at[0] == 'y' && first && left >= 2 && is_vowel(at[1]))
        return GLIDE;
    if (at[0] == 'y' && first)
        return VOWEL;
    return group_of(at[0]);
}

/* What sound_of answers for every two letters, first in a name or not: the group, and TWO where it takes
 * both. Letters are 1 to 26; 0 is anything else, and the end. */
enum { LETTERS = 27, TWO = 16 };
static uint8_t sounds[2][LETTERS][LETTERS];
static pthread_once_t sounds_once = PTHREAD_ONCE_INIT;

static void list_sounds(void)
{
    for (size_t i = 0; i < LETTERS * LETTERS; i++) {
        const char at[2] = {i / LETTERS == 0 ? '0' : (char)('a' + i / LETTERS - 1),
                            i % LETTERS == 0 ? '0' : (char)('a' + i % LETTERS - 1)};
        for (size_t first = 0; first < 2; first++) {
            size_t taken;
            enum group group = sound_of(at, 2, first == 1, &taken);
            sounds[first][i / LETTERS][i % LETTERS] = (uint8_t)(group | (taken == 2 ? TWO : 0));
        }
    }
}

/* The letters without spaces, one that is none behind them; how many there are. */
static size_t letters_of(struct str name, uint8_t at[COMPARED_MAX + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < COMPARED_MAX; i++) {
        if (name.at[i] != ' ')
            at[len++] = name.at[i] >= 'a' && name.at[i] <= 'z' ? (uint8_t)(name.at[i] - 'a' + 1) : 0;
    }
    at[len] = 0;
    return len;
}

uint32_t phonetic_code(struct str name)
{
    uint8_t letters[COMPARED_MAX + 1];
    size_t len = letters_of(name, letters);
    (void)pthread_once(&sounds_once, list_sounds);
    uint32_t code = 0;
    unsigned last = SILENT;
    unsigned count = 0;
    for (size_t i = 0; i < len && count < CODE_GROUPS_MAX;) {
        unsigned sound = sounds[i == 0][letters[i]][letters[i + 1]];
        unsigned group = sound & (TWO - 1);
        i += sound >= TWO ? 2 : 1;
        /* A vowel opens a name or is not heard; "Hannah" and "Anna" open alike. */
        if (group == SILENT || (group == VOWEL && count > 0) || group == last)
            continue;
        code = code << 4 | group;
        last = group;
        count++;
    }
    return code;
}

/* The characters of `a` that stand in `b` within the window, as bits of both; the number of them. */
static unsigned matched(struct str a, struct str b, uint64_t *ret_in_a, uint64_t *ret_in_b)
{
    size_t longest = a.len > b.len ? a.len : b.len;
    size_t window = longest / 2 > 0 ? longest / 2 - 1 : 0;
    uint64_t in_a = 0;
    uint64_t in_b = 0;
    unsigned count = 0;
    for (size_t i = 0; i < a.len; i++) {
        size_t from = i > window ? i - window : 0;
        size_t to = i + window + 1 < b.len ? i + window + 1 : b.len;
        for (size_t j = from; j < to; j++) {
            if (a.at[i] == b.at[j] && (in_b >> j & 1) == 0) {
                in_a |= (uint64_t)1 << i;
                in_b |= (uint64_t)1 << j;
                count++;
                break;
            }
        }
    }
    *ret_in_a = in_a;
    *ret_in_b = in_b;
    return count;
}

unsigned phonetic_similarity(struct str a, struct str b)
{
    if (a.len > COMPARED_MAX)
        a.len = COMPARED_MAX;
    if (b.len > COMPARED_MAX)
        b.len = COMPARED_MAX;
    if (a.len == 0 || b.len == 0)
        return 0;
    uint64_t in_a;
    uint64_t in_b;
    unsigned count = matched(a, b, &in_a, &in_b);
    if (count == 0)
        return 0;
    unsigned moved = 0;
    size_t j = 0;
    for (size_t i = 0; i < a.len; i++) {
        if ((in_a >> i & 1) == 0)
            continue;
        while ((in_b >> j & 1) == 0)
            j++;
        if (a.at[i] != b.at[j])
            moved++;
        j++;
    }
    unsigned jaro = (1000 * count / (unsigned)a.len + 1000 * count / (unsigned)b.len +
                     1000 * (2 * count - moved) / (2 * count)) /
                    3;
    unsigned prefix = 0;
    while (prefix < 4 && prefix < a.len && prefix < b.len && a.at[prefix] == b.at[prefix])
        prefix++;
    if (count == a.len && count == b.len && moved == 0)
        return 1000;
    return jaro + prefix * (1000 - jaro) / 10;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned phonetic_edits(struct str a, struct str b, unsigned most)
{
    if (a.len > COMPARED_MAX || b.len > COMPARED_MAX || a.len > b.len + most || b.len > a.len + most)
        return most + 1;
    uint8_t rows[3][COMPARED_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= a.len; i++) {
        uint8_t *row = rows[i % 3];
        const uint8_t *above = rows[(i + 2) % 3];
        const uint8_t *before = rows[(i + 1) % 3];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned same = a.at[i - 1] == b.at[j - 1] ? 0 : 1;
            unsigned edits = least(above[j - 1] + same, least(above[j], row[j - 1]) + 1u);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                edits = least(edits, before[j - 2] + 1u);
            row[j] = (uint8_t)edits;
        }
    }
    return least(rows[a.len % 3][b.len], most + 1);
}
