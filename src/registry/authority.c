#include "registry/authority.h"

#include <pthread.h>
#include <stdlib.h>

static struct authority authorities[] = {
#define AUTHORITY(code, name) {#code, name},
#include "policy/authorities.def"
#undef AUTHORITY
};

enum { AUTHORITIES = sizeof authorities / sizeof authorities[0] };

static pthread_once_t sorted = PTHREAD_ONCE_INIT;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct authority *)a)->name, ((const struct authority *)b)->name);
}

static void sort(void)
{
    qsort(authorities, AUTHORITIES, sizeof authorities[0], by_name);
}

const struct authority *authority_all(size_t *ret_count)
{
    (void)pthread_once(&sorted, sort);
    *ret_count = AUTHORITIES;
    return authorities;
}

const char *authority_name(struct str code)
{
    size_t count;
    const struct authority *all = authority_all(&count);
    for (size_t i = 0; i < count; i++)
        if (str_equal(str_of(all[i].code), code))
            return all[i].name;
    return NULL;
}
