#include "store/wrapping.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { CHECK_HEX = 2 * VAULT_CHECK_BYTES, TEXT_BYTES = 16 + CHECK_HEX, ARENA_BYTES = 4096, TRIES_MAX = 4 };

static bool parse_check(struct str hex, struct wrapping *wrapping)
{
    size_t len = 0;
    wrapping->checked = true;
    return hex.len == CHECK_HEX &&
           sodium_hex2bin(wrapping->check, sizeof wrapping->check, hex.at, hex.len, NULL, &len, NULL) == 0 &&
           len == sizeof wrapping->check;
}

static enum fault parse(struct str text, struct wrapping *ret_wrapping)
{
    struct wrapping wrapping = {0};
    struct str number = {"", 0};
    int64_t master = 0;
    (void)str_split(&text, ' ', &number);
    if (!str_to_int(number, 1, UINT32_MAX, &master) || (text.len > 0 && !parse_check(text, &wrapping)))
        return fault_note(FAULT_CORRUPT, "what the database says of its master key is broken: restore it");
    wrapping.master = (uint32_t)master;
    *ret_wrapping = wrapping;
    return FAULT_NONE;
}

enum fault wrapping_get(struct db_tx *tx, struct arena *arena, struct wrapping *ret_wrapping)
{
    const struct value in[] = {[BIND_meta_get_name] = value_text(STR("master"))};
    struct value out[GIVES_meta_get];
    enum fault fault = db_one(tx, SQL_meta_get, in, arena, out);
    if (fault == FAULT_ABSENT) {
        *ret_wrapping = (struct wrapping){0};
        return FAULT_NONE;
    }
    return fault != FAULT_NONE ? fault : parse(str_of_bytes(out[GIVE_meta_get_content].bytes), ret_wrapping);
}

enum fault wrapping_put(struct db_tx *tx, const struct wrapping *wrapping)
{
    char text[TEXT_BYTES], hex[CHECK_HEX + 1] = "";
    must(wrapping->master > 0);
    if (wrapping->checked)
        (void)sodium_bin2hex(hex, sizeof hex, wrapping->check, sizeof wrapping->check);
    int len = snprintf(text, sizeof text, wrapping->checked ? "%" PRIu32 " %s" : "%" PRIu32 "%s",
                       wrapping->master, hex);
    must(len > 0 && (size_t)len < sizeof text);
    const struct value in[] = {[BIND_meta_put_name] = value_text(STR("master")),
                               [BIND_meta_put_content] = value_text((struct str){text, (size_t)len})};
    return db_run(tx, SQL_meta_put, in, NULL);
}

/* The number, locked against change until the transaction ends; whoever inserts the first key of all says it.
 */
static enum fault hold(struct db_tx *tx, const struct wrapped_key *first, uint32_t *ret_master)
{
    struct arena *arena = NULL;
    struct value out[GIVES_master_hold];
    struct wrapping wrapping = {0};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    fault = db_one(tx, SQL_master_hold, NULL, arena, out);
    if (fault == FAULT_ABSENT) {
        wrapping.master = vault_master_of(first);
        TRY(wrapping_put(tx, &wrapping));
    } else {
        TRY(fault);
        TRY(parse(str_of_bytes(out[GIVE_master_hold_content].bytes), &wrapping));
    }
    *ret_master = wrapping.master;
done:
    arena_close(arena);
    return fault;
}

/* Wraps those anew that are under another master; how many there were. */
static enum fault mend(struct vault *vault, uint32_t master, struct wrapped_key *keys, size_t count,
                       size_t *ret_mended)
{
    struct wrapped_key other[WRAPPING_KEYS_MAX];
    enum vault_fate fates[WRAPPING_KEYS_MAX];
    size_t at[WRAPPING_KEYS_MAX], others = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++)
        if (vault_master_of(&keys[i]) != master) {
            at[others] = i;
            other[others++] = keys[i];
        }
    *ret_mended = others;
    if (others == 0)
        return FAULT_NONE;
    TRY(vault_wrap_under(vault, master));
    TRY(vault_rewrap(vault, other, fates, others));
    for (size_t i = 0; i < others; i++) {
        if (fates[i] == FATE_BROKEN)
            TRY(fault_note(FAULT_KEY,
                           "a new key does not open under its master key: start the server again"));
        keys[at[i]] = other[i];
    }
done:
    return fault;
}

/* Tried again where the keeper has been told meanwhile, by another thread that read an earlier number, to
 * wrap under that. */
enum fault wrapping_agree(struct db_tx *tx, struct vault *vault, struct wrapped_key *keys, size_t count)
{
    uint32_t master = 0;
    size_t mended = 0;
    enum fault fault = FAULT_NONE;
    must(count <= WRAPPING_KEYS_MAX);
    if (count == 0)
        return FAULT_NONE;
    TRY(hold(tx, &keys[0], &master));
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        TRY(mend(vault, master, keys, count, &mended));
        if (mended == 0)
            return FAULT_NONE;
    }
    fault = fault_note(FAULT_BUSY, "the master key is being exchanged: try again in a moment");
done:
    return fault;
}
