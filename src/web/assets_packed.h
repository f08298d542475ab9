/* What tools/pack-assets writes at build time. */
#ifndef WEB_ASSETS_PACKED_H
#define WEB_ASSETS_PACKED_H

#include "web/assets.h"

extern const struct asset assets_packed[];
extern const size_t assets_packed_count;

#endif
