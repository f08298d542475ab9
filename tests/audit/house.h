/* A key file, a database and a log in a folder of their own, for the tests of src/audit/. */
#ifndef TESTS_AUDIT_HOUSE_H
#define TESTS_AUDIT_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/audit.h"

struct house {
    char folder[64];
    char key_path[96];
    char db_path[96];
    struct vault *vault;
    struct db *db;
    struct audit *audit;
    struct arena *arena;
    uint64_t missing;
    struct child_id child;
    struct wrapped_key child_key;
    struct account_id actor;
    int64_t now_us;
};

struct append_job {
    struct audit *audit;
    const struct audit_sealed *sealed;
    struct audit_place place;
    enum fault then; /* what the job answers after its entry */
};

int set_up(void **state);
int tear_down(void **state);
void open_all(struct house *house, bool create);
void close_all(struct house *house);
void reopen(struct house *house);

/* A millisecond later at each call. */
struct instant tick(void *context);

/* A look at the house's child, and a refusal that names no child and nobody. */
struct audit_event view_of(struct house *house);
struct audit_event refusal_of(struct house *house);

const struct audit_sealed *seal(struct house *house, const struct audit_event *event);

/* A job on a struct append_job. */
enum fault append(struct db_tx *tx, void *context);

/* Sealed, written, released. */
uint64_t write_entry(struct house *house, const struct audit_event *event);
struct audit_check check(struct house *house);

/* As a superuser would: past the program.  How many rows it changed; tamper expects some. */
int64_t past(struct house *house, const char *sql);
void tamper(struct house *house, const char *sql);

#define WITH_HOUSE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
