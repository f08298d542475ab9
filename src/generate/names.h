/* Names of children and of grown-ups, by origin, birth year and area. */
#ifndef GENERATE_NAMES_H
#define GENERATE_NAMES_H

#include "base/arena.h"
#include "base/random.h"
#include "generate/text.h"
#include "policy/ids.h"

enum origin {
    ORIGIN_NONE = 0,
#define ORIGIN(name) ORIGIN_##name,
#define MIX(...)
#include "generate/origins.def"
#undef ORIGIN
#undef MIX
    ORIGINS_END
};

enum area_kind {
    AREA_NONE = 0,
#define ORIGIN(name)
#define MIX(kind, ...) AREA_##kind,
#include "generate/origins.def"
#undef ORIGIN
#undef MIX
    AREAS_END
};

const char *origin_name(enum origin origin);

/* An origin as they are spread in such an area. */
enum origin origin_draw(enum area_kind kind, struct stream *stream);

enum { GROWN_UP = 0 };

struct names;

/* Tables in the arena; reference may be NULL.  Faults as reference_read. */
MUST_USE enum fault names_open(struct arena *arena, const char *reference, struct names **ret_names);

struct given_wish {
    enum origin origin;
    enum sex sex; /* SEX_FEMALE or SEX_MALE */
    int year;     /* of birth; GROWN_UP for a parent or practitioner */
};

void names_given(const struct names *names, struct given_wish wish, struct stream *stream,
                 struct text *ret_given);

/* A family name as they cluster in `area` (any number that stands for a place). */
void names_family(const struct names *names, enum origin origin, uint32_t area, struct stream *stream,
                  struct text *ret_family);

/* What the family says instead of `given`; false where nothing is known. */
bool names_nickname(struct str given, struct stream *stream, struct text *ret_nickname);

#endif
