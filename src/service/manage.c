#include "service/manage.h"

#include "registry/family.h"
#include "registry/override.h"

enum { FORM_BYTES_MAX = 64 * 1024 };

/* Which kind of matter an operation with :case in its path is about. */
static const enum matter_kind kinds[OPERATIONS_END] = {
    [OP_shield_view] = MATTER_SHIELD,     [OP_shield_decide] = MATTER_SHIELD,
    [OP_shield_review] = MATTER_SHIELD,   [OP_shield_lift] = MATTER_SHIELD,
    [OP_shield_second] = MATTER_SHIELD,   [OP_seal_ask] = MATTER_SHIELD,
    [OP_override_view] = MATTER_OVERRIDE, [OP_override_decide] = MATTER_OVERRIDE,
    [OP_seal_view] = MATTER_SEALING,      [OP_seal_second] = MATTER_SEALING,
    [OP_seal_open] = MATTER_SEALING,      [OP_request_view] = MATTER_BROKERING,
    [OP_request_pass] = MATTER_BROKERING, [OP_request_answer] = MATTER_BROKERING,
};

bool manage_is_responsible(const struct conduct *conduct, struct str authority)
{
    return authority.len == 0 || str_equal(authority, conduct->caller.organisation.authority);
}

static bool is_about_a_matter(const struct conduct *conduct)
{
    return kinds[conduct->ask->operation] != 0 && conduct->ask->path_id_count > 0;
}

/* The child's record decides whose matter it is, wherever the child has moved (R11.2). */
static enum fault read_matter(struct db_tx *tx, const struct conduct *conduct, struct matter *ret_matter,
                              enum record_state *ret_state)
{
    const struct matter_id id = {conduct->ask->path_ids[0]};
    struct matter matter;
    struct child_standing standing;
    enum fault fault;
    TRY(matter_read(tx, &conduct->service->matters, id, conduct->arena, &matter));
    TRY(family_standing(tx, matter.child, conduct->arena, &standing));
    if (matter.kind != kinds[conduct->ask->operation] || !manage_is_responsible(conduct, standing.authority))
        return FAULT_ABSENT;
    if (matter.kind == MATTER_BROKERING && id_equal(matter.asker.id, conduct->caller.account.account.id))
        return FAULT_ABSENT; /* nobody opens a record by asking about it themselves */
    *ret_matter = matter;
    *ret_state = standing.state;
done:
    return fault;
}

enum fault manage_matter(struct db_tx *tx, const struct conduct *conduct, struct matter *ret_matter)
{
    enum record_state state;
    return read_matter(tx, conduct, ret_matter, &state);
}

