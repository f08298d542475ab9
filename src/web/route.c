#include "web/route.h"

/* How well a pattern fits: 0 not at all, else 1 + its literal pieces, so that "/new" comes before "/:id". */
static unsigned fit(const char *pattern, struct str path, struct route *route)
{
    struct str left = str_of(pattern);
    unsigned literals = 1;
    route->id_count = 0;
    struct str piece;
    while (str_split(&left, '/', &piece)) {
        struct str given;
        if (!str_split(&path, '/', &given))
            return 0;
        if (piece.len > 0 && piece.at[0] == ':') {
            must(route->id_count < ASK_PATH_IDS_MAX);
            struct id *id = &route->ids[route->id_count++];
            if (given.len == 0)
                return 0;
            if (!id_parse(given, id))
                *id = (struct id){0};
        } else if (str_equal(piece, given)) {
            literals++;
        } else {
            return 0;
        }
    }
    return path.at == NULL ? literals : 0;
}

static enum method method_of(struct str text)
{
    if (str_equal(text, STR("GET")))
        return METHOD_GET;
    return str_equal(text, STR("POST")) ? METHOD_POST : METHOD_NONE;
}

static const char *allow_of(bool get, bool post)
{
    if (get && post)
        return "GET, POST";
    return post ? "POST" : "GET";
}

struct route route_find(struct str method, struct str target)
{
    enum method wanted = method_of(method);
    struct route best = {.status = 404};
    unsigned best_fit = 0;
    bool get = false;
    bool post = false;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        const struct operation_row *row = policy_operation(operation);
        struct route route = {.operation = operation};
        unsigned this_fit = row->door == DOOR_WEB ? fit(row->path, target, &route) : 0;
        if (this_fit == 0 || this_fit < best_fit)
            continue;
        if (this_fit > best_fit) {
            best_fit = this_fit;
            best = (struct route){.status = 405};
            get = post = false;
        }
        get |= row->method == METHOD_GET;
        post |= row->method == METHOD_POST;
        if (row->method == wanted)
            best = route;
    }
    if (best.status == 405)
        best.allow = allow_of(get, post);
    return best;
}
