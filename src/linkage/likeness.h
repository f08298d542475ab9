/* How alike two different values of one kind are. */
#ifndef LINKAGE_LIKENESS_H
#define LINKAGE_LIKENESS_H

#include "linkage/compare.h"

/* LEVEL_FITS to LEVEL_NOT; the same either way round. */
enum level likeness(enum linkage_kind kind, const struct values *values, uint32_t a, uint32_t b);

#endif
