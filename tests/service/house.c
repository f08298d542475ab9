#include "house.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "access/argon.h"
#include "engine.h"
#include "service/housekeeping.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, HOUSE_CONNECTIONS = 4, STARTS_MAX = 5 };

#define MEMORY_FOLDER    "/dev/shm"
#define MEMORY_BYTES_MIN (UINT64_C(1) << 30)

const struct str house_password = {"four plain words here", 21};
const struct str house_pin = {"402957", 6};

static struct instant tell(void *context)
{
    struct house *house = context;
    return (struct instant){atomic_fetch_add(&house->now_us, 1000)};
}

static void fill(void *context, void *memory, size_t size_bytes)
{
    struct house *house = context;
    (void)pthread_mutex_lock(&house->lock);
    struct entropy entropy = entropy_of_stream(&house->stream);
    entropy.fill(entropy.context, memory, size_bytes);
    (void)pthread_mutex_unlock(&house->lock);
}

static struct clock clock_of(struct house *house)
{
    return (struct clock){tell, house};
}

static struct entropy entropy_of(struct house *house)
{
    return (struct entropy){fill, house};
}

struct service_settings house_settings(struct house *house)
{
    return (struct service_settings){.state = house->folder,
                                     .database = engine_connection(house->db_path),
                                     .clock = clock_of(house),
                                     .entropy = entropy_of(house),
                                     .readers = 3};
}

void house_start(struct house *house)
{
    struct service_settings settings = house_settings(house);
    enum fault fault = service_open(&settings, &house->service);
    /* A busy machine may be slower than patience, or than the lease. */
    for (int i = 1; i < STARTS_MAX && (fault == FAULT_BUSY || fault == FAULT_FENCED) && engine_is_postgres();
         i++)
        fault = service_open(&settings, &house->service);
    if (fault != FAULT_NONE)
        fail_msg("service_open: %s %s", fault_name(fault), fault_last_note());
    house->service->beat_us = 0; /* no test holds a stopwatch */
}

void house_stop(struct house *house)
{
    service_close(house->service);
    house->service = NULL;
}

void house_quiet(struct house *house)
{
    housekeeping_close(house->service->housekeeping);
    house->service->housekeeping = NULL;
}

static enum fault mark_demonstration(struct db_tx *tx, void *context)
{
    (void)context;
    const struct value in[] = {[BIND_meta_put_name] = value_text(STR("demonstration")),
                               [BIND_meta_put_content] = value_text(STR("yes"))};
    return db_run(tx, SQL_meta_put, in, NULL);
}

/* No more connections than these tests need, which are many. */
static void write_settings(const struct house *house)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", house->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    /* Stories let years pass without anybody signing in, and others look all day.  Tests may add to the
     * store's settings, which come last. */
    assert_true(fprintf(file,
                        "[accounts]\nunused_days = 0\n[limits]\nchildren_per_hour = 0\nchildren_per_day = "
                        "0\nsearches_per_hour = 0\n"
                        "[store]\nconnections = %d\n",
                        (int)HOUSE_CONNECTIONS) > 0);
    assert_int_equal(fclose(file), 0);
}

/* In memory where there is room: most of a test's time on a disk is waiting for it.  What a test kills is a
 * process, never the machine. */
static const char *roomiest(void)
{
    struct statvfs room;
    const bool fits = statvfs(MEMORY_FOLDER, &room) == 0 && access(MEMORY_FOLDER, W_OK) == 0 &&
                      (uint64_t)room.f_bavail * room.f_frsize >= MEMORY_BYTES_MIN;
    return fits ? MEMORY_FOLDER : "/tmp";
}

static void make_folder(struct house *house)
{
    char path[128];
    struct db *db = NULL;
    (void)snprintf(house->folder, sizeof house->folder, "%s/contactpoint-house-XXXXXX", roomiest());
    assert_non_null(mkdtemp(house->folder));
    (void)snprintf(house->db_path, sizeof house->db_path, "%s/contactpoint.db", house->folder);
    (void)snprintf(path, sizeof path, "%s/vault.key", house->folder);
    assert_int_equal(vault_create(path, entropy_of(house)), FAULT_NONE);
    write_settings(house);
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(house->db_path),
                                                   .create = true,
                                                   .readers = 1,
                                                   .connections = 2},
                             &db),
                     FAULT_NONE);
    assert_int_equal(db_write(db, DB_FOREGROUND, mark_demonstration, NULL), FAULT_NONE);
    db_close(db);
}

static enum fault insert_organisations(struct db_tx *tx, void *context)
{
    struct house *house = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < HOUSE_ORGANISATIONS; i++)
        TRY(access_organisation_insert(house->service->access, tx, &house->organisations[i]));
done:
    return fault;
}

static void make_organisations(struct house *house)
{
    static const struct organisation made[HOUSE_ORGANISATIONS] = {
        {.name = {"Northgate Primary School", 24},
         .phone = {"01632 960101", 12},
         .authority = {"E06000001", 9},
         .body = BODY_EDUCATION,
         .service = SERVICE_school},
        {.name = {"Harbour Health Visiting", 23},
         .phone = {"01632 960102", 12},
         .authority = {"E06000002", 9},
         .body = BODY_HEALTH,
         .service = SERVICE_health_visiting},
        {.name = {"Riverside Children's Team", 25},
         .phone = {"01632 960103", 12},
         .authority = {"E06000003", 9},
         .body = BODY_SOCIAL_CARE,
         .service = SERVICE_social_work},
    };
    for (size_t i = 0; i < HOUSE_ORGANISATIONS; i++) {
        house->organisations[i] = made[i];
        house->organisations[i].capabilities = UINT32_MAX;
        house->organisations[i].accredited_until = (struct day){2040, 1, 1, DAY_EXACT};
        house->organisations[i].organisation.id = id_new(entropy_of(house));
    }
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, insert_organisations, house), FAULT_NONE);
}

