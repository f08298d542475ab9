#include "service/rotate_state.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

enum { STATE_ARENA_BYTES = 256 * 1024, TEXT_BYTES = 64, NAME_BYTES = 8 + ID_TEXT_LEN };

struct reading {
    struct arena *arena;
    struct rotation_state state;
};

/* An empty text where there is no such fact. */
static enum fault read_fact(struct db_tx *tx, struct str name, struct arena *arena, struct str *ret_content)
{
    const struct value in[] = {[BIND_meta_get_name] = value_text(name)};
    struct value out[GIVES_meta_get];
    enum fault fault = db_one(tx, SQL_meta_get, in, arena, out);
    *ret_content = fault == FAULT_NONE ? str_of_bytes(out[GIVE_meta_get_content].bytes) : (struct str){"", 0};
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

static enum fault write_fact(struct db_tx *tx, struct str name, struct str content)
{
    const struct value forget[] = {[BIND_meta_forget_name] = value_text(name)};
    const struct value put[] = {
        [BIND_meta_put_name] = value_text(name), [BIND_meta_put_content] = value_text(content)};
    return content.len == 0 ? db_run(tx, SQL_meta_forget, forget, NULL) : db_run(tx, SQL_meta_put, put, NULL);
}

static bool parse_phase(struct str text, struct rotation_state *state)
{
    size_t len = 0;
    state->phase = text.len == 0                   ? ROTATION_NONE
                   : str_equal(text, STR("add"))   ? ROTATION_ADD
                   : str_starts(text, STR("wrap")) ? ROTATION_WRAP
                                                   : 0;
    if (state->phase != ROTATION_WRAP)
        return state->phase != 0;
    if (text.len == sizeof "wrap" - 1)
        return true;
    const struct str hex = {text.at + sizeof "wrap " - 1, text.len - (sizeof "wrap " - 1)};
    state->place.begun = true;
    return hex.len == 2 * sizeof state->place.after &&
           sodium_hex2bin(state->place.after, sizeof state->place.after, hex.at, hex.len, NULL, &len, NULL) ==
               0 &&
           len == sizeof state->place.after;
}

static enum fault read_state(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct str master, rotation;
    int64_t number = 0;
    enum fault fault;
    reading->state = (struct rotation_state){0};
    TRY(read_fact(tx, STR("master"), reading->arena, &master));
    TRY(read_fact(tx, STR("rotation"), reading->arena, &rotation));
    if ((master.len > 0 && !str_to_int(master, 1, UINT32_MAX, &number)) ||
        !parse_phase(rotation, &reading->state) || (master.len == 0 && rotation.len > 0))
        TRY(fault_note(FAULT_CORRUPT, "what the database says of the key rotation is broken: restore it"));
    reading->state.master = (uint32_t)number;
done:
    return fault;
}

enum fault rotation_read(struct db *db, struct rotation_state *ret_state)
{
    struct reading reading = {0};
    enum fault fault;
    TRY(arena_open(STATE_ARENA_BYTES, &reading.arena));
    TRY(db_read(db, read_state, &reading));
    *ret_state = reading.state;
done:
    arena_close(reading.arena);
    return fault;
}

enum fault rotation_write(struct db_tx *tx, const struct rotation_state *state)
{
    char number[TEXT_BYTES], hex[2 * REWRAP_CURSOR_BYTES + 1] = "", phase[TEXT_BYTES] = "";
    enum fault fault;
    int len = snprintf(number, sizeof number, "%" PRIu32, state->master);
    must(len > 0 && state->master > 0);
    if (state->place.begun)
        (void)sodium_bin2hex(hex, sizeof hex, state->place.after, sizeof state->place.after);
    if (state->phase == ROTATION_ADD)
        (void)snprintf(phase, sizeof phase, "add");
    if (state->phase == ROTATION_WRAP)
        (void)snprintf(phase, sizeof phase, state->place.begun ? "wrap %s" : "wrap%s", hex);
    TRY(write_fact(tx, STR("master"), str_of(number)));
    TRY(write_fact(tx, STR("rotation"), str_of(phase)));
done:
    return fault;
}

/* "keys/" and a server's id. */
static struct str name_of(struct id server, char at[NAME_BYTES + 1])
{
    struct buffer text = {.at = at, .room = NAME_BYTES + 1, .cap_bytes = NAME_BYTES + 1};
    buffer_put(&text, STR("keys/"));
    id_put(&text, server);
    must(buffer_fault(&text) == FAULT_NONE);
    return buffer_str(&text);
}

struct publishing {
    struct str name;
    struct str content;
};

static enum fault publish(struct db_tx *tx, void *context)
{
    const struct publishing *publishing = context;
    return write_fact(tx, publishing->name, publishing->content);
}

enum fault rotation_publish(struct db *db, const struct vault_masters *masters)
{
    char name[NAME_BYTES + 1], content[TEXT_BYTES];
    int len = snprintf(content, sizeof content, "%" PRIu32 " %" PRIu32, masters->number[masters->count - 1],
                       masters->wrapping);
    must(len > 0);
    struct publishing publishing = {name_of(db_server_id(db), name), {content, (size_t)len}};
    return db_write(db, DB_FOREGROUND, publish, &publishing);
}

enum fault rotation_withdraw(struct db *db)
{
    char name[NAME_BYTES + 1];
    struct publishing publishing = {name_of(db_server_id(db), name), {"", 0}};
    return db_write(db, DB_FOREGROUND, publish, &publishing);
}

enum { SERVERS_MAX = 64 };
struct looking {
    struct db *db;
    struct arena *arena;
    uint32_t master;
    bool wrapping;
    bool all;
};

static enum fault look_at(struct db_tx *tx, struct looking *looking, struct id server)
{
    char name[NAME_BYTES + 1];
    struct str rest, newest = {"", 0}, wraps = {"", 0};
    int64_t has = 0, wrapped = 0;
    enum fault fault;
    TRY(read_fact(tx, name_of(server, name), looking->arena, &rest));
    if (!str_split(&rest, ' ', &newest) || !str_split(&rest, ' ', &wraps) ||
        !str_to_int(newest, 1, UINT32_MAX, &has) || !str_to_int(wraps, 1, UINT32_MAX, &wrapped))
        has = wrapped = 0; /* one of an older program, or that just begins */
    if (has < looking->master || (looking->wrapping && wrapped != looking->master))
        looking->all = false;
done:
    return fault;
}

static enum fault look(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_server_all];
    struct id servers[SERVERS_MAX], own = db_server_id(looking->db);
    size_t count = 0;
    enum fault fault;
    looking->all = true;
    TRY(db_query(tx, SQL_server_all, NULL, &rows));
    while (db_next(rows, out)) {
        if (count == SERVERS_MAX || !id_of_bytes(out[GIVE_server_all_server_id].bytes, &servers[count]))
            TRY(FAULT_CORRUPT);
        count += out[GIVE_server_all_left_us].number > 0 && !id_equal(servers[count], own);
    }
    fault = db_rows_end(rows, FAULT_NONE);
    rows = NULL;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++)
        fault = look_at(tx, looking, servers[i]);
done:
    return rows == NULL ? fault : db_rows_end(rows, fault);
}

enum fault rotation_all_have(struct db *db, uint32_t master, bool wrapping, bool *ret_all)
{
    struct looking looking = {.db = db, .master = master, .wrapping = wrapping};
    enum fault fault;
    *ret_all = true;
    if (!db_is_shared(db))
        return FAULT_NONE;
    TRY(arena_open(STATE_ARENA_BYTES, &looking.arena));
    TRY(db_read(db, look, &looking));
    *ret_all = looking.all;
done:
    arena_close(looking.arena);
    return fault;
}
