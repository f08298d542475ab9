/* What PostgreSQL's five-letter codes (SQLSTATE, PostgreSQL manual, appendix A) mean to the caller. */
#include "store/postgres.h"

#include <string.h>

struct meaning {
    const char *code; /* whole, or its first two letters */
    struct failure failure;
};

/* Whole codes stand before their classes. */
static const struct meaning meanings[] = {
    {"40003", {SETBACK_LOST, FAULT_BUSY, "the database does not know whether it was kept"}},
    {"40", {SETBACK_RACE, FAULT_BUSY, "others changed the same rows at the same moment, again and again"}},
    {"23505", {SETBACK_DUPLICATE, FAULT_DUPLICATE, "a row with this key is there already"}},
    {"23", {SETBACK_FAULT, FAULT_INVALID, "a constraint of the schema refuses this row"}},
    {"22", {SETBACK_FAULT, FAULT_INVALID, "PostgreSQL refuses a value"}},
    {"25006",
     {SETBACK_LOST, FAULT_BUSY,
      "the database can only be read, as a standby is: name every host of the cluster in the connection"}},
    {"25P03",
     {SETBACK_ENDED, FAULT_BUSY, "the database ended a transaction in which nothing happened for long"}},
    {"28P01",
     {SETBACK_FAULT, FAULT_REFUSED,
      "the database refuses the password: check the user, and the line for it in the passfile"}},
    {"28",
     {SETBACK_FAULT, FAULT_REFUSED,
      "the database does not let this user in: check the user, its password or certificate, and "
      "pg_hba.conf"}},
    {"3D000",
     {SETBACK_FAULT, FAULT_ABSENT, "there is no database of this name: check it, or make it with createdb"}},
    {"3F000",
     {SETBACK_FAULT, FAULT_SCHEMA,
      "the schema in which tables are to be made does not exist: check search_path"}},
    {"42501",
     {SETBACK_DENIED, FAULT_STORAGE,
      "the database user lacks rights: let it own the tables, or grant it SELECT, INSERT, UPDATE and "
      "DELETE"}},
    {"42P07", {SETBACK_RACE, FAULT_SCHEMA, "a table stands there already"}},
    {"42710",
     {SETBACK_RACE, FAULT_SCHEMA, "a type stands there already"}}, /* another made that table just now */
    {"42",
     {SETBACK_FAULT, FAULT_SCHEMA,
      "the database lacks a table or column: it is not of this program's version"}},
    {"0A", {SETBACK_FAULT, FAULT_SCHEMA, "the database's engine cannot run a statement of this program"}},
    {"53100", {SETBACK_FAULT, FAULT_STORAGE, "the disk of the database is full: make room on it"}},
    {"53200",
     {SETBACK_FAULT, FAULT_MEMORY,
      "the database has no memory left: give it more, or raise max_pred_locks_per_transaction"}},
    {"53300",
     {SETBACK_LOST, FAULT_BUSY,
      "the database has no connection left: raise max_connections, or give each server fewer connections"}},
    {"53", {SETBACK_FAULT, FAULT_STORAGE, "the database has reached a limit of its machine: see its log"}},
    {"55P03", {SETBACK_FAULT, FAULT_BUSY, "another transaction has held a row for too long"}},
    {"57014", {SETBACK_FAULT, FAULT_BUSY, "the database was told to stop the statement"}},
    {"57P04", {SETBACK_LOST, FAULT_BUSY, "the database was dropped"}},
    {"57P03", {SETBACK_LOST, FAULT_BUSY, "the database is starting or stopping: try again in a moment"}},
    {"57P", {SETBACK_LOST, FAULT_BUSY, "the database is stopping, or ended the connection"}},
    {"58030",
     {SETBACK_FAULT, FAULT_STORAGE,
      "the disk of the database does not read or write: check its machine's log"}},
    {"08", {SETBACK_LOST, FAULT_BUSY, "the connection to the database was lost"}},
    {"XX001", {SETBACK_FAULT, FAULT_CORRUPT, "a page of the database is damaged: restore the last backup"}},
    {"XX002", {SETBACK_FAULT, FAULT_CORRUPT, "an index of the database is damaged: restore the last backup"}},
};

struct failure failure_of_code(const char *code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strncmp(code, meanings[i].code, strlen(meanings[i].code)) == 0)
            return meanings[i].failure;
    }
    return (struct failure){SETBACK_FAULT, FAULT_STORAGE, "PostgreSQL could not do it: see its log"};
}

struct failure failure_of_result(const PGresult *result)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    /* libpq's own: the connection broke, or it could get no memory. */
    return failure_of_code(code == NULL ? "08000" : code);
}
