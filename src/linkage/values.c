#include "linkage/values.h"

#include <stdlib.h>

#include "linkage/room.h"
#include "match/lexicon.h"

enum { ROOM_FIRST = 256, BYTE_ROOM_FIRST = 4096 };

void values_open(struct values *values)
{
    *values = (struct values){0};
}

/* What a table holds may be of people: wiped. */
void values_close(struct values *values)
{
    if (values->bytes != NULL)
        explicit_bzero(values->bytes, values->byte_count);
    room_give(values->signs);
    room_give(values->numbers);
    room_give(values->texts);
    room_give(values->bytes);
    room_give(values->places);
    values_open(values);
}

/* 1 to 7 bytes, the first lowest, without a look behind them. */
static uint64_t few_bytes(const char *at, size_t len)
{
    uint32_t low, high;
    if (len < 4)
        return (uint64_t)(uint8_t)at[0] | (uint64_t)(uint8_t)at[len / 2] << (8 * (len / 2)) |
               (uint64_t)(uint8_t)at[len - 1] << (8 * (len - 1));
    memcpy(&low, at, 4);
    memcpy(&high, at + len - 4, 4);
    return low | (uint64_t)high << (8 * (len - 4));
}

uint64_t values_hash(struct str text, uint64_t seed)
{
    uint64_t hash = seed ^ 0x9E3779B97F4A7C15u;
    uint64_t piece;
    bool whole = text.len >= 8;
    while (text.len >= 8) {
        memcpy(&piece, text.at, 8);
        hash = values_mix(hash ^ piece) + 0x9E3779B97F4A7C15u;
        text = (struct str){text.at + 8, text.len - 8};
    }
    uint64_t last = (uint64_t)text.len << 56;
    if (text.len > 0 && whole) {
        memcpy(&piece, text.at + text.len - 8, 8);
        last |= piece >> (64 - 8 * text.len);
    } else if (text.len > 0) {
        last |= few_bytes(text.at, text.len);
    }
    return values_mix(hash ^ last);
}

enum { ID_BITS = 28 };

static uint32_t id_at(const struct values *values, size_t place)
{
    return (uint32_t)(values->places[place] & VALUES_MAX);
}

/* `marked` is the hash, moved to where a place has it.  Texts are only looked at where that agrees. */
static size_t place_of(const struct values *values, struct str text, uint64_t marked)
{
    size_t mask = values->place_room - 1;
    size_t at = (size_t)(marked >> ID_BITS) & mask;
    while (values->places[at] != 0 && (values->places[at] >> ID_BITS != marked >> ID_BITS ||
                                       !str_equal(values_text(values, id_at(values, at)), text)))
        at = (at + 1) & mask;
    return at;
}

static enum fault grow_places(struct values *values, size_t room)
{
    uint64_t *places = room_take(room, sizeof *places);
    if (places == NULL)
        return FAULT_MEMORY;
    memset(places, 0, room * sizeof *places);
    for (size_t i = 0; i < values->place_room; i++) {
        size_t at = (size_t)(values->places[i] >> ID_BITS) & (room - 1);
        while (values->places[i] != 0 && places[at] != 0)
            at = (at + 1) & (room - 1);
        if (values->places[i] != 0)
            places[at] = values->places[i];
    }
    room_give(values->places);
    values->places = places;
    values->place_room = room;
    return FAULT_NONE;
}

static bool grow_array(void **array, size_t used, size_t room, size_t size_bytes)
{
    void *larger = room_larger(*array, used * size_bytes, room, size_bytes);
    if (larger != NULL)
        *array = larger;
    return larger != NULL;
}

static enum fault grow(struct values *values, uint32_t room)
{
    size_t used = values->room == 0 ? 0 : (size_t)values->count + 1;
    if (!grow_array((void **)&values->numbers, used, room, sizeof *values->numbers) ||
        !grow_array((void **)&values->texts, used, room, sizeof *values->texts))
        return FAULT_MEMORY;
    values->numbers[0] = 0;
    values->texts[0] = 0;
    values->room = room;
    return FAULT_NONE;
}

static enum fault grow_bytes(struct values *values, size_t room)
{
    char *bytes = room_take(room, 1);
    if (bytes == NULL)
        return FAULT_MEMORY;
    if (values->byte_count > 0)
        memcpy(bytes, values->bytes, values->byte_count);
    if (values->bytes != NULL)
        explicit_bzero(values->bytes, values->byte_count);
    room_give(values->bytes);
    values->bytes = bytes;
    values->byte_room = room;
    return FAULT_NONE;
}

/* Room for one more, of `len` bytes. */
static enum fault make_room(struct values *values, size_t len)
{
    enum fault fault = FAULT_NONE;
    if (values->count >= VALUES_MAX)
        return FAULT_TOO_LARGE;
    if (values->count + 1 >= values->room)
        TRY(grow(values, values->room == 0 ? ROOM_FIRST : values->room * 2));
    if (values->byte_count + len > values->byte_room)
        TRY(grow_bytes(values, values->byte_room == 0 ? BYTE_ROOM_FIRST : values->byte_room * 2));
done:
    return fault;
}

static void append(struct values *values, size_t place, struct str text, uint64_t marked, uint32_t number)
{
    uint32_t id = ++values->count;
    memcpy(values->bytes + values->byte_count, text.at, text.len);
    values->texts[id] = (uint64_t)values->byte_count << 8 | text.len;
    values->byte_count += text.len;
    values->numbers[id] = number;
    values->places[place] = marked | id;
}

