/* What the files of the non-interference test share: a pair, who looks, what makes the two differ. */
#ifndef TESTS_SERVICE_INTERFERENCE_H
#define TESTS_SERVICE_INTERFERENCE_H

#include "twins.h"

enum { WORD_BYTES = 24, RECORD_BYTES = 40, NUMBER_BYTES = 16 };

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What makes the two differ. */
enum difference {
    HIDDEN_FIELDS, /* of a shielded child: whereabouts, carers, school, doctor, former name, numbers, services
                    */
    HIDDEN_HISTORY,     /* of a shielded child: how much has been said of it, and by how many */
    CONSENT_MISSING,    /* a sensitive service whose consent was withdrawn, or none at all */
    CONSENT_DETAILS,    /* one sensitive service with consent, or two others */
    COLLEAGUES_SERVICE, /* the same, recorded by somebody of the teacher's organisation, which is of another
                           kind */
    SENSITIVE_SHIELD,   /* a shielded child with a sensitive service, or without */
    OTHER_SPELLING,     /* another source spells a shielded child's name otherwise, or none does */
    HELD_ROW,           /* a row that resembles a shielded child waits for an officer, or never came */
    POSSIBLE_ROW,       /* the same of a child that everybody sees */
    QUESTION_ASKED,     /* somebody has asked the child's team who else is there, or nobody has */
    OVERRIDDEN,         /* a shield was overridden and is investigated, or never */
    RISE_ASKED,         /* another organisation's user asks to open more records, or nobody does */
    DIFFERENCES_END,
    RECORD_CLOSED = DIFFERENCES_END, /* a record that is closed, or that never was; now and then */
    STAFF_ELSEWHERE,                 /* an account of another organisation is suspended; last of a house */
};

/* A child as everybody may see it, and two versions of the rest. */
struct hidden {
    char former[WORD_BYTES], postcode[WORD_BYTES], street[WORD_BYTES], carer[WORD_BYTES], school[WORD_BYTES];
    char doctor[WORD_BYTES], nhs[NUMBER_BYTES], upn[NUMBER_BYTES], service[WORD_BYTES];
    const char *authority;
    uint64_t services; /* how many */
};

/* Who looks: each pair as the teacher, and as one of the others in turn. */
enum looker {
    TEACHER,
    NOBODY,
    OVERRIDER, /* an override practitioner, of E06000003 */
    MANAGER,   /* this and the next four: of the teacher's authority, E06000001 */
    SHIELDER,
    DATA,
    RIGHTS,
    REVIEWER,
    ADMINISTRATOR,
    LOOKERS_END
};

/* Two houses for a few pairs, and who sits in them. */
struct street {
    struct twins twins;
    bool home; /* the children are of the team's own authority, too: then nobody looks as the team */
    struct twins_seat seats[LOOKERS_END];
    struct twins_seat worker;    /* a practitioner who does what nobody must notice */
    struct twins_seat colleague; /* one of the teacher's own organisation, who does too */
    struct twins_seat breaker;   /* one who overrides */
    uint64_t left_out;           /* pairs that could not be made */
    struct twins_seat admin;     /* another administrator's seat, for what one does to an account */
};

struct pair {
    struct street *street;
    struct twins *twins; /* the street's */
    struct stream stream;
    enum difference difference;
    char record[RECORD_BYTES], family[WORD_BYTES], given[WORD_BYTES], birth[WORD_BYTES];
    char spelling[WORD_BYTES]; /* of the family name, by another source */
    struct day born;
    struct hidden hidden[TWINS];
    struct child_id child;
    struct id secret; /* of the matter or the row that only one has, or that is others' to work on */
};

/* A row of a feed with one more value. */
void say(struct row *row, enum column column, const char *text);

/* interference_draw.c: `elsewhere` where no team of the houses may answer for the child; `last` of its house.
 */
void hidden_draw(struct stream *stream, struct hidden *hidden, bool elsewhere);
struct pair pair_draw(struct street *street, uint64_t seed, bool last);

/* interference_differ.c: builds the houses, with something that waits for each team alike; then makes a pair
 * different, unless its child is too like another of the house to be one. */
void street_build(struct street *street, bool home);
void street_leave(struct street *street);
MUST_USE bool pair_differ(struct pair *pair);

/* Whether that looker may see what the two differ by. */
bool pair_is_seen_by(const struct pair *pair, enum looker looker);

/* One request in one house, outside the comparison. */
struct answer *act(const struct seat *seat, enum operation operation, const struct id *ids, uint8_t count,
                   const char *const *fields);

/* interference_look.c: a practitioner's searches, and all about the one child. */
void look_all(const struct pair *pair);

/* interference_every.c: every operation that the looker has, with forms empty and filled; at the end of a
 * house those that end a session. */
void ask_every(const struct pair *pair, enum looker looker);
void ask_last(struct street *street, enum looker looker);

/* Fails where an operation of the table was never asked in a role that may do it, unless its door is named as
 * one that nobody looks through; and where a page that should open never did. */
void assert_all_asked(const struct twins *twins);

#endif
