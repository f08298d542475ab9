/* contactpoint generate */
#include "generate/generate.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/say.h"

enum { EXIT_USAGE = 2 };

static bool read_order(const struct args *args, struct generate_order *order)
{
    int64_t children, seed;
    if (!str_to_int(str_of(args->option[OPT_children]), 1, GENERATE_CHILDREN_MAX, &children)) {
        (void)fprintf(stderr, "contactpoint: --children must be a whole number from 1 to %d\n",
                      GENERATE_CHILDREN_MAX);
        return false;
    }
    if (!str_to_int(str_of(args->option[OPT_seed]), 0, INT64_MAX, &seed)) {
        (void)fprintf(stderr, "contactpoint: --seed must be a whole number from 0\n");
        return false;
    }
    if (args->option[OPT_today] != NULL &&
        (!day_parse(str_of(args->option[OPT_today]), &order->today) || order->today.precision != DAY_EXACT)) {
        (void)fprintf(stderr, "contactpoint: --today must be a day, written as 2026-11-01\n");
        return false;
    }
    order->children = (uint32_t)children;
    order->seed = (uint64_t)seed;
    order->reference = args->option[OPT_reference];
    order->out = args->option[OPT_out];
    return true;
}

int command_generate(const struct args *args)
{
    struct generate_order order = {0};
    struct generate_report report;
    uint64_t children = 0, involvements = 0;
    if (!read_order(args, &order))
        return EXIT_USAGE;
    (void)umask(0022); /* nobody in these files is real */
    enum fault fault = generate_population(&order, &report);
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    for (int i = 0; i < SOURCES_END; i++) {
        children += report.child_rows[i];
        involvements += report.involvement_rows[i];
    }
    (void)printf("%" PRIu32 " children of %" PRIu32 " households in %" PRIu64 " rows of children and %" PRIu64
                 " of involvements, five feeds in %s\n",
                 report.children, report.households, children, involvements, order.out);
    return 0;
}
