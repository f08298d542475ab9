/* A synthetic population with families, twins and moves, from a seed: the same everywhere. */
#ifndef TESTS_MATCH_POPULATION_H
#define TESTS_MATCH_POPULATION_H

#include "base/random.h"
#include "people.h"

enum { POPULATION_TEXT_MAX = 24 };

struct synthetic {
    char family[POPULATION_TEXT_MAX];
    char given[POPULATION_TEXT_MAX];
    char carer[POPULATION_TEXT_MAX];
    char postcode[POPULATION_TEXT_MAX];
    char nhs[POPULATION_TEXT_MAX];
    struct day birth;
    enum sex sex;
};

/* Child `number`; every seventh is a twin of the one before. */
void population_child(uint64_t number, struct synthetic *ret_child);

/* As a person; text stays borrowed. */
struct person population_person(const struct synthetic *child, bool with_number);

/* One slip of the keyboard: a letter wrong, left out, doubled or swapped with its neighbour. */
void population_spoil(struct stream *stream, char text[POPULATION_TEXT_MAX]);

/* One slip in a date: a digit's neighbour, or day and month swapped. */
struct day population_slip(struct stream *stream, struct day day);

#endif
