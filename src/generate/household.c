#include "generate/household.h"

/* A birth date spread evenly over the window: the first child's is drawn, the others' lie some years from it,
 * folded back at both ends so that no age is rarer than another. */
static int32_t sibling_born(const struct household_order *order, int32_t elder, struct stream *stream)
{
    int32_t oldest = order->today - order->window + 1;
    int32_t gap = 340 + (int32_t)stream_below(stream, 1400);
    int32_t born = stream_below(stream, 2) == 0 ? elder - gap : elder + gap;
    if (born < oldest)
        born = oldest + (oldest - born);
    if (born > order->today)
        born = order->today - (born - order->today);
    return born < oldest ? oldest : born;
}

/* Children of one mother are born ten months apart or more, twins aside. */
static bool is_too_near(const struct household *household, int32_t born)
{
    for (int i = 0; i < household->child_count; i++) {
        int32_t apart = household->children[i].born - born;
        if (apart > -300 && apart < 300)
            return true;
    }
    return false;
}

static void draw_dwellings(const struct household_order *order, struct stream *stream,
                           struct household *household)
{
    uint32_t place = order->number - 1;
    uint32_t home = (uint32_t)shuffle_index(place % order->places->homes, order->places->homes,
                                            text_mix(order->seed, 7, 0x686F6D65));
    uint64_t draw = stream_below(stream, 100);
    household->dwelling_count = draw < 55 ? 1 : draw < 85 ? 2 : 3;
    int32_t from = order->today - (int32_t)stream_below(stream, 365 * 9);
    if (household->dwelling_count == 1)
        from -= 365 * 12;
    for (int i = 0; i < household->dwelling_count; i++) {
        household->dwellings[i] = (struct dwelling){home, from};
        home = places_move(order->places, home, stream);
        from -= 120 + (int32_t)stream_below(stream, 365 * 7);
    }
}

static int draw_births(struct stream *stream)
{
    uint64_t draw = stream_below(stream, 1000);
    return draw < 450 ? 1 : draw < 830 ? 2 : draw < 950 ? 3 : draw < 990 ? 4 : 5;
}

static int birth_year(int32_t born)
{
    return day_of_number(born).year;
}

static void draw_names(const struct household_order *order, struct stream *stream,
                       struct household *household, struct child *child)
{
    struct given_wish wish = {household->origin, child->sex, birth_year(child->born)};
    for (int tries = 0; tries < 20; tries++) { /* siblings have different names */
        bool taken = false;
        names_given(order->names, wish, stream, &child->given);
        for (int i = 0; i < household->child_count; i++)
            taken |= str_equal(text_str(&household->children[i].given), text_str(&child->given));
        if (!taken)
            break;
    }
    uint64_t others = stream_below(stream, 100);
    child->other.len = 0;
    if (others < 74)
        names_given(order->names, wish, stream, &child->other);
    if (others < 9) {
        struct text second = {0};
        names_given(order->names, wish, stream, &second);
        text_put_literal(&child->other, " ");
        text_put(&child->other, text_str(&second));
    }
    child->known_as.len = 0;
    uint64_t known = stream_below(stream, 100);
    if (known < 12)
        (void)names_nickname(text_str(&child->given), stream, &child->known_as);
    else if (known < 15 && others >= 9 && child->other.len > 0)
        text_set(&child->known_as, text_str(&child->other));
}

static void add_child(const struct household_order *order, struct stream *stream, struct household *household,
                      int32_t born)
{
    struct child *child = &household->children[household->child_count];
    *child = (struct child){.number = order->child + (uint32_t)household->child_count, .born = born};
    child->key = text_mix(order->seed, child->number, 0x6368696C64);
    child->sex = stream_below(stream, 1000) < 513 ? SEX_MALE : SEX_FEMALE;
    draw_names(order, stream, household, child);
    household->child_count++;
}

