/* People who never were. */
#include "interference.h"

#include <stdio.h>

enum { SEALED_EVERY = 25, AUTHORITIES_DRAWN = 4 };

/* A word that could be a name. */
static void draw_word(struct stream *stream, char word[WORD_BYTES])
{
    static const char *const syllables[] = {"ba", "den", "fo",  "gri", "hal", "ku",  "lem", "mor",
                                            "ni", "por", "qua", "ros", "sti", "tun", "vel", "wy"};
    size_t len = 0;
    word[0] = '\0';
    for (uint64_t i = 0, count = 3 + stream_below(stream, 2); i < count; i++)
        len += (size_t)snprintf(word + len, WORD_BYTES - len, "%s", syllables[stream_below(stream, 16)]);
    word[0] = (char)(word[0] - 'a' + 'A');
}

/* service.md: the sum of digits by weights 10 to 2 and the check digit leaves 0 mod 11. */
static void draw_nhs(struct stream *stream, char number[NUMBER_BYTES])
{
    int sum = 0, check;
    do {
        sum = 0;
        for (int i = 0; i < 9; i++) {
            number[i] = (char)('0' + (i == 0 ? 9 : (int)stream_below(stream, 10)));
            sum += (number[i] - '0') * (10 - i);
        }
        check = (11 - sum % 11) % 11;
    } while (check == 10);
    number[9] = (char)('0' + check);
    number[10] = '\0';
}

/* Its first letter is the sum of position times value over positions 2 to 13, mod 23. */
static void draw_upn(struct stream *stream, char number[NUMBER_BYTES])
{
    int sum = 0;
    for (int i = 1; i <= 12; i++) {
        static const char authority[] = "805";
        number[i] = i <= 3 ? authority[i - 1] : (char)('0' + (int)stream_below(stream, 10));
        sum += (number[i] - '0') * (i + 1);
    }
    number[0] = "ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23];
    number[13] = '\0';
}

/* The team of the first authority sits in the houses. */
void hidden_draw(struct stream *stream, struct hidden *hidden, bool elsewhere)
{
    static const char *const authorities[] = {"E06000001", "E06000002", "E06000003", "E06000004",
                                              "E06000005"};
    draw_word(stream, hidden->former);
    draw_word(stream, hidden->street);
    draw_word(stream, hidden->carer);
    draw_word(stream, hidden->school);
    draw_word(stream, hidden->doctor);
    draw_word(stream, hidden->service);
    draw_nhs(stream, hidden->nhs);
    draw_upn(stream, hidden->upn);
    (void)snprintf(hidden->postcode, WORD_BYTES, "TS%d %dA%c", (int)(1 + stream_below(stream, 29)),
                   (int)(1 + stream_below(stream, 9)), "BDEFG"[stream_below(stream, 5)]);
    hidden->authority = authorities[stream_below(stream, AUTHORITIES_DRAWN) + (elsewhere ? 1 : 0)];
    hidden->services = stream_below(stream, 3);
}

static enum difference draw_difference(struct stream *stream, uint64_t seed, bool last)
{
    if (last)
        return STAFF_ELSEWHERE;
    if (seed % SEALED_EVERY == SEALED_EVERY - 2)
        return RECORD_CLOSED;
    return (enum difference)stream_below(stream, DIFFERENCES_END);
}

struct pair pair_draw(struct street *street, uint64_t seed, bool last)
{
    struct pair pair = {.street = street, .twins = &street->twins, .stream = stream_of(seed)};
    struct stream *stream = &pair.stream;
    pair.difference = draw_difference(stream, seed, last);
    draw_word(stream, pair.family);
    draw_word(stream, pair.given);
    pair.born =
        (struct day){(uint16_t)(2010 + stream_below(stream, 14)), (uint8_t)(1 + stream_below(stream, 12)),
                     (uint8_t)(1 + stream_below(stream, 28)), DAY_EXACT};
    (void)snprintf(pair.record, RECORD_BYTES, "p%ju", (uintmax_t)seed);
    (void)snprintf(pair.birth, WORD_BYTES, "%04d-%02d-%02d", pair.born.year, pair.born.month, pair.born.day);
    hidden_draw(stream, &pair.hidden[0], !street->home);
    hidden_draw(stream, &pair.hidden[1], !street->home);
    if (pair.difference != HIDDEN_FIELDS)
        pair.hidden[1] = pair.hidden[0];
    draw_word(stream, pair.spelling);
    return pair;
}
