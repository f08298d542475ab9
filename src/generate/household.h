/* One household as it truly is: children, carers, where it lived and when.  It follows from its number alone.
 */
#ifndef GENERATE_HOUSEHOLD_H
#define GENERATE_HOUSEHOLD_H

#include "generate/names.h"
#include "generate/places.h"

enum { HOUSEHOLD_CHILDREN_MAX = 12, HOUSEHOLD_HOMES_MAX = 3, HOUSEHOLD_CARERS = 2 };

struct dwelling {
    uint32_t home;
    int32_t from; /* day number */
};

struct carer {
    bool present;
    struct text family;
    struct text given;
    const char *relationship;
    struct text phone;
};

struct child {
    uint32_t number; /* from 1 */
    enum sex sex;
    int32_t born; /* day number */
    struct text given;
    struct text other;
    struct text known_as; /* empty: as given */
    struct text family;
    struct text former_family; /* empty where it never changed */
    uint32_t twin;             /* the other twin's number, or 0 */
    int twin_place;            /* 1 for the first born, 2 for the second, 0 */
    uint64_t key;              /* what its rows draw from */
};

struct household {
    uint32_t number; /* from 1 */
    enum origin origin;
    struct dwelling dwellings[HOUSEHOLD_HOMES_MAX]; /* the present one first */
    int dwelling_count;
    struct carer carers[HOUSEHOLD_CARERS];
    struct child children[HOUSEHOLD_CHILDREN_MAX];
    int child_count;
};

struct household_order {
    const struct names *names;
    const struct places *places;
    uint64_t seed;
    int32_t today;         /* day number */
    int32_t window;        /* days from the oldest birth date of a child to today, both included */
    uint32_t number;       /* of the household, from 1 */
    uint32_t child;        /* number of its first child */
    uint32_t children_max; /* no more than these */
};

void household_draw(const struct household_order *order, struct household *ret_household);

/* How many children the household has, for whoever passes it over; `scratch` is no household afterwards. */
int household_count(const struct household_order *order, struct household *scratch);

#endif