static void draw_children(const struct household_order *order, struct stream *stream,
                          struct household *household)
{
    int births = draw_births(stream);
    int32_t born = order->today - (int32_t)stream_below(stream, (uint64_t)order->window);
    for (int i = 0; i < births; i++) {
        if ((uint32_t)household->child_count == order->children_max)
            return;
        for (int tries = 0; i > 0 && tries < 8; tries++) {
            born = sibling_born(order, household->children[0].born, stream);
            if (!is_too_near(household, born))
                break;
        }
        if (i > 0 && is_too_near(household, born))
            continue;
        add_child(order, stream, household, born);
        bool twins = stream_below(stream, 10000) < 152; /* 3 % of children */
        if (!twins || (uint32_t)household->child_count == order->children_max)
            continue;
        add_child(order, stream, household, born);
        struct child *first = &household->children[household->child_count - 2];
        struct child *second = &household->children[household->child_count - 1];
        first->twin = second->number;
        first->twin_place = 1;
        second->twin = first->number;
        second->twin_place = 2;
        if (stream_below(stream, 3) == 0) { /* one in three pairs looks alike */
            second->sex = first->sex;
            household->child_count--;
            draw_names(order, stream, household, second);
            household->child_count++;
        }
    }
}

static void draw_carer(const struct household_order *order, struct stream *stream,
                       struct household *household, int place)
{
    static const char *const rare[] = {"grandparent", "foster carer", "step-parent", "aunt", "guardian"};
    struct carer *carer = &household->carers[place];
    bool female = place == 0;
    *carer = (struct carer){.present = stream_below(stream, 100) < (female ? 96 : 74)};
    carer->relationship = female ? "mother" : "father";
    if (stream_below(stream, 100) < 6)
        carer->relationship = rare[stream_below(stream, sizeof rare / sizeof rare[0])];
    struct given_wish wish = {household->origin, female ? SEX_FEMALE : SEX_MALE, GROWN_UP};
    names_given(order->names, wish, stream, &carer->given);
    text_set(&carer->family, text_str(&household->children[0].family));
    if (stream_below(stream, 100) < (female ? 28 : 15))
        names_family(order->names, household->origin,
                     places_authority(order->places, household->dwellings[0].home), stream, &carer->family);
    uint64_t key = stream_next(stream);
    if (key % 5 == 0)
        places_landline(key, false, &carer->phone);
    else
        places_mobile(key, &carer->phone);
}

/* One family name for all, and for some a former one. */
static void name_family(const struct household_order *order, struct stream *stream,
                        struct household *household)
{
    uint32_t area = places_authority(order->places, household->dwellings[0].home);
    struct text family = {0};
    struct text former = {0};
    if (stream_below(stream, 100) < 30) /* came from elsewhere, name and all */
        area = (uint32_t)stream_below(stream, order->places->authority_count);
    names_family(order->names, household->origin, area, stream, &family);
    if (stream_below(stream, 100) < 4)
        names_family(order->names, household->origin, area, stream, &former);
    for (int i = 0; i < household->child_count; i++) {
        struct child *child = &household->children[i];
        child->family = family;
        child->former_family = former;
        /* Half-siblings have names of their own; twins never. */
        if (i > 0 && child->twin == 0 && stream_below(stream, 100) < 7)
            names_family(order->names, household->origin, area, stream, &child->family);
    }
}

/* All that decides how many children there are, which is drawn before anything else. */
static void begin_household(const struct household_order *order, struct stream *stream,
                            struct household *household)
{
    *stream = stream_of(text_mix(order->seed, order->number, 0x66616D696C79));
    household->number = order->number;
    household->child_count = 0;
    draw_dwellings(order, stream, household);
    uint32_t authority = places_authority(order->places, household->dwellings[0].home);
    household->origin = origin_draw(order->places->authorities[authority].kind, stream);
    draw_children(order, stream, household);
}

void household_draw(const struct household_order *order, struct household *ret_household)
{
    struct stream stream;
    begin_household(order, &stream, ret_household);
    name_family(order, &stream, ret_household);
    for (int i = 0; i < HOUSEHOLD_CARERS; i++)
        draw_carer(order, &stream, ret_household, i);
}

int household_count(const struct household_order *order, struct household *scratch)
{
    struct stream stream;
    begin_household(order, &stream, scratch);
    return scratch->child_count;
}
