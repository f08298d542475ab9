#include "base/fault.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local const char *last_note = "";

static const struct {
    int status;
    const char *text;
    const char *name;
} catalogue[] = {
    [FAULT_NONE] = {200, "", "NONE"},
#define FAULT(name, status, text) [FAULT_##name] = {status, text, #name},
#include "base/faults.def"
#undef FAULT
};

void fault_abort(const char *expression, const char *file, int line)
{
    (void)fprintf(stderr, "must failed: %s at %s:%d\n", expression, file, line);
    abort();
}

int fault_status(enum fault fault)
{
    return catalogue[fault].status;
}

const char *fault_text(enum fault fault)
{
    return catalogue[fault].text;
}

const char *fault_name(enum fault fault)
{
    return catalogue[fault].name;
}

enum fault fault_note(enum fault fault, const char *literal)
{
    last_note = literal;
    return fault;
}

const char *fault_last_note(void)
{
    return last_note;
}

void fault_clear_note(void)
{
    last_note = "";
}
