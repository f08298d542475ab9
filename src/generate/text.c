#include "generate/text.h"

#include "base/fault.h"

void text_put(struct text *text, struct str more)
{
    size_t len = more.len;
    if (len > TEXT_BYTES_MAX - text->len) {
        len = TEXT_BYTES_MAX - text->len;
        while (len > 0 && ((unsigned char)more.at[len] & 0xC0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(text->at + text->len, more.at, len);
    text->len += len;
}

void text_put_literal(struct text *text, const char *more)
{
    text_put(text, str_of(more));
}

void text_put_number(struct text *text, uint64_t value, int digits)
{
    char at[24];
    size_t from = sizeof at;
    while ((value > 0 || digits > 0) && from > 0) {
        at[--from] = (char)('0' + value % 10);
        value /= 10;
        digits--;
    }
    text_put(text, (struct str){at + from, sizeof at - from});
}

void text_put_day(struct text *text, struct day day)
{
    text_put_number(text, day.year, 4);
    if (day.precision == DAY_YEAR)
        return;
    text_put_literal(text, "-");
    text_put_number(text, day.month, 2);
    if (day.precision == DAY_MONTH)
        return;
    text_put_literal(text, "-");
    text_put_number(text, day.day, 2);
}

void text_set(struct text *text, struct str content)
{
    text->len = 0;
    text_put(text, content);
}

/* The marked letters that the tables of this floor use. */
static const struct {
    const char *marked;
    char plain;
} letters[] = {
    {"á", 'a'}, {"â", 'a'}, {"ă", 'a'}, {"ą", 'a'}, {"ć", 'c'}, {"é", 'e'}, {"ê", 'e'}, {"ę", 'e'},
    {"í", 'i'}, {"ł", 'l'}, {"ń", 'n'}, {"ó", 'o'}, {"ô", 'o'}, {"ś", 's'}, {"ș", 's'}, {"ț", 't'},
    {"ú", 'u'}, {"ŷ", 'y'}, {"ź", 'z'}, {"ż", 'z'}, {"Á", 'A'}, {"Ł", 'L'}, {"Ó", 'O'}, {"Ś", 'S'},
    {"Ș", 'S'}, {"Ț", 'T'}, {"Ż", 'Z'}, {"É", 'E'}, {"Í", 'I'}, {"Ú", 'U'}, {"î", 'i'},
};

static char fold_letter(struct str rest)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (str_starts(rest, str_of(letters[i].marked)))
            return letters[i].plain;
    return '\0';
}

void text_fold(struct text *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->at[i];
        if (c < 0x80) {
            text->at[to++] = text->at[i];
        } else if (c >= 0xC0) {
            char plain = fold_letter((struct str){text->at + i, text->len - i});
            if (plain != '\0')
                text->at[to++] = plain;
        }
    }
    text->len = to;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void text_upper(struct text *text)
{
    for (size_t i = 0; i < text->len; i++)
        text->at[i] = upper(text->at[i]);
}

void text_capitalise(struct text *text)
{
    bool start = true;
    for (size_t i = 0; i < text->len; i++) {
        char c = text->at[i];
        if (start)
            text->at[i] = upper(c);
        bool after_mc = i >= 1 && text->at[i - 1] == 'M' && c == 'c' && text->len - i > 3;
        start = c == ' ' || c == '-' || c == '\'' || after_mc;
    }
}

uint64_t text_mix(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t z = a * UINT64_C(0x9E3779B97F4A7C15) + b;
    z = (z ^ z >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    z = (z ^ z >> 32) + c * UINT64_C(0xC2B2AE3D27D4EB4F);
    z = (z ^ z >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return z ^ z >> 32;
}

uint64_t shuffle_index(uint64_t index, uint64_t size, uint64_t key)
{
    must(size > 0 && index < size && size <= UINT64_C(1) << 40);
    unsigned half = 1;
    while (UINT64_C(1) << (2 * half) < size)
        half++;
    uint64_t mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = index >> half;
        uint64_t right = index & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint64_t next = left ^ (text_mix(key, right, round) & mask);
            left = right;
            right = next;
        }
        index = left << half | right;
    } while (index >= size);
    return index;
}
