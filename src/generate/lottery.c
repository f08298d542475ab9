#include "generate/lottery.h"

#include <string.h>

static enum fault grow(struct lottery *lottery, struct arena *arena)
{
    uint32_t room = lottery->room == 0 ? 32 : lottery->room * 2;
    struct str *words = arena_take_array(arena, room, sizeof *words);
    uint64_t *upto = arena_take_array(arena, room, sizeof *upto);
    if (words == NULL || upto == NULL)
        return FAULT_MEMORY;
    if (lottery->count > 0) {
        memcpy(words, lottery->words, lottery->count * sizeof *words);
        memcpy(upto, lottery->upto, lottery->count * sizeof *upto);
    }
    lottery->words = words;
    lottery->upto = upto;
    lottery->room = room;
    return FAULT_NONE;
}

enum fault lottery_add(struct lottery *lottery, struct arena *arena, struct str word, uint64_t weight)
{
    if (weight == 0)
        return FAULT_NONE;
    if (lottery->count == lottery->room) {
        enum fault fault = grow(lottery, arena);
        if (fault != FAULT_NONE)
            return fault;
    }
    uint64_t before = lottery->count == 0 ? 0 : lottery->upto[lottery->count - 1];
    lottery->words[lottery->count] = word;
    lottery->upto[lottery->count] = before + weight;
    lottery->count++;
    return FAULT_NONE;
}

struct str lottery_draw(const struct lottery *lottery, struct stream *stream)
{
    must(lottery->count > 0);
    uint64_t ticket = stream_below(stream, lottery->upto[lottery->count - 1]);
    uint32_t low = 0;
    uint32_t high = lottery->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lottery->upto[middle] > ticket)
            high = middle;
        else
            low = middle + 1;
    }
    return lottery->words[low];
}

enum fault lottery_add_list(struct lottery *lottery, struct arena *arena, const char *list, uint64_t scale)
{
    struct str rest = str_of(list);
    struct str piece;
    uint64_t rank = 0;
    while (str_split(&rest, ' ', &piece)) {
        if (piece.len == 0)
            continue;
        struct str word;
        enum fault fault = arena_copy(arena, piece, &word);
        if (fault != FAULT_NONE)
            return fault;
        char *at = (char *)word.at; /* our own copy */
        for (size_t i = 0; i < word.len; i++)
            if (at[i] == '_')
                at[i] = ' ';
        fault = lottery_add(lottery, arena, word, scale * 10000 / (rank + 12));
        if (fault != FAULT_NONE)
            return fault;
        rank++;
    }
    return FAULT_NONE;
}
