#include "generate/slip.h"

static const char *const slip_names[SLIPS_END] = {
#define SLIP(name) [SLIP_##name] = #name,
#include "generate/slips.def"
#undef SLIP
};

const char *slip_name(enum slip slip)
{
    must(slip > SLIP_NONE && slip < SLIPS_END);
    return slip_names[slip];
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* `remove` bytes at `at` replaced by `with`, keeping the case of the first. */
static void replace(struct text *text, size_t at, size_t remove, struct str with)
{
    struct text result = {0};
    bool upper_first = remove > 0 && is_upper(text->at[at]);
    text_put(&result, (struct str){text->at, at});
    size_t start = result.len;
    text_put(&result, with);
    if (upper_first && result.len > start && result.at[start] >= 'a' && result.at[start] <= 'z')
        result.at[start] = (char)(result.at[start] - 'a' + 'A');
    text_put(&result, (struct str){text->at + at + remove, text->len - at - remove});
    *text = result;
}

/* Keys of a British keyboard: each row of letters, for its neighbours. */
static const char *const key_rows[] = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};

static char neighbour(char c, struct stream *stream)
{
    for (size_t row = 0; row < 3; row++) {
        const char *at = strchr(key_rows[row], c);
        if (at == NULL || c == '\0')
            continue;
        bool right = stream_below(stream, 2) == 1;
        if (right ? at[1] != '\0' : at == key_rows[row])
            return at[1];
        return at[-1];
    }
    return 'e';
}

/* A position holding a plain letter, past the first where the name is long enough: people watch how a name
 * begins. */
static bool find_letter(const struct text *text, struct stream *stream, size_t *ret_at)
{
    size_t from = text->len > 3 && stream_below(stream, 8) != 0 ? 1 : 0;
    if (text->len < 2)
        return false;
    for (int tries = 0; tries < 12; tries++) {
        size_t at = from + (size_t)stream_below(stream, text->len - from);
        if (is_letter(text->at[at])) {
            *ret_at = at;
            return true;
        }
    }
    return false;
}

bool slip_typing(struct text *text, struct stream *stream)
{
    size_t at;
    if (!find_letter(text, stream, &at))
        return false;
    char c = lower(text->at[at]);
    switch (stream_below(stream, 4)) {
    case 0: /* a key missed */
        if (text->len < 4)
            return false;
        replace(text, at, 1, STR(""));
        return true;
    case 1: /* doubled */
        replace(text, at, 1, (struct str){(char[]){c, c}, 2});
        return true;
    case 2: { /* the neighbouring key */
        char other = neighbour(c, stream);
        replace(text, at, 1, (struct str){&other, 1});
        return true;
    }
    default: /* two keys in the wrong order */
        if (at + 1 >= text->len || !is_letter(text->at[at + 1]) || lower(text->at[at + 1]) == c)
            return false;
        replace(text, at, 2, (struct str){(char[]){lower(text->at[at + 1]), c}, 2});
        return true;
    }
}

bool slip_postcode(struct text *text, struct stream *stream)
{
    if (text->len < 6 || text->at[text->len - 4] != ' ')
        return false;
    char *inward = text->at + text->len - 3; /* digit, letter, letter */
    char before[3] = {inward[0], inward[1], inward[2]};
    switch (stream_below(stream, 4)) {
    case 0:
        inward[0] = (char)('0' + stream_below(stream, 10));
        break;
    case 1:
        inward[1] = before[2];
        inward[2] = before[1];
        break;
    default: {
        size_t at = 1 + (size_t)stream_below(stream, 2);
        char other = neighbour(lower(inward[at]), stream);
        inward[at] = (char)(other - 'a' + 'A');
        break;
    }
    }
    return memcmp(before, inward, 3) != 0;
}

struct exchange {
    const char *from;
    const char *to;
};

