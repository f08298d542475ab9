#include "registry/look.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

struct tag look_account_tag(struct vault *vault, struct account_id account)
{
    return vault_tag(vault, "look", id_bytes(&account.id));
}

static struct value tag_value(const struct tag *tag)
{
    return value_bytes((struct bytes){tag->byte, sizeof tag->byte});
}

/* Of account and child together, so that two who opened the same child cannot be told. */
static struct tag thing_tag(struct vault *vault, const struct look *look)
{
    uint8_t both[2 * sizeof(struct id)];
    memcpy(both, look->account.id.byte, sizeof(struct id));
    memcpy(both + sizeof(struct id), look->child.id.byte, sizeof(struct id));
    return vault_tag(vault, "looked at", (struct bytes){both, sizeof both});
}

/* What somebody has been allowed; nothing where they never asked. */
static enum fault allowed(struct db_tx *tx, struct vault *vault, const struct look *look, struct arena *arena,
                          struct allowance *ret_allowance)
{
    enum fault fault = allowance_get(tx, vault, look->account, arena, ret_allowance);
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

/* Since when counts: a window's length ago, or a second person's approval where that is later and still
 * holds. */
static int64_t counted_since(const struct allowance *allowance, struct instant at, int64_t window_s)
{
    int64_t since_us = instant_after(at, seconds(-window_s)).us;
    bool holds = allowance->until.us > at.us && allowance->from.us > since_us;
    return holds ? allowance->from.us : since_us;
}

static void compare(int64_t others, int64_t limit, struct look_answer *answer)
{
    answer->too_many = answer->too_many || others >= limit;
    answer->many = answer->many || others * 2 >= limit;
}

static enum fault count_others(struct db_tx *tx, struct vault *vault, const struct look *look,
                               int64_t since_us, struct arena *arena, int64_t *ret_others)
{
    const struct tag account = look_account_tag(vault, look->account), thing = thing_tag(vault, look);
    struct value out[GIVES_look_others];
    const struct value in[] = {[BIND_look_others_account_tag] = tag_value(&account),
                               [BIND_look_others_kind] = value_int(look->kind),
                               [BIND_look_others_thing] = tag_value(&thing),
                               [BIND_look_others_since_us] = value_int(since_us)};
    enum fault fault = db_one(tx, SQL_look_others, in, arena, out);
    if (fault == FAULT_NONE)
        *ret_others = out[GIVE_look_others_count].number;
    return fault;
}

enum fault look_ask(struct db_tx *tx, struct vault *vault, const struct look_limits *limits,
                    const struct look *look, struct arena *arena, struct look_answer *ret_answer)
{
    const struct {
        int64_t limit, window_s;
    } windows[] = {{look->kind == LOOK_CHILD ? limits->children_per_hour : 0, HOUR_S},
                   {look->kind == LOOK_CHILD ? limits->children_per_day : limits->guesses_per_day, DAY_S}};
    struct look_answer answer = {0};
    struct allowance allowance = {0};
    enum fault fault;
    TRY(allowed(tx, vault, look, arena, &allowance));
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        int64_t others = 0;
        if (windows[i].limit == 0)
            continue;
        TRY(count_others(tx, vault, look, counted_since(&allowance, look->at, windows[i].window_s), arena,
                         &others));
        compare(others, windows[i].limit, &answer);
    }
    *ret_answer = answer;
done:
    return fault;
}

enum fault look_ask_search(struct db_tx *tx, struct vault *vault, const struct look_limits *limits,
                           const struct look *look, struct arena *arena, struct look_answer *ret_answer)
{
    const struct tag account = look_account_tag(vault, look->account);
    struct look_answer answer = {0};
    struct allowance allowance = {0};
    struct value out[GIVES_look_searches];
    enum fault fault = FAULT_NONE;
    if (limits->searches_per_hour > 0) {
        TRY(allowed(tx, vault, look, arena, &allowance));
        const struct value in[] = {[BIND_look_searches_account_tag] = tag_value(&account),
                                   [BIND_look_searches_since_us] =
                                       value_int(counted_since(&allowance, look->at, HOUR_S))};
        TRY(db_one(tx, SQL_look_searches, in, arena, out));
        compare(out[GIVE_look_searches_count].number, limits->searches_per_hour, &answer);
    }
    *ret_answer = answer;
done:
    return fault;
}

