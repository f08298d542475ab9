#include "linkage/cell.h"

#include "match/latin.h"
#include "match/normalise.h"
#include "match/phonetic.h"

/* A letter in lower case or a digit; 0: neither. */
static const char WORD_LETTERS[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
    ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f',
    ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
    ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v',
    ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd',
    ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l',
    ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
    ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z'};

/* Words around a name that are no part of it. */
static bool is_title(struct str word)
{
    static const char *const titles[] = {
        "mr",        "mrs",        "ms",          "miss",     "mx",      "master",   "dr",      "prof",
        "professor", "rev",        "revd",        "reverend", "sir",     "dame",     "lord",    "lady",
        "hon",       "baron",      "baroness",    "baronet",  "bart",    "bt",       "earl",    "count",
        "countess",  "viscount",   "viscountess", "duke",     "duchess", "marquess", "marquis", "prince",
        "princess",  "capt",       "captain",     "major",    "colonel", "col",      "general", "gen",
        "lt",        "lieutenant", "sgt",         "jr",       "jnr",     "sr",       "snr",     "ii",
        "iii",       "esq",        "phd",         "md",       "obe",     "mbe",      "cbe",     "kbe",
        "of",        "the",        "1st",         "2nd",      "3rd",     "4th",      "5th",     "6th",
        "7th",       "8th",        "9th",         "10th",     "11th",    "12th",     "13th",    "14th",
        "15th"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (word.len > 0 && word.at[0] == titles[i][0] && str_equal(word, str_of(titles[i])))
            return true;
    }
    return false;
}

static void set(struct cell *cell, struct str text)
{
    cell->len = (uint8_t)(text.len < VALUE_BYTES_MAX ? text.len : VALUE_BYTES_MAX);
    if (cell->len > 0)
        memcpy(cell->text, text.at, cell->len);
}

static bool is_absent(struct str text)
{
    static const char *const words[] = {"nan", "null", "none", "n a", "unknown", "not known", "unk"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text.len > 0 && text.at[0] == words[i][0] && str_equal(text, str_of(words[i])))
            return true;
    }
    return false;
}

/* Titles are taken off where something else is left. */
static void set_name(struct cell *cell, struct str typed, enum name_part part)
{
    struct name name;
    normalise_name(typed, part, &name);
    if (name.placeholder || name.len == 0)
        return;
    struct str rest = {name.text, name.len};
    struct str word;
    while (str_split(&rest, ' ', &word)) {
        if (is_title(word) || cell->len + word.len + 1 > VALUE_BYTES_MAX)
            continue;
        if (cell->len > 0)
            cell->text[cell->len++] = ' ';
        memcpy(cell->text + cell->len, word.at, word.len);
        cell->len = (uint8_t)(cell->len + word.len);
    }
    if (cell->len == 0) /* nothing but titles: "Prince Earl" is a name */
        set(cell, (struct str){name.text, name.len});
    cell->number = phonetic_code((struct str){cell->text, cell->len});
}

/* Letters and digits in words, as normalise_name has them; everything else parts words. */
static void set_words(struct cell *cell, struct str typed)
{
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < typed.len; i++) {
        char c = WORD_LETTERS[(uint8_t)typed.at[i]];
        if (c == 0) {
            gap = len > 0;
            continue;
        }
        if (len + (gap ? 2 : 1) > VALUE_BYTES_MAX)
            break;
        cell->text[len] = ' ';
        len += gap;
        gap = false;
        cell->text[len++] = c;
    }
    cell->len = (uint8_t)len;
}

static void set_line(struct cell *cell, struct str typed)
{
    if (typed.len <= LATIN_TYPED_BYTES_MAX && latin_is_ascii(typed)) {
        set_words(cell, typed);
        if (is_absent((struct str){cell->text, cell->len}))
            cell->len = 0;
        return;
    }
    struct name name;
    normalise_name(typed, PART_LINE, &name);
    struct str text = {name.text, name.len};
    if (is_absent(text))
        return;
    set(cell, text);
}

/* ASCII letters and digits alone, lower case. */
static void set_squeezed(struct cell *cell, struct str typed)
{
    size_t len = 0;
    for (size_t i = 0; i < typed.len && len < VALUE_BYTES_MAX; i++) {
        char c = WORD_LETTERS[(uint8_t)typed.at[i]];
        cell->text[len] = c;
        len += c != 0;
    }
    cell->len = (uint8_t)len;
    if (is_absent((struct str){cell->text, cell->len}))
        cell->len = 0;
}

