/* Which system calls the serving process makes no more. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/sandbox_inside.h"

/* Programs, other processes, other worlds, the machine. */
static const int stopped[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(kexec_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(acct),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(open),
    SCMP_SYS(creat),
};

static int stop_calls(scmp_filter_ctx context)
{
    int code = 0;
    for (size_t i = 0; i < sizeof stopped / sizeof stopped[0] && code == 0; i++)
        code = seccomp_rule_add(context, SCMP_ACT_TRAP, stopped[i], 0);
    /* Threads only; clone3, whose flags a filter cannot see, is not there, and glibc makes do without. */
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_TRAP, SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    /* Looked at by the guard, which opens it through openat2. */
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_TRAP, SCMP_SYS(openat), 0);
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_KILL_PROCESS, SCMP_SYS(rt_sigaction), 1,
                                SCMP_A0(SCMP_CMP_EQ, SIGSYS));
    return code;
}

/* Sockets of this machine; where the database is elsewhere, those that lead to it and to its name. */
static int stop_sockets(scmp_filter_ctx context, bool remote)
{
    enum { FAMILIES_MAX = 46 };
    int code = 0;
    for (int family = 0; family < FAMILIES_MAX && code == 0; family++)
        if (family != AF_UNIX &&
            !(remote && (family == AF_INET || family == AF_INET6 || family == AF_NETLINK)))
            code = seccomp_rule_add(context, SCMP_ACT_TRAP, SCMP_SYS(socket), 1,
                                    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
    if (code == 0)
        code =
            seccomp_rule_add(context, SCMP_ACT_TRAP, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, FAMILIES_MAX));
    if (code == 0 && !remote)
        code = seccomp_rule_add(context, SCMP_ACT_TRAP, SCMP_SYS(bind), 0);
    return code;
}

enum fault sandbox_calls(const struct sandbox_order *order)
{
    static const char note[] =
        "the sandbox could not be put around the server: the kernel needs seccomp filters";
    char path[4096];
    const bool remote = sandbox_is_remote(order->database);
    enum fault fault;
    int len = snprintf(path, sizeof path, "%s/stopped", order->state);
    if (len < 0 || (size_t)len >= sizeof path)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    if (sandbox_is_off)
        return FAULT_NONE;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fault_note(FAULT_STORAGE, "the state folder cannot be written: check the room on its disk");
    scmp_filter_ctx context = NULL;
    TRY(sandbox_guard(fd, remote));
    context = seccomp_init(SCMP_ACT_ALLOW);
    int code = context == NULL ? -1 : seccomp_attr_set(context, SCMP_FLTATR_CTL_TSYNC, 1);
    if (code == 0)
        code = stop_calls(context);
    if (code == 0)
        code = stop_sockets(context, remote);
    if (code == 0)
        code = seccomp_load(context);
    if (code != 0)
        TRY(fault_note(FAULT_SYSTEM, note));
done:
    if (context != NULL)
        seccomp_release(context);
    return fault;
}
