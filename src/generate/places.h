/* Where people live and which school and practice are near: authorities, postcodes, streets, schools, GP
 * practices.
 *
 * A *home* is a number from 0 to homes - 1.  Four homes share a postcode, neighbouring numbers lie near each
 * other, and everything about a home follows from its number, so that nothing needs remembering. */
#ifndef GENERATE_PLACES_H
#define GENERATE_PLACES_H

#include "base/arena.h"
#include "generate/names.h"
#include "generate/text.h"

enum { HOMES_PER_POSTCODE = 4 };

struct authority {
    char code[9];
    struct str name;
    enum area_kind kind;
    uint32_t weight;
    uint32_t home_first;
    uint32_t home_count;
    uint32_t children; /* about, for sizing teams */
    /* Built-in: what its postcodes look like.  Reference: which postcodes are its own. */
    struct str postcode_area;
    uint32_t districts;
    struct str towns;
    uint32_t postcode_first;
    uint32_t postcode_count;
};

/* A school or a practice. */
struct setting {
    char code[12];
    struct str name;
    struct str town;
    char sort[8]; /* postcode without space, for finding what is near */
    uint16_t authority;
    bool used;
};

struct setting_list {
    struct setting *settings; /* sorted by postcode */
    uint32_t count;
};

enum setting_kind { SETTING_PRIMARY = 1, SETTING_SECONDARY = 2, SETTING_PRACTICE = 3, SETTING_KINDS };

struct places {
    struct authority *authorities;
    uint32_t authority_count;
    uint32_t homes;
    char (*postcodes)[8]; /* reference only, by authority; without space, NUL-padded */
    struct setting_list lists[SETTING_KINDS];
    uint64_t seed;
};

struct places_order {
    const char *reference; /* or NULL */
    uint32_t children;
    uint32_t homes;
    uint64_t seed;
};

/* In the arena.  Faults as reference_read. */
MUST_USE enum fault places_open(struct arena *arena, const struct places_order *order,
                                struct places **ret_places);

/* The authority in which a home lies, by index. */
uint32_t places_authority(const struct places *places, uint32_t home);

/* Another home: mostly near, sometimes anywhere. */
uint32_t places_move(const struct places *places, uint32_t home, struct stream *stream);

struct address {
    struct text line_1;
    struct text line_2;
    struct text town;
    struct text postcode;
};

void places_address(const struct places *places, uint32_t home, struct address *ret_address);

/* One of the few nearest settings, the same for the same `which`; marks it as used. */
const struct setting *places_setting(struct places *places, enum setting_kind kind, uint32_t home,
                                     uint64_t which);

/* A setting's code, and its telephone number: a drama one, whatever the reference tables say. */
struct str setting_code(const struct setting *setting);
void places_setting_phone(const struct places *places, const struct setting *setting, struct text *ret_phone);

/* Drama numbers, the same for the same key: a landline and a mobile. */
void places_landline(uint64_t key, bool london, struct text *ret_phone);
void places_mobile(uint64_t key, struct text *ret_phone);

#endif
