#include "match/normalise.h"

#include "match/latin.h"
#include "match/model.h"
#include "match/phonetic.h"

enum { WORD_LEN_LEAST = 3, WORD_CODES_MAX = 2 };

/* Letters and digits in words; everything else, hyphens and apostrophes too, parts words. */
static size_t cut_words(struct str latin_text, char at[NAME_BYTES_MAX])
{
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < latin_text.len; i++) {
        char c = latin_text.at[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            gap = len > 0;
            continue;
        }
        if (len + (gap ? 2 : 1) > NAME_BYTES_MAX)
            break;
        if (gap)
            at[len++] = ' ';
        gap = false;
        at[len++] = c;
    }
    return len;
}

static void add_code(struct name *name, uint32_t code)
{
    if (code == 0 || name->code_count == NAME_CODES_MAX)
        return;
    for (size_t i = 0; i < name->code_count; i++) {
        if (name->codes[i] == code)
            return;
    }
    name->codes[name->code_count++] = code;
}

/* "baby 2", "twin one", "baby of sarah".  `known` is what the lexicon knows of the whole text. */
static bool is_placeholder(struct str text, const struct lexicon_word *known)
{
    size_t typed = text.len;
    while (text.len > 0 &&
           ((text.at[text.len - 1] >= '0' && text.at[text.len - 1] <= '9') || text.at[text.len - 1] == ' '))
        text.len--;
    if (text.len == 0)
        return true; /* digits alone name nobody */
    if (str_starts(text, STR("baby of ")) || str_starts(text, STR("infant of ")))
        return true;
    if (text.len != typed)
        known = lexicon_find(text);
    return known != NULL && known->placeholder;
}

static uint16_t capped(uint16_t weight, int32_t floor)
{
    return weight == 0 || weight > floor ? (uint16_t)floor : weight;
}

/* How common the name is: as the lexicon lists it without its spaces; otherwise rare, down to the floor. */
static void weigh(struct name *name, const struct lexicon_word *flat)
{
    name->family_weight = capped(flat == NULL ? 0 : flat->surname_weight, match_model_shipped.family_floor);
    name->given_weight = capped(flat == NULL ? 0 : flat->forename_weight, match_model_shipped.given_floor);
}

/* The code of a name in which nothing sounds: no group has that value. */
static const uint32_t UNHEARD = 15;

static void encode_whole(struct name *name)
{
    uint32_t whole = phonetic_code((struct str){name->flat, name->flat_len});
    add_code(name, whole == 0 ? UNHEARD : whole);
}

/* The codes of the first and last real words of a name of several; in *ret_first what is known of the first.
 */
static void encode_words(struct name *name, const struct lexicon_word **ret_first)
{
    struct str rest = {name->text, name->len};
    struct str word;
    struct str found[2] = {{NULL, 0}, {NULL, 0}};
    for (bool first = true; str_split(&rest, ' ', &word); first = false) {
        const struct lexicon_word *known = lexicon_find(word);
        if (first)
            *ret_first = known;
        if (word.len < WORD_LEN_LEAST || (known != NULL && known->particle))
            continue;
        found[found[0].at == NULL ? 0 : 1] = word;
    }
    for (size_t i = 0; i < WORD_CODES_MAX; i++)
        add_code(name, phonetic_code(found[i]));
}

/* What the name, or its first word, is short for. */
static void encode_roots(struct name *name, const struct lexicon_word *first)
{
    memcpy(name->roots, first->roots, sizeof(name->roots));
    for (size_t i = 0; i < LEXICON_ROOTS_MAX && name->roots[i] != 0; i++)
        add_code(name, lexicon_root_code(name->roots[i]));
}

static void flatten(struct name *name)
{
    for (size_t i = 0; i < name->len; i++) {
        char c = name->text[i];
        if (c == ' ')
            continue;
        name->flat[name->flat_len++] = c;
        name->letters |= (uint32_t)1 << (c >= 'a' && c <= 'z' ? c - 'a' : 26);
    }
}

/* Codes stand in this order: the whole name, its words, its nickname roots.  A name of one word, as most are,
 * is looked up once, and its word adds no code to the whole's. */
