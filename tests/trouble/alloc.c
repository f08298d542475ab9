#include "alloc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc_control.h"
#include "base/fault.h"

static struct alloc_control *control;
static char path[64];

void alloc_open(void)
{
    const char *named = getenv(ALLOC_CONTROL_VARIABLE);
    (void)snprintf(path, sizeof path, "%s", named != NULL ? named : "/tmp/contactpoint-alloc-XXXXXX");
    int fd = named != NULL ? open(path, O_RDWR | O_CLOEXEC) : mkostemp(path, O_CLOEXEC);
    must(fd >= 0 && ftruncate(fd, sizeof *control) == 0);
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(control != MAP_FAILED);
    (void)close(fd);
    must(setenv(ALLOC_CONTROL_VARIABLE, path, 1) == 0);
}

void alloc_close(void)
{
    (void)unlink(path);
    (void)munmap(control, sizeof *control);
}

void alloc_arm(uint64_t nth, bool lasting)
{
    atomic_store(&control->lasting, lasting);
    atomic_store(&control->fail_at, nth);
    atomic_store(&control->count, 0);
    atomic_store(&control->failed, 0);
    atomic_store(&control->armed, true);
}

uint64_t alloc_disarm(void)
{
    atomic_store(&control->armed, false);
    return atomic_load(&control->failed);
}

void alloc_live_under(char **argv)
{
    const char *loaded = getenv("LD_PRELOAD");
    if (loaded != NULL && strcmp(loaded, argv[1]) == 0)
        return;
    alloc_open();
    must(setenv("LD_PRELOAD", argv[1], 1) == 0);
    /* A sanitizer's allocator comes behind the library. */
    must(setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0);
    (void)execv("/proc/self/exe", argv);
    must(false);
}
