#include "access/security_key.h"
#include "service/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "registry/alarm.h"
#include "registry/intake.h"
#include "registry/rebuild.h"
#include "service/facts.h"
#include "service/housekeeping.h"
#include "service/openings.h"
#include "service/rotate.h"
#include "service/sandbox.h"
#include "service/settings.h"
#include "service/snapshot.h"
#include "store/house_key.h"

enum { PATH_BYTES_MAX = 4096, ALARM_DUE_S = 3600, READERS_MORE = 2, POSITION_BYTES_MAX = 65536 };

static enum fault path_of(const char *folder, const char *file, char at[PATH_BYTES_MAX])
{
    int len = snprintf(at, PATH_BYTES_MAX, "%s/%s", folder, file);
    if (len < 0 || len >= PATH_BYTES_MAX)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    return FAULT_NONE;
}

/* security.md §2: entries that the keeper remembers and the store no longer has. */
static enum fault raise_gap(struct db_tx *tx, void *context)
{
    struct service *service = context;
    const struct alarm alarm = {.kind = ALARM_LOG_GAP,
                                .addressed = ROLE_audit_reviewer,
                                .due_in = seconds(ALARM_DUE_S),
                                .detail = STR("entries of the last run are missing")};
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, clock_now(service->clock),
                       &alarm);
}

/* Case 76. */
static enum fault raise_stopped(struct db_tx *tx, void *context)
{
    struct service *service = context;
    const struct alarm alarm = {.kind = ALARM_SANDBOX,
                                .addressed = ROLE_audit_reviewer,
                                .due_in = seconds(ALARM_DUE_S),
                                .detail = str_of(service->stopped)};
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, clock_now(service->clock),
                       &alarm);
}

static struct sandbox_order sandbox_of(const struct service *service)
{
    return (struct sandbox_order){service->state, service->database, service->listen};
}

static enum fault confine_files(struct service *service, const char *listen)
{
    enum fault fault = FAULT_NONE;
    service->listen = listen;
    if (listen == NULL)
        return FAULT_NONE;
    const struct sandbox_order order = sandbox_of(service);
    TRY(sandbox_last(service->state, service->stopped));
    TRY(sandbox_files(&order));
done:
    return fault;
}

enum fault service_confine(struct service *service)
{
    const struct sandbox_order order = sandbox_of(service);
    must(service->listen != NULL);
    return sandbox_calls(&order);
}

static enum fault tell_stopped(struct service *service)
{
    enum fault fault = FAULT_NONE;
    if (service->stopped[0] == '\0')
        return FAULT_NONE;
    log_event("sandbox.stopped_the_last");
    TRY(db_write(service->db, DB_FOREGROUND, raise_stopped, service));
    sandbox_forget(service->state, true);
done:
    return fault;
}

static enum fault open_keys(struct service *service)
{
    enum fault fault;
    TRY(house_key_get(service->db, service->vault, STR("search"), &service->search_key));
    TRY(house_key_get(service->db, service->vault, STR("alarm"), &service->alarm_key));
    TRY(matters_open(service->db, service->vault, &service->matters));
    TRY(messages_open(service->db, service->vault, &service->messages));
    TRY(sealing_key_open(service->db, service->vault, &service->sealing_key));
done:
    return fault;
}

void service_fence(struct service *service)
{
    if (!atomic_exchange(&service->fenced, true) && service->told != NULL)
        service->told(service->told_context);
}

static void tell_fenced(void *context)
{
    service_fence(context);
}

struct intake_house service_intake(struct service *service, const struct lease *lease)
{
    return (struct intake_house){.db = service->db,
                                 .vault = service->vault,
                                 .index = service->index,
                                 .clock = service->clock,
                                 .entropy = service->entropy,
                                 .changes = &service->changes,
                                 .follow = service->follow,
                                 .lease = lease};
}

static enum fault recover_under_lease(struct service *service)
{
    struct lease *lease = NULL;
    int64_t finished = 0, undone = 0;
    enum fault fault = lease_take(service->db, LEASE_FEED, service->lease_us, &lease);
    if (fault == FAULT_BUSY)
        return FAULT_NONE;
    TRY(fault);
    const struct intake_house house = service_intake(service, lease);
    TRY(intake_recover(&house, &finished, &undone));
    if (finished + undone > 0)
        log_event("feed.recovered", LOG_INT("finished", finished), LOG_INT("undone", undone));
done:
    lease_leave(lease);
    return fault;
}

enum fault service_recover(struct service *service)
{
    bool left = false;
    /* Before the lock: whoever comes to load while this only looks is not sent away. */
    enum fault fault = intake_is_left(service->db, &left);
    if (fault != FAULT_NONE || !left || pthread_mutex_trylock(&service->loading) != 0)
        return fault;
    fault = recover_under_lease(service);
    (void)pthread_mutex_unlock(&service->loading);
    return fault;
}

/* Empty, also where another attempt to fill one has failed. */
static enum fault open_index(struct service *service)
{
    enum fault fault;
    follow_close(service->follow);
    service->follow = NULL;
    match_close(service->index);
    service->index = NULL;
    TRY(match_open_with(service->own_model ? &service->model : NULL, &service->index));
    const struct follow_house house = {service->index, &service->changes, service->lease_us, tell_fenced,
                                       service};
    TRY(follow_open(&house, &service->follow)); /* before filling: what changes meanwhile is read again */
done:
    return fault;
}

