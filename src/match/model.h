/* What agreement is worth: the weights of linkage, 1/1024 bit: whole numbers, so that sums never depend on
 * their order.  Those of default.model are the starting values; the build makes
 * model.def of it. */
#ifndef MATCH_MODEL_H
#define MATCH_MODEL_H

#include <stdint.h>

struct match_model {
#define WEIGHT(name, bits) int32_t name;
#include "match/model.def"
#undef WEIGHT
};

/* Rows of model.def, in its order. */
enum model_weight {
#define WEIGHT(name, bits) MODEL_WEIGHT_##name,
#include "match/model.def"
#undef WEIGHT
    MODEL_WEIGHTS
};

extern const struct match_model match_model_shipped;

#endif
