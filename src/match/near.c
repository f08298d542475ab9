#include "match/near.h"

#include "match/part.h"

enum {
    WORDS_MAX = 3072, /* looked at for one name; lists beyond are passed over */
    TABLE_ROOM = 4096,
    BEGINNING_WORDS_MAX = 256, /* where more begin like the asked name, it is likeness itself that counts */
    LISTS_MAX = SPELL_KEYS_MAX * NEAR_CLASSES_MAX,
};

/* Distinct words out of lists that overlap. */
struct words {
    uint32_t table[TABLE_ROOM];
    uint32_t at[WORDS_MAX];
    size_t count;
};

static void add_word(struct words *words, uint32_t word)
{
    size_t at = word * 2654435761u % TABLE_ROOM;
    while (words->table[at] != 0) {
        if (words->table[at] == word)
            return;
        at = (at + 1) % TABLE_ROOM;
    }
    words->table[at] = word;
    words->at[words->count++] = word;
}

/* A list whole or not at all, so that the answer does not hang on the order of arrival. */
static void add_list(struct words *words, const uint32_t *list, size_t count, struct match_work *work)
{
    if (words->count + count > WORDS_MAX) {
        work->passed_over++;
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_word(words, list[i]);
}

/* A list of words, of which one that is longer is not read. */
struct list_key {
    uint64_t key;
    size_t words_max;
};

static void list_keys(const struct near_sight *sight, const struct name *asked, size_t keys_max,
                      struct list_key keys[LISTS_MAX], size_t *ret_count)
{
    *ret_count = 0;
    for (size_t c = 0; c < sight->class_count; c++) {
        struct spell_keys own;
        spell_keys(sight->vocabulary->key, sight->classes[c], (struct str){asked->flat, asked->flat_len},
                   &own);
        for (size_t i = 0; i < own.count && i < keys_max; i++)
            keys[(*ret_count)++] =
                (struct list_key){own.at[i], i + 1 < own.count ? WORDS_MAX : BEGINNING_WORDS_MAX};
    }
}

static void look_up(const struct near_sight *sight, const struct list_key *keys, size_t count,
                    struct words *words, struct match_work *work)
{
    const struct postings *spellings = sight->vocabulary->spellings;
    for (size_t i = 0; i < count; i++)
        postings_fetch(spellings, keys[i].key);
    for (size_t i = 0; i < count; i++)
        postings_fetch_piece(spellings, keys[i].key);
    for (size_t i = 0; i < count; i++) {
        struct posted posted;
        size_t length = postings_find(spellings, keys[i].key, &posted);
        if (length == 0 || length > keys[i].words_max)
            continue;
        work->words += (uint32_t)length;
        add_list(words, posted.slots, length, work);
    }
    for (size_t i = 0; i < words->count; i++)
        cache_fetch(intern_word(sight->vocabulary, words->at[i]));
}

static size_t flatten(struct str text, char at[NAME_BYTES_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != ' ')
            at[len++] = text.at[i];
    }
    return len;
}

static bool is_equal(const struct near_sight *sight, const struct name *asked, uint32_t id)
{
    char flat[NAME_BYTES_MAX];
    size_t len = flatten(intern_text(sight->vocabulary, id), flat);
    return len == asked->flat_len && memcmp(flat, asked->flat, len) == 0;
}

void near_open(const struct near_sight *sight, const struct name *asked, struct match_work *work,
               struct near *ret_near)
{
    struct list_key keys[LISTS_MAX];
    size_t key_count;
    struct words words = {.count = 0};
    *ret_near = (struct near){.count = 0};
    if (asked->len == 0)
        return;
    list_keys(sight, asked, 1, keys, &key_count);
    look_up(sight, keys, key_count, &words, work);
    for (size_t i = 0; i < words.count; i++) {
        if (ret_near->exact_count < NEAR_EXACT_MAX && is_equal(sight, asked, words.at[i]))
            ret_near->exact[ret_near->exact_count++] = words.at[i];
    }
}

/* As compare.h weighs a part: the commoner of the two counts. */
static int32_t weight_of(const struct match_model *model, enum part_level level, int32_t frequency,
                         bool given)
{
    int32_t change = 0;
    switch (level) {
    case PART_MISSING:
        return 0;
    case PART_EXACT:
        change = model->name_exact;
        break;
    case PART_NICKNAME:
        change = model->name_nickname;
        break;
    case PART_TYPO:
    case PART_CLOSE:
        change = model->name_close;
        break;
    case PART_PARTLY:
        change = model->name_partly;
        break;
    case PART_INITIAL:
        return model->name_initial;
    case PART_NOT:
        return given ? model->given_not : model->family_not;
    }
    int32_t weight = frequency + change;
    return weight > model->name_agrees_least ? weight : model->name_agrees_least;
}

/* A name asked for beside a word of the vocabulary. */
struct beside {
    enum part_level level;
    int32_t weight;
};

