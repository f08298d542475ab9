#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

/* One line as it was written, its time left off. */
static void read_line(int fd, char *line, size_t size_bytes)
{
    char text[2048] = {0};
    ssize_t len = read(fd, text, sizeof text - 1);
    assert_true(len > 21 && (size_t)len - 21 < size_bytes);
    assert_int_equal(text[4], '-');
    assert_int_equal(text[19], 'Z');
    assert_int_equal(text[20], ' ');
    memcpy(line, text + 21, (size_t)len - 21 + 1);
}

static void values_are_typed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    log_to(ends[1]);
    char line[2048];
    log_event("server.ready", LOG_INT("port", 8080));
    read_line(ends[0], line, sizeof line);
    assert_string_equal(line, "server.ready port=8080\n");
    struct id id = {{[15] = 31}};
    log_event("request.done", LOG_ID("reference", id), LOG_FAULT("fault", FAULT_ABSENT),
              LOG_LITERAL("operation", "child_find"), LOG_INT("took_us", -1));
    read_line(ends[0], line, sizeof line);
    assert_string_equal(line, "request.done reference=0000000000000000000000000z fault=ABSENT "
                              "operation=child_find took_us=-1\n");
    log_event("plain");
    read_line(ends[0], line, sizeof line);
    assert_string_equal(line, "plain\n");
    log_to(-1);
    log_event("nowhere");
    log_to(STDERR_FILENO);
    assert_int_equal(close(ends[0]) | close(ends[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