static enum fault rebuild(struct service *service, int threads)
{
    int64_t children = 0, broken = 0, started_us = clock_monotonic_us();
    enum fault fault;
    TRY(open_index(service));
    TRY(rebuild_index(service->db, service->vault, service->index, threads, &children, &broken));
    log_event("index.filled", LOG_INT("children", children), LOG_INT("broken", broken),
              LOG_INT("us", clock_monotonic_us() - started_us));
    service->whole = broken == 0;
    TRY(follow_begin(service->follow));
done:
    return fault;
}

/* From the snapshot, where that and all changes since can be had; it is gone afterwards. */
static enum fault fill_index(struct service *service, struct bytes place, int threads)
{
    enum fault fault;
    if (service->keeps_snapshot) {
        TRY(open_index(service));
        service->whole = snapshot_use(service, place) && follow_begin(service->follow) == FAULT_NONE;
        service->from_snapshot = service->whole;
    }
    snapshot_forget(service->state);
    if (!service->whole)
        TRY(rebuild(service, threads));
    fault = FAULT_NONE;
done:
    return fault;
}

static enum fault open_parts(struct service *service, const struct service_settings *settings)
{
    char key_path[PATH_BYTES_MAX];
    struct settings own;
    uint64_t missing = 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = processors < 1 ? 1 : (int)processors;
    struct buffer place = buffer_open(PATH_BYTES_MAX);
    enum fault fault;
    if (strlen(settings->state) >= sizeof service->state)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    memcpy(service->state, settings->state, strlen(settings->state) + 1);
    TRY(path_of(settings->state, "vault.key", key_path));
    TRY(settings_read(settings->state, settings->database, &own));
    memcpy(service->database, own.database, sizeof service->database);
    service->keeps_snapshot = own.snapshot;
    service->looks = own.looks;
    service->refuses_own_child = own.refuses_own_child;
    TRY(vault_open(key_path, &service->vault));
    TRY(confine_files(service, settings->listen)); /* the keeper has the keys; there are no threads yet */
    snapshot_place(service->database, &place);
    const struct db_settings store = {
        .connection = own.database,
        .readers = settings->readers > 0 ? settings->readers : threads + READERS_MORE,
        .connections = own.connections,
        .patience_us = own.patience_us,
        .lease_us = own.lease_us,
    };
    TRY(db_open(&store, &service->db));
    TRY(facts_check(service->db, service->vault, &service->demonstration));
    TRY(rotate_follow(service, true));
    service->lease_us = own.lease_us > 0 ? own.lease_us : seconds(DB_LEASE_S).us;
    service->await_others_us = 2 * service->lease_us;
    service->beat_us = SERVICE_BEAT_US;
    TRY(open_keys(service));
    TRY(tell_stopped(service));
    TRY(changes_open(service->db, service->vault, &service->changes));
    TRY(audit_open(service->db, service->vault, service->clock, service->entropy, &service->audit, &missing));
    if (missing > 0) {
        log_event("audit.missing", LOG_INT("entries", missing));
        TRY(db_write(service->db, DB_FOREGROUND, raise_gap, service));
    }
    TRY(access_open(service->db, service->vault, service->clock, service->entropy, &service->access));
    TRY(path_of(settings->state, "key-makers", key_path));
    TRY(access_set_keys(service->access, key_path, service->demonstration));
    access_set_limits(service->access, &(struct access_limits){.unused_days_max = own.unused_days});
    TRY(repeats_open(&service->repeats));
    TRY(model_load(settings->state, &service->model, &service->own_model));
    TRY(fill_index(service, buffer_bytes(&place), threads));
    TRY(housekeeping_open(service, &service->housekeeping)); /* before: to finish a batch may take long */
    TRY(service_recover(service));
done:
    buffer_close(&place);
    return fault;
}

enum fault service_open(const struct service_settings *settings, struct service **ret_service)
{
    struct service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return FAULT_MEMORY;
    service->clock = settings->clock;
    service->entropy = settings->entropy;
    service->told = settings->fenced;
    service->told_context = settings->fenced_context;
    (void)pthread_mutex_init(&service->loading, NULL);
    (void)pthread_mutex_init(&service->following, NULL);
    enum fault fault = open_parts(service, settings);
    if (fault != FAULT_NONE) {
        service->whole = false; /* nothing is kept of it */
        service_close(service);
        return fault;
    }
    *ret_service = service;
    return FAULT_NONE;
}

void service_close(struct service *service)
{
    if (service == NULL)
        return;
    struct buffer position = buffer_open(POSITION_BYTES_MAX);
    housekeeping_close(service->housekeeping);
    if (service->db != NULL)
        rotate_leave(service);
    if (service->listen != NULL && service->audit != NULL)
        (void)!openings_enter(service);
    const bool keeps = snapshot_begin(service, &position);
    follow_close(service->follow);
    repeats_close(service->repeats);
    access_close(service->access);
    audit_close(service->audit);
    db_close(service->db);
    if (keeps)
        snapshot_end(service, &position);
    buffer_close(&position);
    match_close(service->index);
    model_file_close(&service->model);
    vault_close(service->vault);
    if (service->listen != NULL)
        sandbox_forget(service->state, false);
    (void)pthread_mutex_destroy(&service->loading);
    (void)pthread_mutex_destroy(&service->following);
    free(service);
}

bool service_is_demonstration(const struct service *service)
{
    return service->demonstration;
}