static struct beside compare(const struct near_sight *sight, const struct name *asked, bool given,
                             uint32_t id)
{
    char flat[NAME_BYTES_MAX];
    const struct word *word = intern_word(sight->vocabulary, id);
    const struct alike a = part_asked(asked, given);
    struct alike b = part_held(word, given);
    if (asked->len == 0 || asked->placeholder || word->placeholder)
        return (struct beside){PART_MISSING, 0};
    int32_t own = given ? asked->given_weight : asked->family_weight;
    int32_t held = given ? word->given_weight : word->family_weight;
    enum part_level level = PART_NOT;
    if (word->spaced != 0 || !alike_never(&a, &b)) {
        b.text = intern_text(sight->vocabulary, id);
        b.flat = (struct str){flat, flatten(b.text, flat)};
        level = alike_level(&a, &b);
    }
    return (struct beside){level, weight_of(sight->model, level, own < held ? own : held, given)};
}

int32_t near_weight(const struct near_sight *sight, const struct name *asked, bool given, uint32_t word)
{
    return compare(sight, asked, given, word).weight;
}

static bool goes_before(struct near_code a, struct near_code b)
{
    return a.weight != b.weight ? a.weight > b.weight : a.code < b.code;
}

static void keep_code(struct near *near, struct near_code code)
{
    size_t at = 0;
    if (code.code == 0)
        return;
    while (at < near->count && near->codes[at].code != code.code)
        at++;
    if (at < near->count && near->codes[at].weight >= code.weight)
        return;
    if (at == NEAR_CODES_MAX) {
        at--; /* the lightest gives way */
        if (!goes_before(code, near->codes[at]))
            return;
    } else if (at == near->count) {
        near->count++;
    }
    for (; at > 0 && goes_before(code, near->codes[at - 1]); at--)
        near->codes[at] = near->codes[at - 1];
    near->codes[at] = code;
}

/* The codes of the name itself: of the whole, then of its words and nickname roots. */
static void keep_own(const struct near_sight *sight, const struct name *asked, bool given, struct near *near)
{
    int32_t frequency = given ? asked->given_weight : asked->family_weight;
    enum part_level rest = given ? PART_NICKNAME : PART_PARTLY;
    enum part_level whole = near->exact_count > 0 ? PART_EXACT : given ? PART_NICKNAME : PART_CLOSE;
    for (size_t i = 0; i < asked->code_count; i++)
        keep_code(near,
                  (struct near_code){asked->codes[i],
                                     weight_of(sight->model, i == 0 ? whole : rest, frequency, given), 0});
}

/* Keeps the codes of words that are alike; the others leave. */
static void keep_words(const struct near_sight *sight, const struct name *asked, bool given,
                       struct words *words, struct near *near)
{
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++) {
        struct beside beside = compare(sight, asked, given, words->at[i]);
        if (beside.level == PART_NOT || beside.level == PART_MISSING)
            continue;
        keep_code(near,
                  (struct near_code){intern_word(sight->vocabulary, words->at[i])->code, beside.weight, 0});
        words->at[kept++] = words->at[i];
    }
    words->count = kept;
}

/* Who bears words under the kept codes.  Under those of the name itself there may be others, which only sound
 * like it. */
static void find_classes(const struct near_sight *sight, const struct name *asked, const struct words *words,
                         struct near *near)
{
    for (size_t i = 0; i < near->count; i++) {
        for (size_t j = 0; j < asked->code_count; j++) {
            if (near->codes[i].code == asked->codes[j])
                near->codes[i].classes = NEAR_ALL;
        }
    }
    for (size_t i = 0; i < words->count; i++) {
        const struct word *word = intern_word(sight->vocabulary, words->at[i]);
        size_t at = 0;
        while (at < near->count && near->codes[at].code != word->code)
            at++;
        for (size_t c = 0; at < near->count && c < sight->class_count; c++) {
            if (intern_uses(sight->vocabulary, words->at[i], sight->classes[c]) > 0)
                near->codes[at].classes |= (uint32_t)1 << c;
        }
    }
}

void near_find(const struct near_sight *sight, const struct name *asked, bool given, struct match_work *work,
               struct near *near)
{
    struct list_key keys[LISTS_MAX];
    size_t key_count;
    struct words words = {.count = 0};
    near->count = 0;
    if (asked->len == 0 || asked->placeholder)
        return;
    keep_own(sight, asked, given, near);
    list_keys(sight, asked, SPELL_KEYS_MAX, keys, &key_count);
    look_up(sight, keys, key_count, &words, work);
    for (size_t i = 0; i < words.count; i++) {
        const struct word *word = intern_word(sight->vocabulary, words.at[i]);
        cache_fetch(match_pool_at(sight->vocabulary->pool, word->text));
    }
    keep_words(sight, asked, given, &words, near);
    find_classes(sight, asked, &words, near);
    near->heaviest = near->count > 0 ? near->codes[0].weight : 0;
}
