#include "generate/places.h"

#include <stdlib.h>

#include "generate/places_load.h"

static const char street_first[] =
#define AREA(...)
#define STREET_FIRST(list) list
#define STREET_LAST(list)
#define SAINT(list)
#include "generate/places.def"
#undef STREET_FIRST
#undef STREET_LAST
    ;

static const char street_last[] =
#define STREET_FIRST(list)
#define STREET_LAST(list) list
#include "generate/places.def"
#undef AREA
#undef STREET_FIRST
#undef STREET_LAST
#undef SAINT
    ;

void places_put_word(struct text *text, struct str list, uint64_t key)
{
    uint64_t count = 1;
    for (size_t i = 0; i < list.len; i++)
        count += list.at[i] == ' ';
    uint64_t chosen = key % count;
    struct str piece = list;
    for (uint64_t i = 0; i <= chosen; i++)
        if (!str_split(&list, ' ', &piece))
            return;
    for (size_t i = 0; i < piece.len; i++)
        text_put(text, piece.at[i] == '_' ? STR(" ") : (struct str){piece.at + i, 1});
}

uint32_t places_authorities_for(uint32_t children, uint32_t available)
{
    uint32_t wanted = children / 1000 < 3 ? 3 : children / 1000;
    return wanted < available ? wanted : available;
}

void places_share(struct places *places, const struct places_order *order)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < places->authority_count; i++)
        total += places->authorities[i].weight;
    uint64_t spare = order->homes - places->authority_count;
    uint64_t before = 0;
    for (uint32_t i = 0; i < places->authority_count; i++) {
        struct authority *authority = &places->authorities[i];
        uint64_t after = before + authority->weight;
        authority->home_first = i + (uint32_t)(spare * before / total);
        authority->home_count = i + 1 + (uint32_t)(spare * after / total) - authority->home_first;
        authority->children = (uint32_t)((uint64_t)order->children * authority->home_count / order->homes);
        before = after;
    }
    places->homes = order->homes;
}

enum fault places_open(struct arena *arena, const struct places_order *order, struct places **ret_places)
{
    struct places *places = arena_take(arena, sizeof *places);
    if (places == NULL)
        return FAULT_MEMORY;
    places->seed = order->seed;
    enum fault fault = order->reference == NULL ? places_load_built_in(arena, order, places)
                                                : places_load_reference(arena, order, places);
    if (fault == FAULT_NONE)
        *ret_places = places;
    return fault;
}

uint32_t places_authority(const struct places *places, uint32_t home)
{
    uint32_t low = 0;
    uint32_t high = places->authority_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (places->authorities[middle].home_first <= home)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

uint32_t places_move(const struct places *places, uint32_t home, struct stream *stream)
{
    if (stream_below(stream, 100) < 20)
        return (uint32_t)stream_below(stream, places->homes);
    const struct authority *authority = &places->authorities[places_authority(places, home)];
    uint32_t reach = authority->home_count < 4000 ? authority->home_count : 4000;
    uint32_t within = home - authority->home_first;
    uint32_t step = (uint32_t)stream_below(stream, reach);
    return authority->home_first +
           (within + authority->home_count + step - reach / 2) % authority->home_count;
}

/* Letters that the inward part of a postcode uses. */
static const char inward[] = "ABDEFGHJLNPQRSTUWXYZ";

static void put_built_in_postcode(const struct authority *authority, uint32_t unit, struct text *postcode)
{
    uint64_t within = unit;
    text_put(postcode, authority->postcode_area);
    uint32_t units = authority->home_count / HOMES_PER_POSTCODE + 1;
    uint64_t district = within * authority->districts / units;
    text_put_number(postcode, district + 1, 1);
    text_put_literal(postcode, " ");
    /* The units of one district follow one another, so that no two are alike until 4,000 are taken. */
    uint64_t serial = within - (district * units + authority->districts - 1) / authority->districts;
    uint64_t code = shuffle_index(serial % 4000, 4000, district);
    text_put_number(postcode, code / 400, 1);
    text_put(postcode, (struct str){inward + code / 20 % 20, 1});
    text_put(postcode, (struct str){inward + code % 20, 1});
}

static void put_postcode(const struct places *places, uint32_t home, struct text *postcode)
{
    const struct authority *authority = &places->authorities[places_authority(places, home)];
    uint32_t unit = (home - authority->home_first) / HOMES_PER_POSTCODE;
    if (places->postcodes == NULL) {
        put_built_in_postcode(authority, unit, postcode);
        return;
    }
    uint64_t units = authority->home_count / HOMES_PER_POSTCODE + 1;
    uint64_t chosen = authority->postcode_first + (uint64_t)unit * authority->postcode_count / units;
    const char *at = places->postcodes[chosen];
    size_t len = strnlen(at, 8);
    text_put(postcode, (struct str){at, len - 3});
    text_put_literal(postcode, " ");
    text_put(postcode, (struct str){at + len - 3, 3});
}

void places_sort_key(struct str postcode, char key[8])
{
    size_t to = 0;
    memset(key, 0, 8);
    for (size_t i = 0; i < postcode.len && to < 8; i++)
        if (postcode.at[i] != ' ')
            key[to++] = postcode.at[i];
}

static bool same_area(const char a[8], const char b[8])
{
    return memcmp(a, b, 2) == 0;
}

/* The first at or behind the postcode, or the one before it where the first lies in another postcode area. */
static uint32_t nearest(const struct setting_list *list, const char key[8])
{
    uint32_t low = 0;
    uint32_t high = list->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(list->settings[middle].sort, key, 8) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && !same_area(list->settings[low].sort, key) && same_area(list->settings[low - 1].sort, key))
        low--;
    return low;
}