static void set_email(struct cell *cell, struct str typed)
{
    typed = str_trim(typed);
    for (size_t i = 0; i < typed.len && cell->len < VALUE_BYTES_MAX; i++) {
        char c = typed.at[i];
        if (c > ' ' && c <= '~')
            cell->text[cell->len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    if (is_absent((struct str){cell->text, cell->len}))
        cell->len = 0;
}

static void set_phone(struct cell *cell, struct str typed)
{
    uint64_t digits;
    if (!normalise_phone(typed, &digits)) {
        set_squeezed(cell, typed);
        return;
    }
    char text[20];
    size_t at = sizeof text;
    for (; digits > 0 || at == sizeof text; digits /= 10)
        text[--at] = (char)('0' + digits % 10);
    set(cell, (struct str){text + at, sizeof text - at});
}

enum { DATE_PARTS = 3 };

/* Runs of digits; how many there are, DATE_PARTS + 1 for more than fit or a run that is too long. */
static size_t cut_digits(struct str typed, struct str parts[DATE_PARTS])
{
    size_t count = 0;
    for (size_t i = 0; i < typed.len;) {
        if (typed.at[i] < '0' || typed.at[i] > '9') {
            i++;
            continue;
        }
        size_t from = i;
        while (i < typed.len && typed.at[i] >= '0' && typed.at[i] <= '9')
            i++;
        if (count == DATE_PARTS)
            return DATE_PARTS + 1;
        parts[count++] = (struct str){typed.at + from, i - from};
    }
    return count;
}

static void put_part(struct cell *cell, struct str digits, size_t width)
{
    size_t skip = digits.len > width ? digits.len - width : 0;
    for (size_t i = digits.len; i < width; i++)
        cell->text[cell->len++] = '0';
    memcpy(cell->text + cell->len, digits.at + skip, digits.len - skip);
    cell->len = (uint8_t)(cell->len + digits.len - skip);
}

static void put_date(struct cell *cell, struct str year, struct str month, struct str day)
{
    put_part(cell, year, 4);
    put_part(cell, month, 2);
    put_part(cell, day, 2);
}

/* A year of two digits is within the hundred years that end with 2029. */
static struct str whole_year(struct str year, char at[4])
{
    if (year.len != 2)
        return year;
    at[0] = year.at[0] < '3' ? '2' : '1';
    at[1] = year.at[0] < '3' ? '0' : '9';
    memcpy(at + 2, year.at, 2);
    return (struct str){at, 4};
}

static void set_date(struct cell *cell, enum linkage_date date, struct str typed)
{
    struct str parts[DATE_PARTS];
    struct str zero = STR("0");
    char year[4];
    size_t count = cut_digits(typed, parts);
    if (count == 1 && parts[0].len == 8)
        set(cell, parts[0]);
    else if (count == 1 && parts[0].len == 4)
        put_date(cell, parts[0], zero, zero);
    else if (count == 1 && parts[0].len == 6)
        put_date(cell, (struct str){parts[0].at, 4}, (struct str){parts[0].at + 4, 2}, zero);
    else if (count == 2 && parts[0].len == 4)
        put_date(cell, parts[0], parts[1], zero);
    else if (count == DATE_PARTS && (date == LINKAGE_DATE_ANY || parts[0].len == 4))
        put_date(cell, parts[0], parts[1], parts[2]);
    else if (count == DATE_PARTS && date == LINKAGE_DATE_DAY_FIRST)
        put_date(cell, whole_year(parts[2], year), parts[1], parts[0]);
    else if (count == DATE_PARTS)
        put_date(cell, whole_year(parts[2], year), parts[0], parts[1]);
    if (cell->len == 8 && memcmp(cell->text, "00000000", 8) == 0)
        cell->len = 0;
    for (size_t i = 0; i < cell->len && cell->len == 8; i++)
        cell->number = cell->number * 10 + (uint32_t)(cell->text[i] - '0');
}

static void set_postcode(struct cell *cell, struct str typed)
{
    uint32_t postcode = normalise_postcode(typed);
    set_squeezed(cell, typed);
    cell->number = postcode;
}

static void set_age(struct cell *cell, struct str typed)
{
    int64_t years;
    if (!str_to_int(str_trim(typed), 0, 150, &years))
        return;
    set(cell, str_trim(typed));
    cell->number = (uint32_t)years;
}

/* By its first letter: m and f, others as they are. */
static void set_sex(struct cell *cell, struct str typed)
{
    set_squeezed(cell, typed);
    struct str text = {cell->text, cell->len};
    if (str_equal(text, STR("male")) || str_equal(text, STR("man")) || str_equal(text, STR("boy")) ||
        str_equal(text, STR("1")))
        set(cell, STR("m"));
    else if (str_equal(text, STR("female")) || str_equal(text, STR("woman")) ||
             str_equal(text, STR("girl")) || str_equal(text, STR("2")))
        set(cell, STR("f"));
    else if (str_equal(text, STR("0")) || str_equal(text, STR("9")) || str_equal(text, STR("u")))
        cell->len = 0;
}

void cell_normalise(enum linkage_kind kind, enum linkage_date date, struct str typed, struct cell *ret_cell)
{
    ret_cell->len = 0;
    ret_cell->number = 0;
    switch (kind) {
    case LINKAGE_GIVEN:
    case LINKAGE_OTHER:
        set_name(ret_cell, typed, PART_GIVEN);
        break;
    case LINKAGE_FAMILY:
        set_name(ret_cell, typed, PART_FAMILY);
        break;
    case LINKAGE_BIRTH:
        set_date(ret_cell, date, typed);
        break;
    case LINKAGE_AGE:
        set_age(ret_cell, typed);
        break;
    case LINKAGE_SEX:
        set_sex(ret_cell, typed);
        break;
    case LINKAGE_POSTCODE:
        set_postcode(ret_cell, typed);
        break;
    case LINKAGE_PHONE:
        set_phone(ret_cell, typed);
        break;
    case LINKAGE_EMAIL:
        set_email(ret_cell, typed);
        break;
    case LINKAGE_NUMBER:
    case LINKAGE_IDENTIFIER:
        set_squeezed(ret_cell, typed);
        break;
    case LINKAGE_LOCALITY:
    case LINKAGE_ADDRESS:
    case LINKAGE_TOKEN:
    case LINKAGE_TEXT:
        set_line(ret_cell, typed);
        break;
    case LINKAGE_NAME:
    case LINKAGE_NONE:
    case LINKAGE_KINDS_END:
        must(false);
    }
}

static void set_other(struct cell_names *names, const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (from < to && to[-1] == ' ')
        to--;
    if (from < to)
        cell_normalise(LINKAGE_OTHER, LINKAGE_DATE_ANY, (struct str){from, (size_t)(to - from)},
                       &names->other);
}

/* The comma of "Smith, Robert"; NULL for "Robert Smith, 2nd Baronet". */
static const char *surname_end(struct str typed)
{
    typed = str_trim(typed);
    const char *comma = typed.len == 0 ? NULL : memchr(typed.at, ',', typed.len);
    if (comma == NULL || memchr(typed.at, ' ', (size_t)(comma - typed.at)) != NULL)
        return NULL;
    return comma;
}

void cell_split_name(struct str typed, struct cell_names *ret_names)
{
    struct cell whole = {.len = 0};
    const char *comma = surname_end(typed);
    *ret_names = (struct cell_names){.given = {.len = 0}};
    if (comma != NULL) {
        struct str before = {typed.at, (size_t)(comma - typed.at)};
        cell_normalise(LINKAGE_FAMILY, LINKAGE_DATE_ANY, before, &ret_names->family);
        typed = (struct str){comma + 1, typed.len - before.len - 1};
    }
    set_name(&whole, typed, PART_GIVEN);
    const char *end = whole.text + whole.len;
    const char *first = whole.len == 0 ? NULL : memchr(whole.text, ' ', whole.len);
    if (first == NULL)
        first = end;
    cell_normalise(LINKAGE_GIVEN, LINKAGE_DATE_ANY, (struct str){whole.text, (size_t)(first - whole.text)},
                   &ret_names->given);
    const char *last = end;
    while (ret_names->family.len == 0 && last > first && last[-1] != ' ')
        last--;
    if (last < end)
        cell_normalise(LINKAGE_FAMILY, LINKAGE_DATE_ANY, (struct str){last, (size_t)(end - last)},
                       &ret_names->family);
    set_other(ret_names, first, last);
}
