#include "linkage/likeness.h"

#include "match/alike.h"
#include "match/normalise.h"
#include "match/phonetic.h"

enum { FAINT_LEAST = 780, PARTLY_LEAST = 880, SHARED_LEAST = 3 };

struct flat {
    char at[VALUE_BYTES_MAX];
    size_t len;
};

static struct flat flatten(struct str text)
{
    struct flat flat = {.len = 0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != ' ')
            flat.at[flat.len++] = text.at[i];
    }
    return flat;
}

static struct str flat_str(const struct flat *flat)
{
    return (struct str){flat->at, flat->len};
}

/* What the name, or its first word, is short for; NULL where nothing is known. */
static const uint16_t *roots_of(struct str text, struct str flat)
{
    const struct lexicon_word *known = lexicon_find(flat);
    struct str first = text;
    if (known == NULL && text.len != flat.len && str_split(&text, ' ', &first))
        known = lexicon_find(first);
    return known == NULL ? NULL : known->roots;
}

static enum level name_likeness(bool given, struct str a, struct str b, uint32_t code_a, uint32_t code_b)
{
    struct flat flat_a = flatten(a);
    struct flat flat_b = flatten(b);
    struct alike left = {.text = a, .flat = flat_str(&flat_a), .code = code_a};
    struct alike right = {.text = b, .flat = flat_str(&flat_b), .code = code_b};
    if (given) {
        left.roots = roots_of(a, left.flat);
        right.roots = roots_of(b, right.flat);
    }
    switch (alike_level(&left, &right)) {
    case PART_EXACT:
    case PART_NICKNAME:
        return LEVEL_FITS;
    case PART_TYPO:
        return LEVEL_SLIP;
    case PART_CLOSE:
        return LEVEL_CLOSE;
    case PART_PARTLY:
        return LEVEL_PARTLY;
    case PART_INITIAL:
        return LEVEL_HINT;
    case PART_MISSING:
    case PART_NOT:
        break;
    }
    return phonetic_similarity(left.flat, right.flat) >= FAINT_LEAST ? LEVEL_FAINT : LEVEL_NOT;
}

/* Letters of the words that stand in both; blanks not counted. */
static size_t shared_letters(struct str a, struct str b)
{
    size_t shared = 0;
    struct str word_a;
    while (str_split(&a, ' ', &word_a)) {
        struct str rest = b;
        struct str word_b;
        bool found = false;
        while (!found && str_split(&rest, ' ', &word_b))
            found = str_equal(word_a, word_b);
        shared += found ? word_a.len : 0;
    }
    return shared;
}

static enum level text_likeness(struct str a, struct str b)
{
    struct flat left = flatten(a);
    struct flat right = flatten(b);
    size_t shorter = left.len < right.len ? left.len : right.len;
    unsigned edits = phonetic_edits(flat_str(&left), flat_str(&right), 3);
    if (edits == 0 || (edits == 1 && shorter >= 4))
        return LEVEL_SLIP;
    if (edits == 1 || (edits == 2 && shorter >= 6) || (edits == 3 && shorter >= 10))
        return LEVEL_CLOSE;
    size_t shared = shared_letters(a, b);
    unsigned similarity = phonetic_similarity(flat_str(&left), flat_str(&right));
    if (similarity >= PARTLY_LEAST || (shared * 3 >= shorter * 2 && shared >= SHARED_LEAST))
        return LEVEL_PARTLY;
    if (shared >= SHARED_LEAST && shared * 3 >= shorter)
        return LEVEL_HINT;
    return similarity >= FAINT_LEAST ? LEVEL_FAINT : LEVEL_NOT;
}

static enum level identifier_likeness(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    unsigned edits = phonetic_edits(a, b, 3);
    if (edits == 1 && shorter >= 4)
        return LEVEL_SLIP;
    if (edits == 2 && shorter >= 5)
        return LEVEL_CLOSE;
    if (edits == 3 && shorter >= 7)
        return LEVEL_PARTLY;
    return LEVEL_NOT;
}

/* The same number behind another area code. */
static enum level phone_likeness(struct str a, struct str b)
{
    if (a.len >= 7 && b.len >= 7 && memcmp(a.at + a.len - 7, b.at + b.len - 7, 7) == 0)
        return LEVEL_FITS;
    return identifier_likeness(a, b);
}

static enum level number_likeness(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    unsigned edits = phonetic_edits(a, b, 2);
    if (edits == 1)
        return shorter >= 2 ? LEVEL_SLIP : a.len != b.len ? LEVEL_CLOSE : LEVEL_NOT;
    return edits == 2 && shorter >= 3 ? LEVEL_PARTLY : LEVEL_NOT;
}

static enum level email_likeness(struct str a, struct str b)
{
    struct str domain_a = a;
    struct str domain_b = b;
    struct str box_a;
    struct str box_b;
    (void)str_split(&domain_a, '@', &box_a);
    (void)str_split(&domain_b, '@', &box_b);
    size_t shorter = a.len < b.len ? a.len : b.len;
    unsigned edits = phonetic_edits(a, b, 4);
    if (edits == 1)
        return LEVEL_SLIP;
    if (box_a.len >= 3 && str_equal(box_a, box_b))
        return LEVEL_FITS;
    if (edits <= 4 && shorter >= 10)
        return edits <= 2 ? LEVEL_CLOSE : LEVEL_PARTLY;
    unsigned similarity = phonetic_similarity(box_a, box_b);
    if (similarity >= 920)
        return LEVEL_PARTLY;
    if (domain_a.at != NULL && domain_b.at != NULL && str_equal(domain_a, domain_b))
        return LEVEL_HINT;
    return similarity >= FAINT_LEAST ? LEVEL_FAINT : LEVEL_NOT;
}