/* The first place, from a random position on, where a random exchange fits. */
static bool exchange(struct text *text, const struct exchange *table, size_t count, struct stream *stream)
{
    size_t first = (size_t)stream_below(stream, count);
    for (size_t i = 0; i < count; i++) {
        const struct exchange *entry = &table[(first + i) % count];
        size_t len = strlen(entry->from);
        for (size_t at = 0; at + len <= text->len; at++) {
            size_t same = 0;
            while (same < len && lower(text->at[at + same]) == entry->from[same])
                same++;
            if (same == len) {
                replace(text, at, len, str_of(entry->to));
                return true;
            }
        }
    }
    return false;
}

bool slip_ocr(struct text *text, struct stream *stream)
{
    static const struct exchange shapes[] = {
        {"rn", "m"}, {"m", "rn"}, {"cl", "d"},  {"d", "cl"}, {"li", "h"}, {"h", "li"}, {"vv", "w"},
        {"w", "vv"}, {"i", "l"},  {"l", "i"},   {"e", "c"},  {"c", "e"},  {"o", "a"},  {"u", "v"},
        {"n", "u"},  {"g", "q"},  {"nn", "im"}, {"ri", "n"}, {"f", "t"},  {"b", "h"},
    };
    return exchange(text, shapes, sizeof shapes / sizeof shapes[0], stream);
}

bool slip_phonetic(struct text *text, struct stream *stream)
{
    static const struct exchange sounds[] = {
        {"ph", "f"},     {"ck", "k"},  {"ie", "y"},  {"ey", "ie"},  {"ea", "ee"},  {"ee", "ea"}, {"y", "i"},
        {"ai", "ay"},    {"ay", "ai"}, {"c", "k"},   {"k", "c"},    {"s", "z"},    {"z", "s"},   {"ll", "l"},
        {"nn", "n"},     {"tt", "t"},  {"ss", "s"},  {"rr", "r"},   {"sh", "sch"}, {"gh", ""},   {"th", "t"},
        {"ough", "uff"}, {"ou", "u"},  {"oo", "u"},  {"w", "v"},    {"x", "ks"},   {"qu", "kw"}, {"ah", "a"},
        {"son", "sen"},  {"er", "ar"}, {"an", "en"}, {"mac", "mc"}, {"cz", "ch"},  {"sz", "sh"}, {"dh", "d"},
        {"ee", "i"},     {"q", "k"},   {"u", "oo"},  {"ei", "i"},   {"l", "ll"},
    };
    return exchange(text, sounds, sizeof sounds / sizeof sounds[0], stream);
}

static bool use_date(struct day *day, struct day candidate, struct day today)
{
    if (!day_is_valid(candidate) || day_equal(candidate, *day) || day_number(candidate) > day_number(today) ||
        day_age_years(candidate, today) > 24)
        return false;
    *day = candidate;
    return true;
}

bool slip_date(struct day *day, struct day today, struct stream *stream)
{
    if (day->precision != DAY_EXACT)
        return false;
    struct day other = *day;
    uint64_t kind = stream_below(stream, 100);
    if (kind < 30) { /* day and month */
        other.day = day->month;
        other.month = day->day;
        if (other.month <= 12 && use_date(day, other, today))
            return true;
        other = *day;
    }
    if (kind < 60) { /* one digit of the day */
        other.day = (uint8_t)(stream_below(stream, 2) == 0 ? day->day % 10 + stream_below(stream, 3) * 10
                                                           : day->day / 10 * 10 + stream_below(stream, 10));
        return other.day > 0 && use_date(day, other, today);
    }
    if (kind < 75) { /* a digit of the year */
        other.year = (uint16_t)(day->year / 10 * 10 + (day->year + 1 + stream_below(stream, 9)) % 10);
        return use_date(day, other, today);
    }
    if (kind < 88) { /* the neighbouring month */
        other.month = (uint8_t)(day->month % 12 + 1);
        return use_date(day, other, today);
    }
    return use_date(day, day_of_number(day_number(*day) + (stream_below(stream, 2) == 0 ? 1 : -1)), today);
}
