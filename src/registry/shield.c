#include "registry/shield.h"

#include "registry/family.h"

enum { ARENA_BYTES = 4096 };

enum fault shield_put(struct db_tx *tx, struct noting *noting, struct child_id child, enum shield shield)
{
    struct arena *arena = NULL;
    struct child_standing standing;
    struct family family;
    struct value out[GIVES_child_shield_put];
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    TRY(family_standing(tx, child, arena, &standing));
    TRY(family_read(tx, standing.child, &family));
    for (size_t i = 0; i < family.count; i++) {
        const struct value in[] = {[BIND_child_shield_put_child_id] = value_id(family.ids[i].id),
                                   [BIND_child_shield_put_shield] = value_int(shield)};
        TRY(db_one(tx, SQL_child_shield_put, in, arena, out));
    }
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