static size_t home_of(const struct values *values, uint64_t hash)
{
    return (size_t)(hash << ID_BITS >> ID_BITS) & (values->place_room - 1);
}

/* A place, then where its text is, then the text that will be compared. */
void values_fetch_all(const struct values *values, const uint64_t *hashes, size_t count)
{
    if (values->place_room == 0)
        return;
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&values->places[home_of(values, hashes[i])]);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&values->texts[id_at(values, home_of(values, hashes[i]))]);
    for (size_t i = 0; i < count; i++) {
        uint32_t id = id_at(values, home_of(values, hashes[i]));
        if (id != 0)
            __builtin_prefetch(values->bytes + (values->texts[id] >> 8));
    }
}

/* At most three quarters full. */
static enum fault find_place(struct values *values, struct str text, uint64_t marked, size_t *ret_place)
{
    if (values->count >= values->place_room / 4 * 3) {
        size_t room = values->place_room == 0 ? ROOM_FIRST * 2 : values->place_room * 2;
        enum fault fault = grow_places(values, room);
        if (fault != FAULT_NONE)
            return fault;
    }
    *ret_place = place_of(values, text, marked);
    return FAULT_NONE;
}

enum fault values_take_hashed(struct values *values, struct str text, uint64_t hash, uint32_t number,
                              uint32_t *ret_id)
{
    enum fault fault = FAULT_NONE;
    size_t place;
    must(text.len > 0 && text.len <= VALUE_BYTES_MAX);
    uint64_t marked = hash << ID_BITS;
    TRY(find_place(values, text, marked, &place));
    if (values->places[place] == 0) {
        TRY(make_room(values, text.len));
        append(values, place, text, marked, number);
    }
    *ret_id = id_at(values, place);
done:
    return fault;
}

enum fault values_take(struct values *values, struct str text, uint32_t number, uint32_t *ret_id)
{
    return values_take_hashed(values, text, values_hash(text, 0), number, ret_id);
}

enum fault values_expect(struct values *values, uint32_t more)
{
    enum fault fault = FAULT_NONE;
    size_t places = ROOM_FIRST * 2;
    uint32_t room = ROOM_FIRST;
    if (more > VALUES_MAX - values->count)
        more = VALUES_MAX - values->count;
    while (places / 4 * 3 <= (size_t)values->count + more)
        places *= 2;
    while (room <= values->count + more + 1)
        room *= 2;
    if (places > values->place_room)
        TRY(grow_places(values, places));
    if (room > values->room)
        TRY(grow(values, room));
done:
    return fault;
}

static enum fault take_at(struct values *values, const struct values *others, uint32_t other, uint64_t hash,
                          uint32_t *ret_id)
{
    enum fault fault = FAULT_NONE;
    struct str text = values_text(others, other);
    uint64_t marked = hash << ID_BITS;
    size_t place;
    TRY(find_place(values, text, marked, &place));
    if (values->places[place] == 0) {
        TRY(make_room(values, text.len));
        append(values, place, text, marked, others->numbers[other]);
    }
    *ret_id = id_at(values, place);
done:
    return fault;
}

enum fault values_take_range(struct values *values, const struct values *others, uint32_t from, uint32_t to,
                             uint32_t *ids)
{
    enum { AT_ONCE = 32 };
    enum fault fault = FAULT_NONE;
    for (uint32_t id = from; id < to;) {
        uint64_t hashes[AT_ONCE];
        uint32_t count = to - id < AT_ONCE ? to - id : AT_ONCE;
        for (uint32_t i = 0; i < count; i++)
            hashes[i] = values_hash(values_text(others, id + i), 0);
        values_fetch_all(values, hashes, count);
        for (uint32_t i = 0; i < count; i++, id++)
            TRY(take_at(values, others, id, hashes[i], &ids[id]));
    }
done:
    return fault;
}

static uint32_t letter_bit(char c)
{
    if (c >= 'a' && c <= 'z')
        return (uint32_t)1 << (c - 'a');
    return c >= '0' && c <= '9' ? (uint32_t)1 << (c - '0') : (uint32_t)1 << 30;
}

static struct value_sign sign_of(const struct values *values, struct str text, uint32_t number)
{
    struct value_sign sign = {.number = number};
    char last = 0;
    const struct lexicon_word *known = values->names ? lexicon_find(text) : NULL;
    for (size_t i = 0; known != NULL && i < LEXICON_ROOTS_MAX && known->roots[i] != 0; i++)
        sign.nicknames |= (uint32_t)1 << known->roots[i] % 32;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == ' ') {
            sign.letters |= (uint32_t)1 << 31;
            continue;
        }
        sign.letters |= letter_bit(c);
        if (values->dates)
            sign.bigrams = sign.bigrams << 4 | ((uint8_t)c & 15);
        else if (last != 0)
            sign.bigrams |= (uint64_t)1
                            << (((uint32_t)(uint8_t)last * 37u + (uint32_t)(uint8_t)c * 101u) % 61u);
        last = c;
    }
    return sign;
}

enum fault values_settle(struct values *values)
{
    struct value_sign *signs = room_take((size_t)values->count + 1, sizeof *signs);
    if (signs == NULL)
        return FAULT_MEMORY;
    signs[0] = (struct value_sign){0};
    for (uint32_t id = 1; id <= values->count; id++)
        signs[id] = sign_of(values, values_text(values, id), values->numbers[id]);
    room_give(values->numbers);
    room_give(values->places);
    values->numbers = NULL;
    values->places = NULL;
    values->place_room = 0;
    values->signs = signs;
    return FAULT_NONE;
}