void places_address(const struct places *places, uint32_t home, struct address *ret_address)
{
    const struct authority *authority = &places->authorities[places_authority(places, home)];
    uint64_t street = text_mix(home / HOMES_PER_POSTCODE, places->seed, 0x737472);
    uint64_t house = street / 1000 % 90 + 1 + (home % HOMES_PER_POSTCODE) * 2;
    *ret_address = (struct address){0};
    put_postcode(places, home, &ret_address->postcode);
    struct text road = {0};
    text_put_number(&road, house, 1);
    text_put_literal(&road, " ");
    places_put_word(&road, STR(street_first), street / 100000);
    text_put_literal(&road, " ");
    places_put_word(&road, STR(street_last), street / 100000000);
    if (text_mix(home, places->seed, 0x666C6174) % 100 < 12) {
        text_put_literal(&ret_address->line_1, "Flat ");
        text_put_number(&ret_address->line_1, home % 23 + 1, 1);
        text_put(&ret_address->line_2, text_str(&road));
    } else {
        text_put(&ret_address->line_1, text_str(&road));
    }
    if (places->postcodes == NULL) {
        places_put_word(&ret_address->town, authority->towns, home / 64);
        return;
    }
    char key[8];
    places_sort_key(text_str(&ret_address->postcode), key);
    const struct setting_list *schools = &places->lists[SETTING_PRIMARY];
    struct str town = schools->settings[nearest(schools, key)].town;
    text_put(&ret_address->town, town.len > 0 ? town : authority->name);
}

const struct setting *places_setting(struct places *places, enum setting_kind kind, uint32_t home,
                                     uint64_t which)
{
    struct setting_list *list = &places->lists[kind];
    must(list->count > 0);
    struct text postcode = {0};
    char key[8];
    put_postcode(places, home, &postcode);
    places_sort_key(text_str(&postcode), key);
    /* Mostly the nearest, as people do; sometimes one of its neighbours. */
    static const uint8_t steps[8] = {0, 0, 0, 0, 1, 1, 2, 3};
    uint32_t at = nearest(list, key);
    uint32_t step = steps[which % 8];
    if (at + step < list->count && same_area(list->settings[at + step].sort, key))
        at += step;
    struct setting *setting = &list->settings[at];
    if (!setting->used) {
        setting->used = true;
        setting->authority = (uint16_t)places_authority(places, home);
    }
    return setting;
}

/* Ofcom's numbers for drama. */
void places_landline(uint64_t key, bool london, struct text *ret_phone)
{
    text_set(ret_phone, london ? STR("020 7946 0") : STR("01632 960"));
    text_put_number(ret_phone, text_mix(key, 1, 2) % 1000, 3);
}

void places_mobile(uint64_t key, struct text *ret_phone)
{
    uint64_t number = text_mix(key, 3, 4);
    text_set(ret_phone, number % 4 == 0 ? STR("07700900") : STR("07700 900"));
    text_put_number(ret_phone, number / 4 % 1000, 3);
}

struct str setting_code(const struct setting *setting)
{
    return (struct str){setting->code, strnlen(setting->code, sizeof setting->code)};
}

void places_setting_phone(const struct places *places, const struct setting *setting, struct text *ret_phone)
{
    uint64_t key = 0;
    struct str code = setting_code(setting);
    for (size_t i = 0; i < code.len; i++)
        key = text_mix(key, (unsigned char)code.at[i], i);
    places_landline(key, places->authorities[setting->authority].kind == AREA_LONDON, ret_phone);
}
