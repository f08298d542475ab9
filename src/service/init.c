/* Making a new instance. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/facts.h"
#include "service/operations.h"
#include "service/settings.h"
#include "service/staff.h"

enum { PATH_BYTES_MAX = 4096, USER_NAME_BYTES_MAX = 64 };

/* Everything that becomes the instance in one transaction. */
struct founding {
    struct conduct conduct;
    struct answer answer;
    const struct init_order *order;
    const struct account_prepared *operator_account;
    struct str instance;
    struct str codes[2];
};

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    if (folder == NULL)
        return false;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(folder);
    return count == 0;
}

static enum fault sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return synced ? FAULT_NONE
                  : fault_note(FAULT_STORAGE, "the state folder cannot be synced: check its disk");
}

static enum fault make_folder(const char *path)
{
    struct stat status;
    if (mkdir(path, 0700) == 0)
        return FAULT_NONE;
    if (errno == ENOENT)
        return fault_note(FAULT_STORAGE, "the folder above the state folder does not exist: make it");
    if (errno != EEXIST)
        return fault_note(FAULT_STORAGE,
                          "the state folder cannot be made: check who owns the folder above it, "
                          "and the room on its disk");
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return fault_note(FAULT_STORAGE, "the state is no folder: choose another path");
    char key[PATH_BYTES_MAX];
    int len = snprintf(key, sizeof key, "%s/vault.key", path);
    if (len > 0 && (size_t)len < sizeof key && access(key, F_OK) == 0)
        return fault_note(FAULT_DUPLICATE,
                          "there is an instance in this state folder already: it stays as it "
                          "is; choose another folder for a new one");
    if (!is_empty(path))
        return fault_note(FAULT_DUPLICATE,
                          "the state folder is not empty, or cannot be read: choose another");
    if (chmod(path, 0700) != 0)
        return fault_note(FAULT_STORAGE, "the state folder belongs to somebody else: choose another");
    return FAULT_NONE;
}

/* A key that was drawn for a database which turned out to be somebody's: nothing was sealed with it. */
static void forget_key(const char *key_path)
{
    char state_path[PATH_BYTES_MAX];
    (void)unlink(key_path);
    if (snprintf(state_path, sizeof state_path, "%s.state", key_path) < PATH_BYTES_MAX)
        (void)unlink(state_path);
}

/* The database before the keys: what cannot be reached leaves nothing behind. */
static enum fault open_new(struct service *service, const struct init_order *order)
{
    char key_path[PATH_BYTES_MAX];
    struct settings own;
    uint64_t missing = 0;
    bool there = access(order->state, F_OK) == 0;
    enum fault fault;
    if (snprintf(key_path, sizeof key_path, "%s/vault.key", order->state) >= PATH_BYTES_MAX)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    TRY(make_folder(order->state));
    TRY(settings_read(order->state, order->database, &own));
    fault = db_open(
        &(struct db_settings){.connection = own.database, .create = true, .readers = 2, .connections = 4},
        &service->db);
    if (fault != FAULT_NONE && !there)
        (void)rmdir(order->state); /* stays where it is not empty */
    TRY(fault);
    TRY(vault_create(key_path, service->entropy));
    TRY(vault_open(key_path, &service->vault));
    fault = facts_claim(service->db, service->vault);
    if (fault != FAULT_NONE)
        forget_key(key_path);
    if (fault != FAULT_NONE && !there)
        (void)rmdir(order->state);
    TRY(fault);
    if (order->database != NULL)
        TRY(settings_write(order->state, order->database));
    TRY(audit_open(service->db, service->vault, service->clock, service->entropy, &service->audit, &missing));
    TRY(access_open(service->db, service->vault, service->clock, service->entropy, &service->access));
    TRY(sync_folder(order->state));
done:
    return fault;
}