enum fault look_seen(struct db_tx *tx, struct vault *vault, const struct look *look, struct arena *arena,
                     bool *ret_seen)
{
    const struct tag account = look_account_tag(vault, look->account), thing = thing_tag(vault, look);
    struct value out[GIVES_look_seen];
    const struct value in[] = {[BIND_look_seen_account_tag] = tag_value(&account),
                               [BIND_look_seen_kind] = value_int(look->kind),
                               [BIND_look_seen_thing] = tag_value(&thing),
                               [BIND_look_seen_since_us] =
                                   value_int(instant_after(look->at, seconds(-DAY_S)).us)};
    enum fault fault = db_one(tx, SQL_look_seen, in, arena, out);
    if (fault == FAULT_NONE)
        *ret_seen = out[GIVE_look_seen_count].number > 0;
    return fault;
}

enum fault look_count(struct db_tx *tx, struct vault *vault, const struct look *look)
{
    const struct tag account = look_account_tag(vault, look->account), thing = thing_tag(vault, look);
    const struct value in[] = {[BIND_look_put_account_tag] = tag_value(&account),
                               [BIND_look_put_kind] = value_int(look->kind),
                               [BIND_look_put_thing] = tag_value(&thing),
                               [BIND_look_put_seen_us] = value_int(look->at.us)};
    return db_run(tx, SQL_look_put, in, NULL);
}

enum fault look_sweep(struct db_tx *tx, struct instant now)
{
    const struct value in[] = {[BIND_look_sweep_before_us] =
                                   value_int(instant_after(now, seconds(-DAY_S)).us)};
    return db_run(tx, SQL_look_sweep, in, NULL);
}

enum fault allowance_get(struct db_tx *tx, struct vault *vault, struct account_id account,
                         struct arena *arena, struct allowance *ret_allowance)
{
    const struct tag tag = look_account_tag(vault, account);
    const struct value in[] = {[BIND_allowance_get_account_tag] = tag_value(&tag)};
    struct value out[GIVES_allowance_get];
    struct allowance allowance = {0};
    enum fault fault;
    TRY(db_one(tx, SQL_allowance_get, in, arena, out));
    TRY(id_of_bytes(out[GIVE_allowance_get_matter_id].bytes, &allowance.matter) ? FAULT_NONE : FAULT_CORRUPT);
    if (out[GIVE_allowance_get_from_us].kind != VALUE_NULL)
        allowance.from.us = out[GIVE_allowance_get_from_us].number;
    if (out[GIVE_allowance_get_until_us].kind != VALUE_NULL)
        allowance.until.us = out[GIVE_allowance_get_until_us].number;
    *ret_allowance = allowance;
done:
    return fault;
}

enum fault allowance_ask(struct db_tx *tx, struct vault *vault, struct account_id account, struct id matter)
{
    const struct tag tag = look_account_tag(vault, account);
    const struct value in[] = {[BIND_allowance_ask_account_tag] = tag_value(&tag),
                               [BIND_allowance_ask_matter_id] = value_id(matter)};
    return db_run(tx, SQL_allowance_ask, in, NULL);
}

enum fault allowance_give(struct db_tx *tx, struct vault *vault, struct account_id account,
                          const struct allowance *allowance)
{
    const struct tag tag = look_account_tag(vault, account);
    int64_t changed = 0;
    const struct value in[] = {[BIND_allowance_give_account_tag] = tag_value(&tag),
                               [BIND_allowance_give_matter_id] = value_id(allowance->matter),
                               [BIND_allowance_give_from_us] = value_int(allowance->from.us),
                               [BIND_allowance_give_until_us] = value_int(allowance->until.us)};
    enum fault fault = db_run(tx, SQL_allowance_give, in, &changed);
    return fault != FAULT_NONE ? fault : changed == 1 ? FAULT_NONE : FAULT_CONFLICT;
}
