#include "floors.h"

#include <string.h>

enum floor {
    FLOOR_NONE = 0,
    FLOOR_BASE,
    FLOOR_POLICY,
    FLOOR_VAULT,
    FLOOR_STORE,
    FLOOR_MATCH,
    FLOOR_LINKAGE,
    FLOOR_AUDIT,
    FLOOR_REGISTRY,
    FLOOR_ACCESS,
    FLOOR_SERVICE,
    FLOOR_WEB,
    FLOOR_API,
    FLOOR_FEED,
    FLOOR_GENERATE,
    FLOOR_CLI,
    FLOORS_END
};

#define ON(floor) (1U << FLOOR_##floor)
/* What every door and the generator may see: values, tables, the conductor. */
#define DOOR (ON(BASE) | ON(POLICY) | ON(SERVICE))

static const struct {
    const char *name;
    unsigned may_include;
} floors[FLOORS_END] = {
    [FLOOR_BASE] = {"base", ON(BASE)},
    [FLOOR_POLICY] = {"policy", ON(BASE) | ON(POLICY)},
    [FLOOR_VAULT] = {"vault", ON(BASE) | ON(POLICY) | ON(VAULT)},
    [FLOOR_STORE] = {"store", ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE)},
    [FLOOR_MATCH] = {"match", ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE) | ON(MATCH)},
    [FLOOR_LINKAGE] = {"linkage", ON(BASE) | ON(MATCH) | ON(LINKAGE)},
    [FLOOR_AUDIT] = {"audit", ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE) | ON(AUDIT)},
    [FLOOR_REGISTRY] = {"registry",
                        ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE) | ON(MATCH) | ON(AUDIT) | ON(REGISTRY)},
    [FLOOR_ACCESS] = {"access", ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE) | ON(MATCH) | ON(AUDIT) |
                                    ON(REGISTRY) | ON(ACCESS)},
    [FLOOR_SERVICE] = {"service", ON(BASE) | ON(POLICY) | ON(VAULT) | ON(STORE) | ON(MATCH) | ON(AUDIT) |
                                      ON(REGISTRY) | ON(ACCESS) | ON(SERVICE)},
    [FLOOR_WEB] = {"web", DOOR | ON(WEB)},
    [FLOOR_API] = {"api", DOOR | ON(API)},
    [FLOOR_FEED] = {"feed", DOOR | ON(FEED)},
    [FLOOR_GENERATE] = {"generate", DOOR | ON(GENERATE)},
    [FLOOR_CLI] = {"cli", DOOR | ON(CLI)},
};

/* Single files that lie higher or lower than their reader's sight, each with its reason.  `file` may be a
 * folder. */
static const struct {
    const char *file;
    const char *included;
} exceptions[] = {
    /* Views are all that a door ever shows. */
    {"src/web/", "access/view.h"},
    {"src/api/", "access/view.h"},
    {"src/feed/", "access/view.h"},
    {"src/cli/", "access/view.h"},
    /* The columns of a feed file are a published format. */
    {"src/feed/", "registry/layout.def"},
    {"src/generate/", "registry/layout.def"},
    {"src/cli/", "registry/layout.def"},
    /* The command line is where the one program starts its doors and its generator. */
    {"src/cli/", "web/serve.h"},
    {"src/cli/", "feed/feed_file.h"},
    /* A token that is enrolled at the terminal is drawn there. */
    {"src/cli/", "access/qr.h"},
    {"src/cli/", "generate/generate.h"},
    /* Whole databases are moved and judged without opening what is in them: no record is seen. */
    {"src/cli/", "store/copy.h"},
    {"src/cli/", "store/check.h"},
    /* Plain tables are linked in files of the caller's own: no store, no service. */
    {"src/cli/", "linkage/linkage.h"},
    {"src/cli/", "linkage/spec.h"},
    {"src/cli/", "linkage/rows.h"},
    {"src/cli/", "linkage/link.h"},
    {"src/cli/", "linkage/judge.h"},
    {"src/cli/", "linkage/people.h"},
    {"src/cli/", "linkage/out.h"},
    {"src/cli/", "match/cluster.h"},
};

/* The floor whose folder is the first part of `path`. */
static enum floor floor_of(const char *path)
{
    const char *slash = strchr(path, '/');
    if (slash == NULL)
        return FLOOR_NONE;
    size_t len = (size_t)(slash - path);
    for (enum floor floor = FLOOR_BASE; floor < FLOORS_END; floor++)
        if (strlen(floors[floor].name) == len && memcmp(floors[floor].name, path, len) == 0)
            return floor;
    return FLOOR_NONE;
}

static bool is_excepted(const char *file, const char *included)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (strncmp(file, exceptions[i].file, strlen(exceptions[i].file)) == 0 &&
            strcmp(included, exceptions[i].included) == 0)
            return true;
    return false;
}

bool floors_allow(const char *file, const char *included)
{
    if (strncmp(file, "src/", 4) != 0)
        return true;
    enum floor from = floor_of(file + 4);
    enum floor to = floor_of(included);
    if (from == FLOOR_NONE || to == FLOOR_NONE)
        return true;
    return (floors[from].may_include >> to & 1) != 0 || is_excepted(file, included);
}
