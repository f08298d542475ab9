#include "service/rotate_state.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    STATE_ARENA_BYTES = 256 * 1024,
    NAME_BYTES = 8 + ID_TEXT_LEN,
    CHECK_HEX = 2 * VAULT_CHECK_BYTES,
    TEXT_BYTES = 16 + CHECK_HEX,
};

_Static_assert((int)CHECK_HEX >= 2 * (int)REWRAP_CURSOR_BYTES, "the longer of the two");

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

static bool parse_hex(struct str hex, uint8_t *at, size_t size_bytes)
{
    size_t len = 0;
    return hex.len == 2 * size_bytes &&
           sodium_hex2bin(at, size_bytes, hex.at, hex.len, NULL, &len, NULL) == 0 && len == size_bytes;
}

/* Nothing, or a word and perhaps a blank and digits. */
static bool parse_phase(struct str text, struct rotation_state *state)
{
    struct str word = {"", 0};
    if (text.len == 0) {
        state->phase = ROTATION_NONE;
        return true;
    }
    (void)str_split(&text, ' ', &word);
    const bool more = text.at != NULL;
    if (str_equal(word, STR("add"))) {
        state->phase = ROTATION_ADD;
        state->drawn = more;
        return !more || parse_hex(text, state->check, sizeof state->check);
    }
    state->phase = ROTATION_WRAP;
    state->place.begun = more;
    return str_equal(word, STR("wrap")) &&
           (!more || parse_hex(text, state->place.after, sizeof state->place.after));
}

static enum fault get_state(struct db_tx *tx, struct arena *arena, struct rotation_state *ret_state)
{
    struct rotation_state state = {0};
    struct str rotation;
    enum fault fault;
    TRY(wrapping_get(tx, arena, &state.wrapping));
    TRY(read_fact(tx, STR("rotation"), arena, &rotation));
    if (!parse_phase(rotation, &state) || (state.wrapping.master == 0 && state.phase != ROTATION_NONE))
        TRY(fault_note(FAULT_CORRUPT, "what the database says of the key rotation is broken: restore it"));
    *ret_state = state;
done:
    return fault;
}

static enum fault read_state(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    return get_state(tx, reading->arena, &reading->state);
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

static bool is_same_wrapping(const struct wrapping *one, const struct wrapping *other)
{
    return one->master == other->master && one->checked == other->checked &&
           memcmp(one->check, other->check, sizeof one->check) == 0;
}

static bool is_same(const struct rotation_state *now, const struct rotation_state *from)
{
    return is_same_wrapping(&now->wrapping, &from->wrapping) && now->phase == from->phase &&
           now->drawn == from->drawn && memcmp(now->check, from->check, sizeof now->check) == 0 &&
           now->place.begun == from->place.begun &&
           memcmp(now->place.after, from->place.after, sizeof now->place.after) == 0;
}

static enum fault write_phase(struct db_tx *tx, const struct rotation_state *to)
{
    char text[TEXT_BYTES] = "", hex[CHECK_HEX + 1] = "";
    if (to->drawn)
        (void)sodium_bin2hex(hex, sizeof hex, to->check, sizeof to->check);
    if (to->place.begun)
        (void)sodium_bin2hex(hex, sizeof hex, to->place.after, sizeof to->place.after);
    const char *word = to->phase == ROTATION_ADD ? "add" : to->phase == ROTATION_WRAP ? "wrap" : "";
    (void)snprintf(text, sizeof text, hex[0] == '\0' ? "%s%s" : "%s %s", word, hex);
    return write_fact(tx, STR("rotation"), str_of(text));
}

enum fault rotation_step(struct db_tx *tx, const struct rotation_state *from, const struct rotation_state *to)
{
    struct rotation_state now;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(STATE_ARENA_BYTES, &arena));
    TRY(get_state(tx, arena, &now));
    if (!is_same(&now, from))
        TRY(fault_note(FAULT_CONFLICT, "another operator rotates the keys: let that come to its end, or see "
                                       "that it has ended, and run this again"));
    if (!is_same_wrapping(&now.wrapping, &to->wrapping))
        TRY(wrapping_put(tx, &to->wrapping)); /* else it stays unlocked for those who make keys */
    TRY(write_phase(tx, to));
done:
    arena_close(arena);
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

/* The newest master as others are told of it: its number and its check. */
static struct str newest_text(const struct vault_masters *masters, char at[TEXT_BYTES])
{
    char hex[CHECK_HEX + 1];
    const uint32_t newest = masters->count - 1;
    (void)sodium_bin2hex(hex, sizeof hex, masters->check[newest], VAULT_CHECK_BYTES);
    int len = snprintf(at, TEXT_BYTES, "%" PRIu32 " %s", masters->number[newest], hex);
    must(len > 0 && len < TEXT_BYTES);
    return (struct str){at, (size_t)len};
}

enum fault rotation_publish(struct db *db, const struct vault_masters *masters)
{
    char name[NAME_BYTES + 1], content[TEXT_BYTES];
    struct publishing publishing = {name_of(db_server_id(db), name), newest_text(masters, content)};
    return db_write(db, DB_FOREGROUND, publish, &publishing);
}

enum fault rotation_withdraw(struct db *db)
{
    char name[NAME_BYTES + 1];
    struct publishing publishing = {name_of(db_server_id(db), name), {"", 0}};
    return db_write(db, DB_FOREGROUND, publish, &publishing);
}

enum { SERVERS_MAX = 64 };

/* What stands in `meta` of servers, and those that have not ended: both on one snapshot. */
struct sweeping {
    struct id told[SERVERS_MAX];
    size_t told_count;
    struct id live[SERVERS_MAX];
    size_t live_count;
};

static enum fault read_told(struct db_tx *tx, struct sweeping *sweeping)
{
    struct value out[GIVES_meta_names];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_meta_names, NULL, &rows));
    while (sweeping->told_count < SERVERS_MAX && db_next(rows, out)) {
        struct str name = str_of_bytes(out[GIVE_meta_names_name].bytes), word;
        if (str_split(&name, '/', &word) && str_equal(word, STR("keys")) &&
            id_parse(name, &sweeping->told[sweeping->told_count]))
            sweeping->told_count++;
    }
