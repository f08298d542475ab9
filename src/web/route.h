/* From method and target to the operation, by operations.def. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "service/service.h"

struct route {
    int status; /* 0, 404: no such path, 405: the path has other methods */
    enum operation operation;
    struct id ids[ASK_PATH_IDS_MAX];
    uint8_t id_count;
    const char *allow; /* with 405: the methods that the path has */
};

/* An id that is not one becomes the zero id, which nobody has: so it is answered, recorded and counted
 * exactly like one that is absent.  No operation declares a query, so a target with one has no route. */
struct route route_find(struct str method, struct str target);

#endif
