/* How long one decision takes: `decide SEED` prints the middle, the 99th per cent and the worst of a million,
 * the clock's own time included. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy/policy.h"

enum { DECISIONS = 1000000, DISTINCT = 4096 };

static struct facts facts[DISTINCT];
static uint32_t samples_ns[DECISIONS];

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* What most requests are: somebody signed in, with a reason, who may do this. */
static struct facts facts_drawn(uint64_t *state)
{
    static const enum operation operations[] = {OP_child_find, OP_child_results, OP_child_view,
                                                OP_child_details, OP_account_view};
    return (struct facts){.operation = operations[draw(state) % (sizeof operations / sizeof *operations)],
                          .signed_in = true,
                          .strength = draw(state) % 2 == 0 ? STRENGTH_TOKEN : STRENGTH_KEY,
                          .role = draw(state) % 4 == 0 ? ROLE_override_practitioner : ROLE_practitioner,
                          .role_held = draw(state) % 16 != 0,
                          .account_active = true,
                          .organisation_active = true,
                          .form_token_valid = true,
                          .reason = REASON_working,
                          .reason_live = true,
                          .capability_held = true,
                          .overriding = draw(state) % 8 == 0,
                          .state = (enum record_state)(draw(state) % (RECORD_STATES + 1))};
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    uint64_t state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, permitted = 0;
    for (size_t i = 0; i < DISTINCT; i++)
        facts[i] = facts_drawn(&state);
    for (size_t i = 0; i < DECISIONS; i++) {
        int64_t before = now_ns();
        permitted += decide(&facts[i % DISTINCT]).permitted;
        samples_ns[i] = (uint32_t)(now_ns() - before);
    }
    qsort(samples_ns, DECISIONS, sizeof *samples_ns, ascending);
    printf("decide.p50 %.3f us\ndecide.p99 %.3f us\ndecide.worst %.3f us\n", samples_ns[DECISIONS / 2] / 1e3,
           samples_ns[DECISIONS / 100 * 99] / 1e3, samples_ns[DECISIONS - 1] / 1e3);
    return permitted > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