struct staff_job {
    struct house *house;
    const struct account_prepared *prepared;
};

static enum fault insert_account(struct db_tx *tx, void *context)
{
    struct staff_job *job = context;
    return access_account_insert(job->house->service->access, tx, job->prepared);
}

static void make_account(struct house *house, const struct account_order *order)
{
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    enum fault fault =
        access_account_prepare(house->service->access, order, house->arena, &prepared, &secrets);
    assert_true(house->staff_count < HOUSE_STAFF_MAX);
    if (fault != FAULT_NONE)
        fail_msg("account %s: %s %s", order->user_name.at, fault_name(fault), fault_last_note());
    struct staff_job job = {house, prepared};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, insert_account, &job), FAULT_NONE);
    struct staff *staff = &house->staff[house->staff_count++];
    staff->user_name = order->user_name.at;
    staff->account = secrets.account;
    memcpy(staff->totp_secret, secrets.totp_secret, sizeof staff->totp_secret);
}

void house_hire(struct house *house, const struct newcomer *newcomer)
{
    struct account_order order = {.user_name = str_of(newcomer->user_name),
                                  .full_name = str_of(newcomer->full_name),
                                  .job = str_of(newcomer->job),
                                  .phone = STR("01632 960456"),
                                  .email = STR("staff@example.org"),
                                  .role_count = newcomer->roles[1] == ROLE_NONE ? 1 : 2,
                                  .password = house_password,
                                  .pin = house_pin};
    memcpy(order.roles, newcomer->roles, sizeof newcomer->roles);
    if (newcomer->organisation >= 0)
        order.organisation = house->organisations[newcomer->organisation].organisation;
    if (newcomer->roles[0] == ROLE_operator)
        order.unix_user = STR("operator");
    access_order_checked(&order, house_today(house));
    make_account(house, &order);
}

static void make_staff(struct house *house)
{
    static const struct newcomer made[] = {
        {"teacher", "Gwen Sample", "Class teacher", 0, {ROLE_practitioner}},
        {"second.teacher", "Owain Sample", "Head of year", 0, {ROLE_practitioner}},
        {"visitor", "Sioned Example", "Health visitor", 1, {ROLE_practitioner}},
        {"worker", "Tariq Specimen", "Social worker", 2, {ROLE_practitioner, ROLE_override_practitioner}},
        {"manager", "Ines Pattern", "User manager", 0, {ROLE_user_manager}},
        {"shielder", "Rosa Pattern", "Shielding officer", 0, {ROLE_shielding_officer}},
        {"data", "Jan Pattern", "Data officer", 0, {ROLE_data_officer}},
        {"rights", "Ada Pattern", "Rights officer", 0, {ROLE_rights_officer}},
        {"reviewer", "Noor Pattern", "Audit reviewer", 0, {ROLE_audit_reviewer}},
        {"administrator", "Femi Pattern", "Administrator", -1, {ROLE_national_administrator}},
        {"operator", "Kit Pattern", "Operator", -1, {ROLE_operator}},
        {"second.data", "Lena Pattern", "Data officer", 2, {ROLE_data_officer}},
        {"second.shielder",
         "Cai Pattern",
         "Shielding officer",
         0,
         {ROLE_shielding_officer, ROLE_practitioner}},
    };
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        house_hire(house, &made[i]);
}

struct house *house_open(void)
{
    struct house *house = calloc(1, sizeof *house);
    assert_non_null(house);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    house->stream = stream_of(20261121);
    (void)pthread_mutex_init(&house->lock, NULL);
    atomic_store(&house->now_us, INT64_C(1795200000) * 1000000); /* 20 November 2026 */
    assert_int_equal(arena_open(ARENA_BYTES, &house->arena), FAULT_NONE);
    make_folder(house);
    house_start(house);
    make_organisations(house);
    make_staff(house);
    return house;
}

void house_close(struct house *house)
{
    static const char *const names[] = {"vault.key",           "vault.key.state",     "contactpoint.db",
                                        "contactpoint.db-wal", "contactpoint.db-shm", "contactpoint.db.lock",
                                        "contactpoint.conf",   "match.snapshot"};
    char path[128];
    house_stop(house);
    engine_forget(house->db_path);
    arena_close(house->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", house->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(house->folder), 0);
    (void)pthread_mutex_destroy(&house->lock);
    free(house);
}

int house_set_up(void **state)
{
    *state = house_open();
    return 0;
}

int house_tear_down(void **state)
{
    house_close(*state);
    return 0;
}

void house_wait(struct house *house, int64_t wait_s)
{
    atomic_fetch_add(&house->now_us, wait_s * 1000000);
}

struct day house_today(const struct house *house)
{
    return day_of_instant((struct instant){atomic_load(&house->now_us)});
}

struct staff *house_staff(struct house *house, const char *user_name)
{
    for (size_t i = 0; i < house->staff_count; i++)
        if (strcmp(house->staff[i].user_name, user_name) == 0)
            return &house->staff[i];
    fail_msg("nobody is called %s", user_name);
    return NULL;
}