done:
    return db_rows_end(rows, fault);
}

static enum fault read_live(struct db_tx *tx, struct sweeping *sweeping)
{
    struct value out[GIVES_server_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_server_all, NULL, &rows));
    while (db_next(rows, out))
        if (sweeping->live_count == SERVERS_MAX ||
            !id_of_bytes(out[GIVE_server_all_server_id].bytes, &sweeping->live[sweeping->live_count++]))
            TRY(FAULT_CORRUPT);
done:
    return db_rows_end(rows, fault);
}

static enum fault read_sweeping(struct db_tx *tx, void *context)
{
    struct sweeping *sweeping = context;
    enum fault fault;
    sweeping->told_count = sweeping->live_count = 0;
    TRY(read_told(tx, sweeping));
    TRY(read_live(tx, sweeping));
done:
    return fault;
}

/* A server's id is that of one opening of the database: one that has ended never comes back. */
static bool is_gone(const struct sweeping *sweeping, struct id server)
{
    for (size_t i = 0; i < sweeping->live_count; i++)
        if (id_equal(sweeping->live[i], server))
            return false;
    return true;
}

static enum fault forget_gone(struct db_tx *tx, void *context)
{
    const struct sweeping *sweeping = context;
    char name[NAME_BYTES + 1];
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < sweeping->told_count; i++)
        if (is_gone(sweeping, sweeping->told[i]))
            TRY(write_fact(tx, name_of(sweeping->told[i], name), (struct str){"", 0}));
done:
    return fault;
}

enum fault rotation_sweep(struct db *db)
{
    struct sweeping sweeping;
    bool any = false;
    enum fault fault;
    TRY(db_read(db, read_sweeping, &sweeping));
    for (size_t i = 0; i < sweeping.told_count; i++)
        any = any || is_gone(&sweeping, sweeping.told[i]);
    if (any)
        TRY(db_write(db, DB_BACKGROUND, forget_gone, &sweeping));
done:
    return fault;
}

struct looking {
    struct db *db;
    struct arena *arena;
    struct str newest; /* of this server */
    struct str drawn;  /* digits of the check that is looked for */
    struct rotation_others others;
};

/* One of another program, or that just begins, has said something else or nothing. */
static enum fault look_at(struct db_tx *tx, struct looking *looking, struct id server)
{
    char name[NAME_BYTES + 1];
    struct str told, number;
    enum fault fault;
    TRY(read_fact(tx, name_of(server, name), looking->arena, &told));
    looking->others.all = looking->others.all && str_equal(told, looking->newest);
    (void)str_split(&told, ' ', &number);
    looking->others.drawn = looking->others.drawn || str_equal(told, looking->drawn);
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
    looking->others = (struct rotation_others){.all = true};
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

enum fault rotation_others(struct db *db, const struct vault_masters *masters,
                           const uint8_t check[VAULT_CHECK_BYTES], struct rotation_others *ret_others)
{
    char text[TEXT_BYTES], hex[CHECK_HEX + 1];
    struct looking looking = {.db = db, .newest = newest_text(masters, text), .drawn = {hex, CHECK_HEX}};
    enum fault fault;
    *ret_others = (struct rotation_others){.all = true};
    if (!db_is_shared(db))
        return FAULT_NONE;
    (void)sodium_bin2hex(hex, sizeof hex, check, VAULT_CHECK_BYTES);
    TRY(arena_open(STATE_ARENA_BYTES, &looking.arena));
    TRY(db_read(db, look, &looking));
    *ret_others = looking.others;
done:
    arena_close(looking.arena);
    return fault;
}
