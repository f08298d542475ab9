/* Inside `store check`.  Only src/store and its tests include this. */
#ifndef STORE_CHECK_INSIDE_H
#define STORE_CHECK_INSIDE_H

#include "store/check.h"
#include "store/raw.h"
#include "store/statement.h"

enum {
    CHECK_COLUMNS_MAX = 64,
    CHECK_NAME_BYTES = 48,
    CHECK_SEEN_BYTES_MAX = 256 * 1024,
    CHECK_ARENA_BYTES = 64 * 1024 * 1024,
    CHECK_CONNECTIONS = 16,
};

/* Where the tries are made: a schema, or a file beside the path. */
struct check_place {
    bool postgres;
    bool made;
    char name[CHECK_NAME_BYTES]; /* of schema and connections: nobody else's */
    struct buffer connection;    /* NUL-terminated */
    struct buffer reference;     /* an SQLite file in a folder of its own: what an engine is compared with */
    struct buffer folder;        /* that folder */
};

struct check {
    const struct check_order *order;
    struct check_place place;
    int connections;            /* at once, as far as is known: found by check_connections */
    enum check_verdict verdict; /* of the group under way */
    struct buffer seen;
};

/* check_place.c.  Makes the place; faults of raw_open, FAULT_REFUSED where no schema may be made. */
MUST_USE enum fault check_place_make(struct check_place *place, const char *given);
const char *check_place_connection(const struct check_place *place);
const char *check_place_reference(const struct check_place *place);

/* FAULT_BUSY or FAULT_STORAGE where something stays behind: the note says how to remove it. */
MUST_USE enum fault check_place_remove(struct check_place *place, const char *given);

/* A line of what was seen; the group's verdict becomes no better than this. */
void check_say(struct check *check, enum check_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_figure(struct check *check, const char *name, double value, const char *unit);
bool check_stopped(const struct check *check);

/* Opens the place with so many connections, or fewer where it bears no more. */
MUST_USE enum fault check_open(struct check *check, int connections, int64_t lease_us, struct db **ret_db);

/* Says that something did not answer as it must; the fault's note is its reason. */
void check_say_fault(struct check *check, enum fault fault, const char *what);

/* check_rows.c.  A value for a column or placeholder: the same for the same name.  `row` 0 to 9 makes rows
 * that differ; numbers begin at `base`.  Bytes and text live in `memory`. */
enum { ROW_VALUE_BYTES = 16, ROW_NOBODY = 9 };
struct check_memory {
    uint8_t at[CHECK_COLUMNS_MAX][ROW_VALUE_BYTES];
};
void check_row_of(const struct sql_table *table, int row, int64_t base, struct check_memory *memory,
                  struct value *ret_row);
struct value check_row_value(const struct sql_field *field, int row, int64_t base, uint8_t *memory);

/* Rows 0 to 3 in every table but `migration`, by packed statements. */
MUST_USE enum fault check_rows_fill(struct db *db);

/* Empties them again; nobody has the place open. */
MUST_USE enum fault check_clear(struct check *check);

/* The groups; each finds the tables empty. */
#define CHECK(name, title, follows) MUST_USE enum fault check_##name(struct check *check);
#include "store/check.def"
#undef CHECK

/* check_facts.c.  Facts in `meta` whose content is a number, as jobs read and write them. */
MUST_USE enum fault check_fact_read(struct db_tx *tx, const char *name,
                                    int64_t *ret_number); /* 0 where absent */
MUST_USE enum fault check_fact_write(struct db_tx *tx, const char *name, int64_t number);
MUST_USE enum fault check_fact_known(struct db *db, const char *name, int64_t *ret_number);
MUST_USE enum fault check_fact_set(struct db *db, const char *name, int64_t number);

#endif
