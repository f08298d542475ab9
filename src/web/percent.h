/* Percent-encoding, RFC 3986 §2.1. */
#ifndef WEB_PERCENT_H
#define WEB_PERCENT_H

#include "base/str.h"

/* The byte that the "%XX" at text.at[at] stands for; -1 where that is not one. */
int percent_byte(struct str text, size_t at);

#endif