static enum fault read_override(struct db_tx *tx, struct conduct *conduct)
{
    enum fault fault = override_live(tx, conduct->caller.session, conduct->now, conduct->arena,
                                     &conduct->overridden, &conduct->overridden_until);
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

enum fault manage_read(struct db_tx *tx, struct conduct *conduct)
{
    enum fault fault = FAULT_NONE;
    conduct->overridden = (struct child_id){{{0}}};
    if (!conduct->caller.signed_in)
        return FAULT_NONE;
    if (conduct->caller.role == ROLE_override_practitioner &&
        (conduct->caller.organisation.capabilities >> CAPABILITY_override & 1) != 0) /* R3.5 */
        TRY(read_override(tx, conduct));
    if (!is_about_a_matter(conduct))
        return FAULT_NONE;
    fault = read_matter(tx, conduct, &conduct->matter, &conduct->matter_state);
    conduct->matter_held = fault == FAULT_NONE;
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    return fault;
}

static bool is_overridden(const struct conduct *conduct)
{
    return policy_operation(conduct->ask->operation)->subject == SUBJECT_CHILD &&
           conduct->ask->path_id_count > 0 && !id_is_zero(conduct->overridden.id) &&
           id_equal(conduct->overridden.id, conduct->ask->path_ids[0]);
}

/* Nothing of a record shows on its matter's page once either is closed: the matter itself does. */
static enum record_state state_shown(const struct conduct *conduct)
{
    bool closed = conduct->matter_state == RECORD_SEALED || conduct->matter_state == RECORD_ARCHIVED ||
                  conduct->matter_state == RECORD_DEAD || conduct->matter.state == MATTER_CLOSED;
    bool sees = conduct->caller.role == ROLE_shielding_officer && conduct->matter.kind != MATTER_SEALING;
    return sees && !closed ? conduct->matter_state : 0;
}

void manage_facts(const struct conduct *conduct, struct facts *facts)
{
    facts->overriding = is_overridden(conduct);
    if (!is_about_a_matter(conduct))
        return;
    facts->case_held = conduct->matter_held && conduct->matter.state != MATTER_CLOSED;
    facts->state = conduct->matter_held ? state_shown(conduct) : RECORD_SEALED; /* absent and another's */
    facts->second_given = !id_equal(conduct->matter.first.id, conduct->caller.account.account.id);
}

static enum fault leave(struct db_tx *tx, void *context)
{
    const struct conduct *conduct = context;
    return override_leave(tx, conduct->caller.session);
}

enum fault manage_leave_override(struct conduct *conduct)
{
    if (id_is_zero(conduct->overridden.id) || is_overridden(conduct))
        return FAULT_NONE;
    conduct->overridden = (struct child_id){{{0}}};
    return db_write(conduct->service->db, DB_FOREGROUND, leave, conduct);
}

enum fault manage_form_id(const struct conduct *conduct, const char *scheme, struct id *ret_id)
{
    struct buffer form = buffer_open(FORM_BYTES_MAX);
    buffer_put(&form, conduct->ask->form_token);
    for (uint8_t i = 0; i < conduct->ask->path_id_count; i++)
        buffer_put_bytes(&form, id_bytes(&conduct->ask->path_ids[i]));
    enum fault fault = buffer_fault(&form);
    if (fault == FAULT_NONE)
        vault_derive(conduct->service->vault, scheme, buffer_bytes(&form), ret_id->byte, sizeof ret_id->byte);
    buffer_close(&form);
    return fault;
}

struct shield_order manage_order(const struct conduct *conduct)
{
    return (struct shield_order){.matters = &conduct->service->matters,
                                 .arena = conduct->arena,
                                 .account = conduct->caller.account.account,
                                 .role = conduct->caller.role,
                                 .name = conduct->caller.account.full_name,
                                 .now = conduct->now,
                                 .ground = shield_ground_of(conduct_field(conduct, "ground")),
                                 .text = conduct_field(conduct, "text"),
                                 .more = conduct_field(conduct, "advice")};
}

bool manage_agrees(struct conduct *conduct)
{
    const struct str answer = conduct_field(conduct, "answer");
    const bool agrees = str_equal(answer, STR("agree"));
    if (!agrees && !str_equal(answer, STR("decline")))
        conduct_error(conduct, "answer", "Choose whether you agree");
    return agrees;
}

/* Whom the entry names, with the key that it is sealed under. */
struct writing {
    struct conduct *conduct;
    struct child *child;
};

static enum fault read_child(struct db_tx *tx, void *context)
{
    struct writing *writing = context;
    const struct conduct *conduct = writing->conduct;
    return child_read_shut(tx, conduct->matter.child, false, conduct->arena, &writing->child);
}

enum fault manage_write(struct conduct *conduct, enum event event, db_job job, void *context)
{
    struct writing writing = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_child, &writing));
    conduct->matter_record = writing.child->child;
    TRY(entries_add(conduct, &entries, event, writing.child->child, &writing.child->key, 0));
    TRY(conduct_commit(conduct, &entries, job, context));
    conduct->answer->recorded = true;
done:
    return fault;
}

enum fault manage_cover(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    const struct child_id child = {conduct->ask->path_ids[0]};
    struct child_standing standing;
    enum fault fault;
    TRY(family_standing(tx, child, conduct->arena, &standing));
    if (standing.state != conduct->state || !id_equal(standing.child.id, child.id))
        return FAULT_CONFLICT;
    TRY(stated_open(tx, &conduct->stated, child));
done:
    return fault;
}