static void finish(struct name *name, enum name_part part)
{
    if (name->len == 0)
        return;
    flatten(name);
    struct str text = {name->text, name->len};
    bool one_word = name->flat_len == name->len;
    const struct lexicon_word *whole = lexicon_find(text);
    name->placeholder = is_placeholder(text, whole);
    if (part == PART_LINE)
        return;
    const struct lexicon_word *flat =
        one_word ? whole : lexicon_find((struct str){name->flat, name->flat_len});
    const struct lexicon_word *first = flat;
    weigh(name, flat);
    encode_whole(name);
    if (!one_word)
        encode_words(name, &first);
    if (part == PART_GIVEN && first != NULL)
        encode_roots(name, first);
}

static void fold(struct str typed, struct name *name)
{
    char latin[LATIN_BYTES_MAX];
    size_t len;
    if (latin_of(typed, latin, &len))
        name->len = (uint8_t)cut_words((struct str){latin, len}, name->text);
}

void normalise_name(struct str typed, enum name_part part, struct name *ret_name)
{
    *ret_name = (struct name){0};
    if (typed.len > LATIN_TYPED_BYTES_MAX)
        typed.len = LATIN_TYPED_BYTES_MAX;
    if (latin_is_ascii(typed))
        ret_name->len = (uint8_t)cut_words(typed, ret_name->text);
    else
        fold(typed, ret_name);
    finish(ret_name, part);
}

void normalise_again(struct str text, enum name_part part, struct name *ret_name)
{
    must(text.len <= NAME_BYTES_MAX);
    *ret_name = (struct name){.len = (uint8_t)text.len};
    if (text.len > 0)
        memcpy(ret_name->text, text.at, text.len);
    finish(ret_name, part);
}

enum { DISTRICTS = 370, SECTORS = 10, UNITS = 26 * 26, POSTCODE_LEN_MAX = 7 };

static bool letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters and digits alone, upper case; 0 where there are more than fit. */
static size_t squeeze(struct str typed, char at[POSTCODE_LEN_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.at[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c == ' ' || c == '-' || c == '\t')
            continue;
        if (!(letter(c) || digit(c)) || len == POSTCODE_LEN_MAX)
            return 0;
        at[len++] = c;
    }
    return len;
}

uint32_t normalise_postcode(struct str typed)
{
    char at[POSTCODE_LEN_MAX];
    size_t len = squeeze(typed, at);
    if (len < 5)
        return 0;
    const char *inward = at + len - 3;
    size_t outward = len - 3;
    if (!digit(inward[0]) || !letter(inward[1]) || !letter(inward[2]) || !letter(at[0]))
        return 0;
    size_t area_len = letter(at[1]) ? 2 : 1;
    if (outward <= area_len || outward > area_len + 2 || !digit(at[area_len]))
        return 0;
    if (len == POSTCODE_LEN_MAX && memcmp(at, "ZZ99", 4) == 0)
        return 0; /* the NHS's pseudo-postcodes: no fixed abode, abroad, not known */
    uint32_t area = (uint32_t)(at[0] - 'A' + 1) * 27 + (area_len == 2 ? (uint32_t)(at[1] - 'A' + 1) : 0);
    uint32_t district = (uint32_t)(at[area_len] - '0') * 37;
    if (outward == area_len + 2) {
        char second = at[area_len + 1];
        district += digit(second) ? (uint32_t)(second - '0') + 1 : (uint32_t)(second - 'A') + 11;
    }
    uint32_t unit = (uint32_t)(inward[1] - 'A') * 26 + (uint32_t)(inward[2] - 'A');
    return ((area * DISTRICTS + district) * SECTORS + (uint32_t)(inward[0] - '0')) * UNITS + unit + 1;
}

uint32_t postcode_sector(uint32_t postcode)
{
    return (postcode - 1) / UNITS;
}

uint32_t postcode_district(uint32_t postcode)
{
    return (postcode - 1) / (UNITS * SECTORS);
}

uint32_t postcode_area(uint32_t postcode)
{
    return (postcode - 1) / (UNITS * SECTORS * DISTRICTS);
}

bool normalise_phone(struct str typed, uint64_t *ret_digits)
{
    char digits[32];
    size_t len = 0;
    for (size_t i = 0; i < typed.len && len < sizeof(digits); i++) {
        if (digit(typed.at[i]))
            digits[len++] = typed.at[i];
    }
    size_t from = len > 10 ? len - 10 : 0;
    if (from == 0 && len > 0 && digits[0] == '0')
        from = 1;
    if (len - from < 7)
        return false;
    uint64_t value = 0;
    for (size_t i = from; i < len; i++)
        value = value * 10 + (uint64_t)(digits[i] - '0');
    *ret_digits = value;
    return true;
}