enum { DATE_LEN = 8 };

static unsigned digits_apart(struct str a, struct str b, size_t from, size_t to)
{
    unsigned apart = 0;
    for (size_t i = from; i < to; i++)
        apart += a.at[i] != b.at[i];
    return apart;
}

static bool says_year_alone(struct str date)
{
    return memcmp(date.at + 4, "0101", 4) == 0 || memcmp(date.at + 4, "0000", 4) == 0;
}

static int year_of(struct str date)
{
    int year = 0;
    for (size_t i = 0; i < 4; i++)
        year = year * 10 + (date.at[i] - '0');
    return year;
}

static enum level date_likeness(struct str a, struct str b)
{
    if (a.len != DATE_LEN || b.len != DATE_LEN)
        return phonetic_edits(a, b, 1) <= 1 ? LEVEL_SLIP : LEVEL_NOT;
    unsigned year = digits_apart(a, b, 0, 4);
    unsigned month = digits_apart(a, b, 4, 6);
    unsigned day = digits_apart(a, b, 6, 8);
    if (year == 0 && memcmp(a.at + 4, b.at + 6, 2) == 0 && memcmp(a.at + 6, b.at + 4, 2) == 0)
        return LEVEL_FITS;
    if (year == 0 && (says_year_alone(a) || says_year_alone(b)))
        return LEVEL_CLOSE;
    unsigned edits = phonetic_edits(a, b, 2);
    if (edits == 1)
        return LEVEL_SLIP;
    if ((year == 0) + (month == 0) + (day == 0) == 2 || edits == 2)
        return LEVEL_PARTLY;
    if (year == 0)
        return LEVEL_HINT;
    int apart = year_of(a) - year_of(b);
    return (apart >= -1 && apart <= 1) || (year == 1 && month + day <= 2) ? LEVEL_FAINT : LEVEL_NOT;
}

static enum level age_likeness(uint32_t a, uint32_t b)
{
    uint32_t apart = a > b ? a - b : b - a;
    if (apart <= 1)
        return LEVEL_SLIP;
    if (apart <= 3)
        return LEVEL_CLOSE;
    return apart <= 8 ? LEVEL_PARTLY : LEVEL_NOT;
}

static enum level postcode_likeness(struct str a, struct str b, uint32_t unit_a, uint32_t unit_b)
{
    unsigned edits = phonetic_edits(a, b, 2);
    if (edits == 1)
        return LEVEL_SLIP;
    if (unit_a != 0 && unit_b != 0) {
        if (postcode_sector(unit_a) == postcode_sector(unit_b))
            return LEVEL_CLOSE;
        if (postcode_district(unit_a) == postcode_district(unit_b))
            return LEVEL_PARTLY;
        if (edits == 2)
            return LEVEL_HINT;
        return postcode_area(unit_a) == postcode_area(unit_b) ? LEVEL_FAINT : LEVEL_NOT;
    }
    if (a.len < 2 || b.len < 2 || memcmp(a.at, b.at, 2) != 0)
        return edits == 2 && a.len >= 5 && b.len >= 5 ? LEVEL_HINT : LEVEL_NOT;
    return a.len == b.len && a.len > 2 && a.at[2] == b.at[2] ? LEVEL_PARTLY : LEVEL_FAINT;
}

/* A short code's slip is none. */
static enum level token_likeness(struct str a, struct str b)
{
    if (a.len < 3 || b.len < 3)
        return LEVEL_NOT;
    if (phonetic_edits(a, b, 1) == 1)
        return LEVEL_SLIP;
    return phonetic_similarity(a, b) >= PARTLY_LEAST ? LEVEL_CLOSE : LEVEL_NOT;
}

enum level likeness(enum linkage_kind kind, const struct values *values, uint32_t a, uint32_t b)
{
    struct str left = values_text(values, a);
    struct str right = values_text(values, b);
    if (str_compare(left, right) > 0) /* some measures look at one text first */
        return likeness(kind, values, b, a);
    uint32_t number_a = values->signs[a].number;
    uint32_t number_b = values->signs[b].number;
    switch (kind) {
    case LINKAGE_GIVEN:
    case LINKAGE_OTHER:
    case LINKAGE_NAME:
        return name_likeness(true, left, right, number_a, number_b);
    case LINKAGE_FAMILY:
        return name_likeness(false, left, right, number_a, number_b);
    case LINKAGE_BIRTH:
        return date_likeness(left, right);
    case LINKAGE_AGE:
        return age_likeness(number_a, number_b);
    case LINKAGE_POSTCODE:
        return postcode_likeness(left, right, number_a, number_b);
    case LINKAGE_NUMBER:
        return number_likeness(left, right);
    case LINKAGE_PHONE:
        return phone_likeness(left, right);
    case LINKAGE_EMAIL:
        return email_likeness(left, right);
    case LINKAGE_IDENTIFIER:
        return identifier_likeness(left, right);
    case LINKAGE_TOKEN:
        return token_likeness(left, right);
    case LINKAGE_LOCALITY:
    case LINKAGE_ADDRESS:
    case LINKAGE_TEXT:
        return text_likeness(left, right);
    case LINKAGE_SEX:
    case LINKAGE_NONE:
    case LINKAGE_KINDS_END:
        break;
    }
    return LEVEL_NOT;
}
