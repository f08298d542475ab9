/* What somebody sees of their own request to open more records (R5.7): views, as in access/view.h. */
#ifndef ACCESS_APPROVAL_VIEW_H
#define ACCESS_APPROVAL_VIEW_H

#include "base/time.h"

enum more_state {
    MORE_FREE = 1, /* nothing has been asked that still counts */
    MORE_ASKED,    /* it waits for a second person */
    MORE_GIVEN,    /* approved, and that still holds */
};

struct more_view {
    enum more_state state;
    struct instant asked; /* of MORE_ASKED */
    struct instant until; /* of MORE_GIVEN */
    int64_t children_per_hour;
    int64_t children_per_day;
};

#endif
