/* Small tables for tests: a spec and files out of text. */
#ifndef TESTS_LINKAGE_TABLE_H
#define TESTS_LINKAGE_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "linkage/link.h"

static inline struct linkage_spec table_spec(const char *text)
{
    struct linkage_spec spec;
    struct linkage_error error;
    assert_int_equal(linkage_spec_parse(str_of(text), &spec, &error), FAULT_NONE);
    return spec;
}

/* `second` may be NULL. */
static inline enum fault table_try(const char *spec_text, struct str first, const char *second,
                                   struct linkage_rows **ret_rows, struct linkage_error *ret_error)
{
    struct linkage_spec spec = table_spec(spec_text);
    struct linkage_file files[LINKAGE_FILES_MAX] = {{NULL, first}, {NULL, str_of(second)}};
    return linkage_rows_load(&spec, files, second == NULL ? 1 : 2, ret_rows, ret_error);
}

static inline struct linkage_rows *table_load(const char *spec_text, struct str first, const char *second)
{
    struct linkage_rows *rows = NULL;
    struct linkage_error error;
    assert_int_equal(table_try(spec_text, first, second, &rows, &error), FAULT_NONE);
    assert_null(error.message);
    return rows;
}

#endif
