#include "registry/shield.h"

#include "registry/family.h"

enum { ARENA_BYTES = 4096, DAY_S = 24 * 3600 };

static const char *const ground_names[GROUNDS_END] = {
#define GROUND(name, label) [GROUND_##name] = #name,
#include "registry/grounds.def"
#undef GROUND
};
static const char *const ground_labels[GROUNDS_END] = {
#define GROUND(name, label) [GROUND_##name] = label,
#include "registry/grounds.def"
#undef GROUND
};

const char *shield_ground_name(enum shield_ground ground)
{
    must(ground < GROUNDS_END);
    return ground_names[ground];
}

const char *shield_ground_label(enum shield_ground ground)
{
    must(ground < GROUNDS_END);
    return ground_labels[ground];
}

enum shield_ground shield_ground_of(struct str name)
{
    for (int ground = 1; ground < GROUNDS_END; ground++)
        if (str_equal(name, str_of(ground_names[ground])))
            return (enum shield_ground)ground;
    return GROUND_NONE;
}

/* One after the other of all records that are the child's: raised or lowered, whichever the statement does.
 */
static enum fault put_family(struct db_tx *tx, const struct family *family, enum shield shield,
                             struct arena *arena)
{
    struct value out[GIVES_child_shield_put];
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < family->count; i++) {
        const struct value in[] = {[BIND_child_shield_put_child_id] = value_id(family->ids[i].id),
                                   [BIND_child_shield_put_shield] = value_int(shield)};
        TRY(db_one(tx, SQL_child_shield_put, in, arena, out));
    }
done:
    return fault;
}

enum fault shield_put(struct db_tx *tx, struct noting *noting, struct child_id child, enum shield shield)
{
    struct arena *arena = NULL;
    struct child_standing standing;
    struct family family;
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    TRY(family_standing(tx, child, arena, &standing));
    TRY(family_read(tx, standing.child, &family));
    TRY(put_family(tx, &family, shield, arena));
    TRY(change_note(tx, noting, &standing.child, 1));
done:
    arena_close(arena);
    return fault;
}

enum fault shield_confirm(struct follow *follow, struct child_id child, const struct change_mark *mark)
{
    enum fault fault;
    TRY(follow_refresh(follow, &child, 1));
    TRY(follow_everywhere(follow, mark));
done:
    return fault;
}

static struct matter_step step_of(const struct shield_order *order, enum step_verb verb, uint8_t outcome)
{
    return (struct matter_step){.at = order->now,
                                .verb = verb,
                                .account = order->account,
                                .role = order->role,
                                .name = order->name,
                                .outcome = outcome,
                                .text = order->text,
                                .more = order->more};
}

static struct instant days_after(struct instant at, int64_t days)
{
    return instant_after(at, seconds(days * DAY_S));
}