/* The fact `demonstration` says that the instance was made to the end. */
static enum fault found(struct db_tx *tx, void *context)
{
    struct founding *founding = context;
    struct conduct *conduct = &founding->conduct;
    enum fault fault;
    TRY(access_account_insert(conduct->service->access, tx, founding->operator_account));
    TRY(access_first_codes(conduct->service->access, tx, conduct->arena, founding->codes));
    TRY(fact_put(tx, STR("instance"), founding->instance));
    TRY(fact_put(tx, STR("demonstration"), founding->order->demonstration ? STR("yes") : STR("no")));
done:
    return fault;
}

/* An operator is known by the machine's login alone; the name in the store is made from it, and the drawn
 * password is told to nobody. */
static enum fault prepare_operator(struct founding *founding)
{
    struct arena *arena = founding->conduct.arena;
    struct str login = str_of(founding->order->unix_user);
    char name[USER_NAME_BYTES_MAX + 1];
    struct account_prepared *prepared = NULL;
    struct account_secrets secrets;
    int len = snprintf(name, sizeof name, "operator.%.*s", (int)login.len, login.at);
    if (len < 0 || (size_t)len >= sizeof name)
        return fault_note(FAULT_INVALID, "the operator's login is too long");
    for (char *at = name; *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at;
    const struct account_order order = {.user_name = str_of(name),
                                        .full_name = login,
                                        .job = STR("Operator"),
                                        .unix_user = login,
                                        .roles = {ROLE_operator},
                                        .role_count = 1};
    enum fault fault =
        access_account_prepare(founding->conduct.service->access, &order, arena, &prepared, &secrets);
    if (fault == FAULT_NONE)
        founding->operator_account = prepared;
    return fault;
}

static enum fault name_instance(struct founding *founding)
{
    struct buffer text = buffer_open(64);
    id_put(&text, id_new(founding->conduct.service->entropy));
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(founding->conduct.arena, buffer_str(&text), &founding->instance);
    buffer_close(&text);
    return fault;
}

static enum fault make(struct service *service, const struct init_order *order, struct arena *arena,
                       struct str ret_codes[2])
{
    const struct ask ask = {
        .operation = OP_administrator_first, .unix_user = str_of(order->unix_user), .source = STR("local")};
    struct founding founding = {.order = order};
    enum fault fault;
    founding.conduct = (struct conduct){.service = service,
                                        .ask = &ask,
                                        .arena = arena,
                                        .answer = &founding.answer,
                                        .now = clock_now(service->clock),
                                        .act = id_new(service->entropy),
                                        .asked = STR("a new instance and its operator")};
    TRY(prepare_operator(&founding));
    TRY(name_instance(&founding));
    TRY(conduct_enter(&founding.conduct, EVENT_ACCOUNT_CREATED, found, &founding));
    ret_codes[0] = founding.codes[0];
    ret_codes[1] = founding.codes[1];
done:
    return fault;
}

enum fault service_init(const struct init_order *order, struct arena *arena, struct str ret_codes[2])
{
    struct service service = {.clock = order->clock, .entropy = order->entropy};
    enum fault fault;
    TRY(open_new(&service, order));
    TRY(make(&service, order, arena, ret_codes));
done:
    access_close(service.access);
    audit_close(service.audit);
    db_close(service.db);
    vault_close(service.vault);
    return fault;
}

enum fault service_join(const char *state, const char *database)
{
    char key_path[PATH_BYTES_MAX];
    struct vault *vault = NULL;
    struct db *db = NULL;
    bool demonstration = false;
    enum fault fault = FAULT_NONE;
    if (snprintf(key_path, sizeof key_path, "%s/vault.key", state) >= PATH_BYTES_MAX)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    if (access(key_path, F_OK) != 0)
        TRY(fault_note(FAULT_ABSENT,
                       "this state folder has no vault.key: take the instance's keys first, with "
                       "contactpoint vault ask and contactpoint vault take"));
    TRY(vault_open(key_path, &vault));
    TRY(db_open(&(struct db_settings){.connection = database, .readers = 2, .connections = 2}, &db));
    TRY(facts_check(db, vault, &demonstration));
    TRY(settings_write(state, database));
    TRY(sync_folder(state));
done:
    db_close(db);
    vault_close(vault);
    return fault;
}
