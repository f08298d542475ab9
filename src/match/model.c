#include "match/model.h"

const struct match_model match_model_shipped = {
#define WEIGHT(name, bits) .name = (int32_t)((bits)*1024 + ((bits) < 0 ? -0.5 : 0.5)),
#include "match/model.def"
#undef WEIGHT
};