/* The matter of that id where it is there: the very form that is being taken was taken before. */
static enum fault is_taken(struct db_tx *tx, const struct shield_order *order, struct matter_id id,
                           bool *ret_taken)
{
    struct matter before;
    enum fault fault = matter_read(tx, order->matters, id, order->arena, &before);
    if (fault == FAULT_NONE || fault == FAULT_ABSENT)
        *ret_taken = fault == FAULT_NONE;
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

/* `asker` may not decide it; zero: nobody has asked. */
static enum fault open_matter(struct db_tx *tx, const struct shield_order *order, struct matter_id id,
                              const struct child_standing *standing, struct account_id asker)
{
    const struct matter fresh = {.matter = id,
                                 .kind = MATTER_SHIELD,
                                 .state = MATTER_OPEN,
                                 .authority = standing->authority,
                                 .opened = order->now,
                                 .due = days_after(order->now, SHIELD_DECIDE_DAYS),
                                 .child = standing->child,
                                 .asker = asker,
                                 .wanted = SHIELD_ASKED};
    const struct matter_step step = step_of(order, STEP_ASKED, (uint8_t)order->ground);
    return matter_open(tx, order->matters, &fresh, &step);
}

enum fault shield_request(struct db_tx *tx, struct noting *noting, const struct permit_shield_request *permit,
                          const struct shield_order *order, struct matter_id id, struct child_id child)
{
    must(permit->permit.operation == OP_shield_request);
    const struct matter_step step = step_of(order, STEP_ASKED, (uint8_t)order->ground);
    struct child_standing standing;
    struct matter matter;
    bool taken = false;
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    if (standing.state == RECORD_ARCHIVED || standing.state == RECORD_SEALED)
        return fault_note(FAULT_REFUSED, "this record is closed: nobody sees it");
    TRY(shield_put(tx, noting, standing.child, SHIELD_PROVISIONAL));
    TRY(is_taken(tx, order, id, &taken));
    if (taken)
        return FAULT_NONE;
    fault = matter_of_child(tx, order->matters, MATTER_SHIELD, standing.child, order->arena, &matter);
    if (fault == FAULT_ABSENT)
        return open_matter(tx, order, id, &standing, order->account);
    TRY(fault);
    TRY(matter_add(tx, order->matters, &matter, &step));
done:
    return fault;
}

static enum fault check_phase(const struct matter *matter, enum matter_state state, enum shield_phase phase)
{
    if (matter->kind != MATTER_SHIELD || matter->state != state || matter->wanted != (uint8_t)phase)
        return fault_note(FAULT_CONFLICT, "somebody else has decided this meanwhile: look at it again");
    return FAULT_NONE;
}

/* R2: nobody decides on what they have asked for themselves. */
static enum fault check_request(const struct matter *matter, const struct shield_order *order)
{
    enum fault fault = check_phase(matter, MATTER_OPEN, SHIELD_ASKED);
    if (fault == FAULT_NONE && id_equal(matter->asker.id, order->account.id))
        fault = fault_note(FAULT_REFUSED, "somebody else decides on what one has asked for oneself");
    return fault;
}

/* R9.2: from now on it is the next review that is due. */
static void keep_until_review(struct matter *matter, struct instant now)
{
    matter->state = MATTER_OPEN;
    matter->wanted = SHIELD_KEPT;
    matter->first = (struct account_id){{{0}}};
    matter->due = days_after(now, SHIELD_REVIEW_DAYS);
}

enum fault shield_keep(struct db_tx *tx, struct noting *noting, const struct permit_shield_decide *permit,
                       const struct shield_order *order, struct matter *matter)
{
    must(permit->permit.operation == OP_shield_decide);
    const struct matter_step step = step_of(order, STEP_CONFIRMED, (uint8_t)order->ground);
    enum fault fault;
    TRY(check_request(matter, order));
    TRY(shield_put(tx, noting, matter->child, SHIELD_DECIDED));
    keep_until_review(matter, order->now);
    TRY(matter_advance(tx, order->matters, matter, &step));
done:
    return fault;
}

static enum fault ask_second(struct db_tx *tx, const struct shield_order *order, struct matter *matter,
                             enum shield_phase phase)
{
    const struct matter_step step = step_of(order, STEP_SECOND_ASKED, (uint8_t)phase);
    matter->state = MATTER_SECOND;
    matter->wanted = (uint8_t)phase;
    matter->first = order->account;
    return matter_advance(tx, order->matters, matter, &step);
}

enum fault shield_refuse(struct db_tx *tx, const struct permit_shield_decide *permit,
                         const struct shield_order *order, struct matter *matter)
{
    must(permit->permit.operation == OP_shield_decide);
    enum fault fault;
    TRY(check_request(matter, order));
    TRY(ask_second(tx, order, matter, SHIELD_REFUSING));
done:
    return fault;
}

enum fault shield_review(struct db_tx *tx, const struct permit_shield_review *permit,
                         const struct shield_order *order, struct matter *matter)
{
    must(permit->permit.operation == OP_shield_review);
    const struct matter_step step = step_of(order, STEP_REVIEWED, (uint8_t)order->ground);
    enum fault fault;
    TRY(check_phase(matter, MATTER_OPEN, SHIELD_KEPT));
    keep_until_review(matter, order->now);
    TRY(matter_advance(tx, order->matters, matter, &step));
done:
    return fault;
}

enum fault shield_lift(struct db_tx *tx, const struct permit_shield_lift *permit,
                       const struct shield_order *order, struct matter *matter)
{
    must(permit->permit.operation == OP_shield_lift);
    enum fault fault;
    TRY(check_phase(matter, MATTER_OPEN, SHIELD_KEPT));
    TRY(ask_second(tx, order, matter, SHIELD_LIFTING));
done:
    return fault;
}

/* The one place where a shield is lowered (R9.5): the permit is of the second of two people. */
static enum fault lower(struct db_tx *tx, struct noting *noting, const struct permit_shield_second *permit,
                        const struct shield_order *order, struct child_id child)
{
    must(permit->permit.operation == OP_shield_second);
    struct child_standing standing;
    struct family family;
    struct value out[GIVES_child_shield_lift];
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    TRY(family_read(tx, standing.child, &family));
    for (size_t i = 0; i < family.count; i++) {
        const struct value in[] = {[BIND_child_shield_lift_child_id] = value_id(family.ids[i].id)};
        TRY(db_one(tx, SQL_child_shield_lift, in, order->arena, out));
    }
    TRY(change_note(tx, noting, &standing.child, 1));
done:
    return fault;
}

static enum fault decline(struct db_tx *tx, const struct shield_order *order, struct matter *matter)
{
    const struct matter_step step = step_of(order, STEP_SECOND_DECLINED, matter->wanted);
    const bool refusing = matter->wanted == SHIELD_REFUSING;
    matter->state = MATTER_OPEN;
    matter->wanted = refusing ? SHIELD_ASKED : SHIELD_KEPT;
    matter->first = (struct account_id){{{0}}};
    return matter_advance(tx, order->matters, matter, &step);
}

enum fault shield_second(struct db_tx *tx, struct noting *noting, const struct permit_shield_second *permit,
                         const struct shield_order *order, struct matter *matter, bool agreed,
                         bool *ret_shown)
{
    must(permit->permit.operation == OP_shield_second);
    const struct matter_step step = step_of(order, STEP_SECOND_GIVEN, matter->wanted);
    struct matter other;
    bool kept = false;
    enum fault fault;
    if (matter->kind != MATTER_SHIELD || matter->state != MATTER_SECOND)
        return fault_note(FAULT_CONFLICT, "somebody else has decided this meanwhile: look at it again");
    if (id_equal(matter->first.id, order->account.id)) /* R9.7 */
        return fault_note(FAULT_REFUSED, "lifting a shield takes two people");
    *ret_shown = false;
    if (!agreed)
        return decline(tx, order, matter);
    matter->state = MATTER_CLOSED;
    TRY(matter_advance(tx, order->matters, matter, &step));
    fault = matter_of_child(tx, order->matters, MATTER_SHIELD, matter->child, order->arena, &other);
    kept = fault == FAULT_NONE; /* two shielded records that became one: the other's grounds still stand */
    if (fault == FAULT_ABSENT)
        fault = lower(tx, noting, permit, order, matter->child);
    TRY(fault);
    *ret_shown = !kept;
done:
    return fault;
}

enum fault shield_watch(struct db_tx *tx, const struct shield_order *order, struct id fresh,
                        struct child_id child)
{
    struct child_standing standing;
    struct matter matter;
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    if (standing.state != RECORD_SHIELDED)
        return FAULT_NONE;
    fault = matter_of_child(tx, order->matters, MATTER_SHIELD, standing.child, order->arena, &matter);
    if (fault == FAULT_ABSENT)
        fault = open_matter(tx, order, (struct matter_id){fresh}, &standing, (struct account_id){{{0}}});
done:
    return fault;
}
