/* What victims tell and what is kept of it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kill.h"

bool report_read(int pipe, int wait_ms, struct report *ret_report)
{
    struct report report;
    struct pollfd ready = {.fd = pipe, .events = POLLIN};
    if (poll(&ready, 1, wait_ms < 0 ? 0 : wait_ms) <= 0)
        return false;
    if (read(pipe, &report, sizeof report) != (ssize_t)sizeof report)
        return false;
    *ret_report = report;
    return true;
}

void reports_keep(struct reports *reports, const struct report *report)
{
    if (reports->count == reports->room) {
        reports->room = reports->room == 0 ? 1024 : 2 * reports->room;
        reports->all = reallocarray(reports->all, reports->room, sizeof *reports->all);
        assert_non_null(reports->all);
    }
    reports->all[reports->count++] = *report;
}

int64_t kill_number_of(const char *name, int64_t otherwise)
{
    int64_t number = otherwise;
    const char *text = getenv(name);
    if (text != NULL && !str_to_int(str_of(text), 1, INT64_MAX, &number)) {
        (void)fprintf(stderr, "%s is no number\n", name);
        exit(2);
    }
    return number;
}
