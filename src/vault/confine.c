#include "vault/confine.h"

#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vault/landlock.h"

static const char confine_note[] =
    "the keeper could not be confined: the kernel needs seccomp filters (CONFIG_SECCOMP_FILTER)";

enum fault confine_files(const char *key_path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(key_path, '/');
    int len = slash == NULL ? snprintf(folder, sizeof folder, ".")
              : slash == key_path
                  ? snprintf(folder, sizeof folder, "/")
                  : snprintf(folder, sizeof folder, "%.*s", (int)(slash - key_path), key_path);
    must(len > 0 && (size_t)len < sizeof folder);
    const struct landlock_path path = {folder, LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_ARRANGE};
    return landlock_hold(&(struct landlock_order){.paths = &path, .count = 1})
               ? FAULT_NONE
               : fault_note(FAULT_SYSTEM, confine_note);
}

/* Answering; threads and locked memory; the key file and its folder; ending. */
static const int needed[] = {
    SCMP_SYS(recvfrom),       SCMP_SYS(sendto),        SCMP_SYS(futex),
    SCMP_SYS(getrandom),      SCMP_SYS(brk),           SCMP_SYS(munmap),
    SCMP_SYS(madvise),        SCMP_SYS(mlock),         SCMP_SYS(mlock2),
    SCMP_SYS(munlock),        SCMP_SYS(sched_yield),   SCMP_SYS(restart_syscall),
    SCMP_SYS(openat),         SCMP_SYS(open),          SCMP_SYS(close),
    SCMP_SYS(read),           SCMP_SYS(write),         SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),     SCMP_SYS(fsync),         SCMP_SYS(rename),
    SCMP_SYS(renameat),       SCMP_SYS(unlink),        SCMP_SYS(unlinkat),
    SCMP_SYS(geteuid),        SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),   SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),           SCMP_SYS(gettid),        SCMP_SYS(getpid),
    SCMP_SYS(exit),           SCMP_SYS(exit_group),
};

/* Memory that is mapped or changed is never to be run. */
static int allow_memory(scmp_filter_ctx context)
{
    int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return code;
}

static int add_rules(scmp_filter_ctx context)
{
    int code = 0;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0] && code == 0; i++)
        code = seccomp_rule_add(context, SCMP_ACT_ALLOW, needed[i], 0);
    return code == 0 ? allow_memory(context) : code;
}

/* libseccomp writes what it has made to a file only. */
static enum fault read_filter(int fd, struct confinement *ret_confinement)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0 || size > UINT16_MAX || size % (off_t)sizeof(struct sock_filter) != 0)
        return fault_note(FAULT_SYSTEM, confine_note);
    struct sock_filter *filter = malloc((size_t)size);
    if (filter == NULL)
        return FAULT_MEMORY;
    if (pread(fd, filter, (size_t)size, 0) != size) {
        free(filter);
        return fault_note(FAULT_SYSTEM, confine_note);
    }
    *ret_confinement =
        (struct confinement){filter, (unsigned short)((size_t)size / sizeof(struct sock_filter))};
    return FAULT_NONE;
}

enum fault confine_prepare(struct confinement *ret_confinement)
{
    enum fault fault = FAULT_NONE;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (fd < 0 || context == NULL || add_rules(context) != 0 || seccomp_export_bpf(context, fd) != 0)
        TRY(fault_note(FAULT_SYSTEM, confine_note));
    TRY(read_filter(fd, ret_confinement));
done:
    if (context != NULL)
        seccomp_release(context);
    if (fd >= 0)
        (void)close(fd);
    return fault;
}

void confine_forget(struct confinement *confinement)
{
    free(confinement->filter);
    confinement->filter = NULL;
}

enum fault confine_calls(const struct confinement *confinement)
{
    const struct sock_fprog program = {.len = confinement->count, .filter = confinement->filter};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0
               ? FAULT_NONE
               : fault_note(FAULT_SYSTEM, confine_note);
}
