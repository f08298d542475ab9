#include "vault/confine.h"

#include <limits.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

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

enum fault confine_calls(void)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int code = context == NULL ? -1 : seccomp_attr_set(context, SCMP_FLTATR_CTL_TSYNC, 1);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0] && code == 0; i++)
        code = seccomp_rule_add(context, SCMP_ACT_ALLOW, needed[i], 0);
    if (code == 0)
        code = allow_memory(context);
    if (code == 0)
        code = seccomp_load(context);
    if (context != NULL)
        seccomp_release(context);
    return code == 0 ? FAULT_NONE : fault_note(FAULT_SYSTEM, confine_note);
}
