#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault.h"

static void every_fault_has_a_status_and_a_text(void **state)
{
    (void)state;
    assert_int_equal(fault_status(FAULT_NONE), 200);
    assert_string_equal(fault_text(FAULT_NONE), "");
    assert_string_equal(fault_name(FAULT_NONE), "NONE");
    static const enum fault faults[] = {
#define FAULT(name, status, text) FAULT_##name,
#include "base/faults.def"
#undef FAULT
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_in_range(fault_status(faults[i]), 400, 503);
        const char *text = fault_text(faults[i]);
        assert_true(strlen(text) > 10 && text[strlen(text) - 1] == '.');
        assert_true(strlen(fault_name(faults[i])) > 2);
    }
    assert_int_equal(fault_status(FAULT_ABSENT), 404);
    assert_int_equal(fault_status(FAULT_SIGN_IN), 401);
}

static enum fault tried(enum fault given, int *ret_reached)
{
    enum fault fault = FAULT_NONE;
    TRY(given);
    *ret_reached = 1;
done:
    return fault;
}

static void try_keeps_the_fault(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(tried(FAULT_BUSY, &reached), FAULT_BUSY);
    assert_int_equal(reached, 0);
    assert_int_equal(tried(FAULT_NONE, &reached), FAULT_NONE);
    assert_int_equal(reached, 1);
}

static void a_note_is_kept_and_cleared(void **state)
{
    (void)state;
    assert_int_equal(fault_note(FAULT_KEY, "the key file is missing"), FAULT_KEY);
    assert_string_equal(fault_last_note(), "the key file is missing");
    fault_clear_note();
    assert_string_equal(fault_last_note(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_a_status_and_a_text),
        cmocka_unit_test(try_keeps_the_fault),
        cmocka_unit_test(a_note_is_kept_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
