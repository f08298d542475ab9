/* Compares docs/reach/ with the policy tables, or writes it:
 *
 *     test_policy_reach check DIR     exit 1 and say how to renew where a file differs
 *     test_policy_reach write DIR */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reach.h"

enum { REACH_BYTES_MAX = 64 * 1024, PATH_BYTES_MAX = 4096 };

static FILE *open_of(const char *folder, enum role role, const char *mode)
{
    char path[PATH_BYTES_MAX];
    int len = snprintf(path, sizeof path, "%s/%s.txt", folder, policy_role_name(role));
    if (len < 0 || (size_t)len >= sizeof path)
        return NULL;
    return fopen(path, mode);
}

static bool write_role(const char *folder, enum role role, struct str text)
{
    FILE *file = open_of(folder, role, "wb");
    if (file == NULL)
        return false;
    bool written = fwrite(text.at, 1, text.len, file) == text.len;
    return fclose(file) == 0 && written;
}

static bool check_role(const char *folder, enum role role, struct str text)
{
    FILE *file = open_of(folder, role, "rb");
    if (file == NULL)
        return false;
    char *committed = malloc(REACH_BYTES_MAX);
    size_t len = committed == NULL ? 0 : fread(committed, 1, REACH_BYTES_MAX, file);
    bool same = committed != NULL && str_equal(text, (struct str){committed, len});
    free(committed);
    return fclose(file) == 0 && same;
}

int main(int argc, char **argv)
{
    bool writes = argc == 3 && strcmp(argv[1], "write") == 0;
    if (!writes && (argc != 3 || strcmp(argv[1], "check") != 0)) {
        (void)fprintf(stderr, "usage: test_policy_reach check|write DIR\n");
        return 2;
    }
    int status = EXIT_SUCCESS;
    struct buffer text = buffer_open(REACH_BYTES_MAX);
    for (enum role role = ROLE_NONE + 1; role < ROLES_END; role++) {
        buffer_clear(&text);
        policy_reach_put(&text, role);
        must(buffer_fault(&text) == FAULT_NONE);
        bool good = writes ? write_role(argv[2], role, buffer_str(&text))
                           : check_role(argv[2], role, buffer_str(&text));
        if (good)
            continue;
        (void)fprintf(stderr, "%s/%s.txt %s\n", argv[2], policy_role_name(role),
                      writes ? "could not be written"
                             : "is not what the policy tables say; run `make reach` and read the diff");
        status = EXIT_FAILURE;
    }
    buffer_close(&text);
    return status;
}
