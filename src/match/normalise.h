/* Text as linkage compares it: folded, transliterated to Latin letters, cut into words. */
#ifndef MATCH_NORMALISE_H
#define MATCH_NORMALISE_H

#include "base/str.h"
#include "match/lexicon.h"

enum { NAME_BYTES_MAX = 96, NAME_CODES_MAX = 4 };

/* One name, family or given, ready to be compared.  len 0: missing. */
struct name {
    char text[NAME_BYTES_MAX]; /* a-z and digits, words parted by one space */
    uint8_t len;
    char flat[NAME_BYTES_MAX]; /* the same without spaces: equal flats are equal names */
    uint8_t flat_len;
    bool placeholder; /* "baby", "not known": no evidence */
    uint32_t letters; /* bit 0-25: that letter occurs; 26: something else */
    uint32_t
        codes[NAME_CODES_MAX]; /* phonetic: the whole, words of their own, nickname roots; distinct, not 0 */
    uint8_t code_count;
    uint16_t roots[LEXICON_ROOTS_MAX];
    uint16_t family_weight; /* -log2 of the share among surnames, 1/1024 bit, never above the floor */
    uint16_t given_weight;
};

/* A line of an address is compared as a whole: it gets neither codes nor weights. */
enum name_part { PART_FAMILY = 1, PART_GIVEN, PART_LINE };

/* Any UTF-8; what lies beyond NAME_BYTES_MAX normalised bytes is not compared.  Safe from any thread. */
void normalise_name(struct str typed, enum name_part part, struct name *ret_name);

/* The same from text that normalise_name made. */
void normalise_again(struct str text, enum name_part part, struct name *ret_name);

/* A whole postcode as a number, 0 where it is none or stands for no address (ZZ99). */
uint32_t normalise_postcode(struct str typed);

/* Of a whole postcode; equal numbers are one sector ("LS6 1"), district ("LS6"), area ("LS"). */
uint32_t postcode_sector(uint32_t postcode);
uint32_t postcode_district(uint32_t postcode);
uint32_t postcode_area(uint32_t postcode);

/* The last ten digits of a telephone number, without country code and leading 0, in *ret_digits; false for
 * fewer than seven digits. */
bool normalise_phone(struct str typed, uint64_t *ret_digits);

#endif
