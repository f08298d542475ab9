/* What is done each minute about matters, by one server: nothing that is late is forgotten (R9.2, R17.7). */
#include "registry/alarm.h"
#include "registry/family.h"
#include "registry/override.h"
#include "service/manage.h"

enum { DAY_S = 24 * 3600, ESCALATED_DUE_S = 3600, ARENA_BYTES = 4 * 1024 * 1024, DETAIL_BYTES_MAX = 256 };

struct keeping {
    struct service *service;
    struct instant now;
    struct arena *arena;
    struct matter_id from; /* where the look at those that travel goes on */
};

static enum role addressed(enum matter_kind kind)
{
    switch (kind) {
    case MATTER_SHIELD:
    case MATTER_OVERRIDE:
    case MATTER_BROKERING:
    case MATTER_SEALING:
        return ROLE_shielding_officer;
    case MATTER_APPROVAL:
        return ROLE_user_manager;
    case MATTER_KINDS_END:
        break;
    }
    return ROLE_audit_reviewer;
}

static enum fault raise(struct db_tx *tx, const struct keeping *keeping, const struct matter *matter)
{
    struct service *service = keeping->service;
    struct buffer detail = buffer_open(DETAIL_BYTES_MAX);
    enum fault fault;
    buffer_put(&detail, str_of(matter_kind_name(matter->kind)));
    buffer_put(&detail, STR(" overdue; matter "));
    id_put(&detail, matter->matter.id);
    TRY(buffer_fault(&detail));
    const enum role role = addressed(matter->kind);
    const struct alarm alarm = {.id = matter_alarm_id(&service->matters, matter, ALARM_OVERDUE, role),
                                .kind = ALARM_OVERDUE,
                                .addressed = role,
                                .authority = matter->authority,
                                .due_in = seconds(DAY_S),
                                .detail = buffer_str(&detail)};
    TRY(alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, keeping->now, &alarm));
    fault = matter_alarmed(tx, matter->matter, keeping->now);
done:
    buffer_close(&detail);
    return fault;
}

/* R9.2: an overdue review keeps the shield and raises an alarm. */
static enum fault alarm_overdue(struct db_tx *tx, void *context)
{
    const struct keeping *keeping = context;
    struct matter late[MATTER_LIST_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(matter_list_overdue(tx, &keeping->service->matters, keeping->now, keeping->arena, late, &count));
    for (size_t i = 0; i < count; i++)
        TRY(raise(tx, keeping, &late[i]));
done:
    return fault;
}

/* R17.7: unanswered, an alarm goes to the next person; the last first, so that none goes two steps at once.
 */
static enum fault escalate(struct db_tx *tx, void *context)
{
    static const enum role next[][2] = {
        {ROLE_audit_reviewer, ROLE_national_administrator}, {ROLE_rights_officer, ROLE_audit_reviewer},
        {ROLE_data_officer, ROLE_audit_reviewer},           {ROLE_shielding_officer, ROLE_audit_reviewer},
        {ROLE_user_manager, ROLE_shielding_officer},
    };
    const struct keeping *keeping = context;
    int64_t count = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < sizeof next / sizeof next[0]; i++)
        TRY(alarm_escalate(tx, next[i][0], next[i][1], keeping->now, seconds(ESCALATED_DUE_S), &count));
done:
    return fault;
}

static enum fault sweep(struct db_tx *tx, void *context)
{
    const struct keeping *keeping = context;
    return override_sweep(tx, keeping->now);
}

static enum fault travel(struct db_tx *tx, void *context)
{
    struct keeping *keeping = context;
    int64_t moved = 0;
    return matter_travel(tx, &keeping->service->matters, keeping->now, &keeping->from, &moved);
}

enum fault manage_keep(struct service *service)
{
    struct keeping keeping = {.service = service, .now = clock_now(service->clock)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &keeping.arena));
    TRY(db_write(service->db, DB_BACKGROUND, sweep, &keeping));
    TRY(db_write(service->db, DB_BACKGROUND, alarm_overdue, &keeping));
    TRY(db_write(service->db, DB_BACKGROUND, escalate, &keeping));
    do
        TRY(db_write(service->db, DB_BACKGROUND, travel, &keeping));
    while (!id_is_zero(keeping.from.id));
done:
    arena_close(keeping.arena);
    return fault;
}
