/* contactpoint reach */
#include "policy/reach.h"

#include <stdio.h>

#include "cli/command.h"
#include "cli/say.h"

enum { REACH_BYTES_MAX = 1024 * 1024, EXIT_USAGE = 2 };

int command_reach(const struct args *args)
{
    enum role role = policy_role_of(str_of(args->plain[0]));
    struct buffer text = buffer_open(REACH_BYTES_MAX);
    if (role == ROLE_NONE) {
        (void)fprintf(stderr, "contactpoint: there is no such role; the roles are");
        for (int i = ROLE_NONE + 1; i < ROLES_END; i++)
            (void)fprintf(stderr, " %s", policy_role_name((enum role)i));
        (void)fprintf(stderr, "\n");
        return EXIT_USAGE;
    }
    policy_reach_put(&text, role);
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        (void)fwrite(text.at, 1, text.len, stdout);
    buffer_close(&text);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}
