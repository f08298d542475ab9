/* The house's keys of the log, one per month, remembered wrapped. */
#include <stdio.h>

#include "audit/inside.h"
#include "store/house_key.h"

enum { MONTH_NAME_BYTES = 32 };

int64_t audit_month_of(struct instant at)
{
    struct day day = day_of_instant(at);
    return (int64_t)day.year * 12 + day.month - 1;
}

/* "audit-2026-11" */
static struct str month_name(int64_t month, char at[MONTH_NAME_BYTES])
{
    int len =
        snprintf(at, MONTH_NAME_BYTES, "audit-%04d-%02d", (int)(month / 12 % 10000), (int)(month % 12) + 1);
    must(len > 0 && len < MONTH_NAME_BYTES);
    return (struct str){at, (size_t)len};
}

static bool recall(struct audit *audit, int64_t month, struct wrapped_key *ret_key)
{
    bool found = false;
    pthread_mutex_lock(&audit->lock);
    for (size_t i = 0; i < MONTHS_REMEMBERED && !found; i++) {
        if (audit->months[i].month == month) {
            *ret_key = audit->months[i].key;
            found = true;
        }
    }
    pthread_mutex_unlock(&audit->lock);
    return found;
}

static void remember(struct audit *audit, int64_t month, const struct wrapped_key *key)
{
    pthread_mutex_lock(&audit->lock);
    audit->months[audit->month_next] = (struct month_key){month, *key};
    audit->month_next = (audit->month_next + 1) % MONTHS_REMEMBERED;
    pthread_mutex_unlock(&audit->lock);
}

enum fault audit_month_key(struct audit *audit, int64_t month, struct wrapped_key *ret_key)
{
    enum fault fault = FAULT_NONE;
    char name[MONTH_NAME_BYTES];
    must(month > 0);
    if (recall(audit, month, ret_key))
        return FAULT_NONE;
    TRY(house_key_get(audit->db, audit->vault, month_name(month, name), ret_key));
    remember(audit, month, ret_key);
done:
    return fault;
}

enum fault audit_month_key_read(struct audit *audit, struct db_tx *tx, int64_t month,
                                struct wrapped_key *ret_key)
{
    enum fault fault = FAULT_NONE;
    char name[MONTH_NAME_BYTES];
    struct arena *arena = NULL;
    struct value out[GIVES_house_key_get];
    if (month <= 0 || month / 12 > 9999)
        return FAULT_ABSENT;
    if (recall(audit, month, ret_key))
        return FAULT_NONE;
    const struct value in[] = {[BIND_house_key_get_name] = value_text(month_name(month, name))};
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_house_key_get, in, arena, out));
    struct bytes wrapped = out[GIVE_house_key_get_wrapped].bytes;
    if (wrapped.len != sizeof ret_key->byte)
        TRY(FAULT_KEY);
    memcpy(ret_key->byte, wrapped.at, wrapped.len);
    remember(audit, month, ret_key);
done:
    arena_close(arena);
    return fault;
}
