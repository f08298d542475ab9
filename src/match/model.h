/* The weights of linkage, 1/1024 bit, from model.def: whole numbers, so that sums never depend on their
 * order. */
#ifndef MATCH_MODEL_H
#define MATCH_MODEL_H

#include <stdint.h>

#define WEIGHT(name, bits) static const int32_t MODEL_##name __attribute__((unused)) = (int32_t)((bits)*1024);
#include "match/model.def"
#undef WEIGHT

#endif
