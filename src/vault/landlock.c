#include "vault/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What older headers do not name yet: linux/landlock.h of ABI 3, 4 and 6. */
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NET = 4, ABI_SCOPE = 6 };
static const uint64_t right_truncate = UINT64_C(1) << 14;
static const uint64_t net_bind_and_connect = 3;
static const uint64_t scope_signals = 2;
static const uint64_t scope_abstract_sockets_and_signals = 3;

struct ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
};

static const uint64_t all_of_first = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
static const uint64_t of_reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t of_arranging =
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK;
static const uint64_t of_folders = LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK;

static int abi(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool landlock_is_there(void)
{
    return abi() >= 1;
}

static struct ruleset ruleset_of(int version, const struct landlock_order *order, size_t *ret_size)
{
    struct ruleset ruleset = {.files = all_of_first};
    *ret_size = sizeof ruleset.files;
    if (version >= ABI_REFER)
        ruleset.files |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= ABI_TRUNCATE)
        ruleset.files |= right_truncate;
    if (version >= ABI_NET) {
        ruleset.net = order->listens_or_connects ? 0 : net_bind_and_connect;
        *ret_size = sizeof ruleset.files + sizeof ruleset.net;
    }
    if (version >= ABI_SCOPE) {
        ruleset.scoped = order->listens_or_connects ? scope_signals : scope_abstract_sockets_and_signals;
        *ret_size = sizeof ruleset;
    }
    return ruleset;
}

static bool allow(int rules, const struct ruleset *ruleset, const struct landlock_path *path)
{
    struct stat status;
    int fd = open(path->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    uint64_t rights = 0;
    if ((path->may & LANDLOCK_READ) != 0)
        rights |= of_reading;
    if ((path->may & LANDLOCK_LIST) != 0)
        rights |= LANDLOCK_ACCESS_FS_READ_DIR;
    if ((path->may & LANDLOCK_WRITE) != 0)
        rights |= LANDLOCK_ACCESS_FS_WRITE_FILE | right_truncate;
    if ((path->may & LANDLOCK_ARRANGE) != 0)
        rights |= of_arranging;
    bool told = fstat(fd, &status) == 0;
    if (told && !S_ISDIR(status.st_mode))
        rights &= ~of_folders;
    const struct landlock_path_beneath_attr beneath = {.allowed_access = rights & ruleset->files,
                                                       .parent_fd = fd};
    bool allowed =
        told && syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
    (void)close(fd);
    return allowed;
}

bool landlock_hold(const struct landlock_order *order)
{
    const int version = abi();
    size_t size = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (version < 1)
        return true;
    const struct ruleset ruleset = ruleset_of(version, order, &size);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    bool held = rules >= 0;
    for (size_t i = 0; i < order->count && held; i++)
        held = allow(rules, &ruleset, &order->paths[i]);
    held = held && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (rules >= 0)
        (void)close(rules);
    return held;
}
