#include "match/lexicon.h"

#include <pthread.h>
#include <string.h>

#include "match/phonetic.h"

enum { TABLE_ROOM = 8192, ROOTS_MAX = 256, PHRASE_BYTES = 4096, WORD_BYTES_MAX = 32 };

enum entry_kind { ENTRY_SURNAME = 1, ENTRY_FORENAME, ENTRY_NICKNAME, ENTRY_PLACEHOLDER, ENTRY_PARTICLE };

static struct {
    struct lexicon_word words[TABLE_ROOM]; /* open addressing; at NULL is empty */
    size_t count;
    struct str roots[ROOTS_MAX];
    uint32_t root_codes[ROOTS_MAX];
    uint16_t root_count;
    char phrases[PHRASE_BYTES]; /* entries with a space inside */
    size_t phrase_bytes;
} lexicon;

static pthread_once_t lexicon_once = PTHREAD_ONCE_INIT;

/* FNV-1a, for a table of our own words only. */
static size_t home_of(struct str word)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ (uint8_t)word.at[i]) * 16777619u;
    return (hash ^ hash >> 15) % TABLE_ROOM;
}

static struct lexicon_word *place_of(struct str word)
{
    size_t at = home_of(word);
    while (lexicon.words[at].text != NULL &&
           !str_equal((struct str){lexicon.words[at].text, lexicon.words[at].len}, word))
        at = (at + 1) % TABLE_ROOM;
    return &lexicon.words[at];
}

/* "baby,boy" as "baby boy", in the lexicon's own memory. */
static struct str spaced(struct str word)
{
    if (memchr(word.at, ',', word.len) == NULL)
        return word;
    must(lexicon.phrase_bytes + word.len <= PHRASE_BYTES);
    char *copy = lexicon.phrases + lexicon.phrase_bytes;
    for (size_t i = 0; i < word.len; i++)
        copy[i] = word.at[i] == ',' ? ' ' : word.at[i];
    lexicon.phrase_bytes += word.len;
    return (struct str){copy, word.len};
}

static void add_root(struct lexicon_word *word, uint16_t root)
{
    for (size_t i = 0; i < LEXICON_ROOTS_MAX; i++) {
        if (word->roots[i] == 0) {
            word->roots[i] = root;
            return;
        }
    }
}

static void add_words(enum entry_kind kind, uint16_t weight, const char *words)
{
    struct str rest = str_of(words);
    struct str typed;
    bool first = true;
    while (str_split(&rest, ' ', &typed)) {
        struct str text = spaced(typed);
        must(text.len > 0 && text.len <= WORD_BYTES_MAX);
        struct lexicon_word *word = place_of(text);
        if (word->text == NULL) {
            must(++lexicon.count < TABLE_ROOM / 2);
            word->text = text.at;
            word->len = (uint8_t)text.len;
        }
        switch (kind) {
        case ENTRY_SURNAME:
            word->surname_weight = weight;
            break;
        case ENTRY_FORENAME:
            word->forename_weight = weight;
            break;
        case ENTRY_NICKNAME:
            if (first) {
                must(lexicon.root_count + 1 < ROOTS_MAX);
                lexicon.roots[++lexicon.root_count] = text;
                lexicon.root_codes[lexicon.root_count] = phonetic_code(text);
            }
            add_root(word, lexicon.root_count);
            break;
        case ENTRY_PLACEHOLDER:
            word->placeholder = true;
            break;
        case ENTRY_PARTICLE:
            word->particle = true;
            break;
        }
        first = false;
    }
}

static void build(void)
{
#define SURNAMES(bits, words)  add_words(ENTRY_SURNAME, (uint16_t)((bits)*1024), words);
#define FORENAMES(bits, words) add_words(ENTRY_FORENAME, (uint16_t)((bits)*1024), words);
#define NICKNAMES(words)       add_words(ENTRY_NICKNAME, 0, words);
#define PLACEHOLDERS(words)    add_words(ENTRY_PLACEHOLDER, 0, words);
#define PARTICLES(words)       add_words(ENTRY_PARTICLE, 0, words);
#include "match/lexicon.def"
#undef SURNAMES
#undef FORENAMES
#undef NICKNAMES
#undef PLACEHOLDERS
#undef PARTICLES
}

const struct lexicon_word *lexicon_find(struct str word)
{
    (void)pthread_once(&lexicon_once, build);
    if (word.len == 0 || word.len > WORD_BYTES_MAX)
        return NULL;
    const struct lexicon_word *found = place_of(word);
    return found->text == NULL ? NULL : found;
}

struct str lexicon_root(uint16_t root)
{
    (void)pthread_once(&lexicon_once, build);
    must(root >= 1 && root <= lexicon.root_count);
    return lexicon.roots[root];
}

uint32_t lexicon_root_code(uint16_t root)
{
    (void)pthread_once(&lexicon_once, build);
    must(root >= 1 && root <= lexicon.root_count);
    return lexicon.root_codes[root];
}
