/* cmocka, behind the headers that it needs, and an assertion for texts that are no C strings. */
#ifndef TESTS_EXPECT_H
#define TESTS_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* after the four that it needs */
#include <cmocka.h>

#define assert_str(text, literal)                                                                            \
    do {                                                                                                     \
        struct str checked = (text);                                                                         \
        assert_int_equal(checked.len, strlen(literal));                                                      \
        if (checked.len > 0)                                                                                 \
            assert_memory_equal(checked.at, literal, checked.len);                                           \
    } while (0)

#endif
