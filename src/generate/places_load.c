#include "generate/places_load.h"

#include <stdlib.h>

static const struct {
    const char *code;
    const char *name;
    enum area_kind kind;
    uint32_t weight;
    const char *postcode_area;
    uint32_t districts;
    const char *towns;
} areas[] = {
#define AREA(code, name, kind, weight, postcode_area, districts, towns)                                      \
    {code, name, AREA_##kind, weight, postcode_area, districts, towns},
#define STREET_FIRST(list)
#define STREET_LAST(list)
#define SAINT(list)
#include "generate/places.def"
#undef AREA
#undef SAINT
};

static const char saints[] =
#define AREA(...)
#define SAINT(list) list
#include "generate/places.def"
#undef AREA
#undef SAINT
#undef STREET_FIRST
#undef STREET_LAST
    ;

static int compare_settings(const void *a, const void *b)
{
    const struct setting *x = a;
    const struct setting *y = b;
    int order = memcmp(x->sort, y->sort, sizeof x->sort);
    return order != 0 ? order : memcmp(x->code, y->code, sizeof x->code);
}

void places_sort_settings(struct setting_list *list)
{
    qsort(list->settings, list->count, sizeof *list->settings, compare_settings);
}

/* How settings are made up: what stands behind the name, and how many children make one necessary. */
static const struct {
    const char *suffix;
    uint32_t children;
    uint32_t code_first;
} made_up[SETTING_KINDS] = {
    [SETTING_PRIMARY] = {" Primary School", 420, 900001},
    [SETTING_SECONDARY] = {" High School", 1000, 950001},
    [SETTING_PRACTICE] = {" Surgery", 1300, 1},
};

static uint32_t settings_in(const struct authority *authority, enum setting_kind kind)
{
    return authority->children / made_up[kind].children + 2;
}

struct made {
    enum setting_kind kind;
    uint32_t number; /* of its kind */
    uint32_t home;   /* whose postcode it has */
};

static enum fault make_setting(struct arena *arena, const struct places *places, struct made wish,
                               struct setting *ret_setting)
{
    struct address address;
    struct text code = {0};
    struct text name = {0};
    enum setting_kind kind = wish.kind;
    places_address(places, wish.home, &address);
    uint64_t key = text_mix(wish.number, places->seed, (uint64_t)kind);
    if (kind == SETTING_PRACTICE)
        text_put_literal(&code, "Z");
    text_put_number(&code, made_up[kind].code_first + wish.number, kind == SETTING_PRACTICE ? 5 : 6);
    places_put_word(&name, STR(saints), key);
    if (kind == SETTING_SECONDARY) {
        text_put_literal(&name, " ");
        text_put(&name, text_str(&address.town));
    }
    text_put_literal(&name, made_up[kind].suffix);
    memset(ret_setting, 0, sizeof *ret_setting);
    memcpy(ret_setting->code, code.at, code.len);
    places_sort_key(text_str(&address.postcode), ret_setting->sort);
    enum fault fault = arena_copy(arena, text_str(&name), &ret_setting->name);
    return fault != FAULT_NONE ? fault : arena_copy(arena, text_str(&address.town), &ret_setting->town);
}

static enum fault make_settings(struct arena *arena, struct places *places, enum setting_kind kind)
{
    struct setting_list *list = &places->lists[kind];
    uint32_t room = 0;
    for (uint32_t a = 0; a < places->authority_count; a++)
        room += settings_in(&places->authorities[a], kind);
    list->settings = arena_take_array(arena, room, sizeof *list->settings);
    if (list->settings == NULL)
        return FAULT_MEMORY;
    for (uint32_t a = 0; a < places->authority_count; a++) {
        const struct authority *authority = &places->authorities[a];
        uint32_t count = settings_in(authority, kind);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t home = authority->home_first +
                            (uint32_t)((uint64_t)authority->home_count * (2 * i + 1) / (2 * count));
            enum fault fault = make_setting(arena, places, (struct made){kind, list->count, home},
                                            &list->settings[list->count]);
            if (fault != FAULT_NONE)
                return fault;
            list->count++;
        }
    }
    places_sort_settings(list);
    return FAULT_NONE;
}

enum fault places_load_built_in(struct arena *arena, const struct places_order *order, struct places *places)
{
    uint32_t count = places_authorities_for(order->children, sizeof areas / sizeof areas[0]);
    places->authorities = arena_take_array(arena, count, sizeof *places->authorities);
    if (places->authorities == NULL)
        return FAULT_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        struct authority *authority = &places->authorities[i];
        memcpy(authority->code, areas[i].code, sizeof authority->code);
        authority->name = str_of(areas[i].name);
        authority->kind = areas[i].kind;
        authority->weight = areas[i].weight;
        authority->postcode_area = str_of(areas[i].postcode_area);
        authority->districts = areas[i].districts;
        authority->towns = str_of(areas[i].towns);
    }
    places->authority_count = count;
    places_share(places, order);
    for (enum setting_kind kind = SETTING_PRIMARY; kind < SETTING_KINDS; kind++) {
        enum fault fault = make_settings(arena, places, kind);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}
