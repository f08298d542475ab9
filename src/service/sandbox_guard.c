/* What happens when a filter stops a system call (seccomp(2), SECCOMP_RET_TRAP): all of it in a signal
 * handler. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "service/sandbox_inside.h"

static int note_fd = -1;
static bool is_lenient;

/* The numbers and names of what is stopped; others are noted by number. */
static const struct {
    int number;
    const char *name;
} names[] = {
    {SYS_execve, "execve"}, {SYS_execveat, "execveat"}, {SYS_ptrace, "ptrace"}, {SYS_socket, "socket"},
    {SYS_openat, "openat"}, {SYS_clone, "clone"},       {SYS_bind, "bind"},
};

static size_t put_number(long number, char *at)
{
    char digits[24];
    size_t count = 0, len = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0 && count < sizeof digits);
    while (count > 0)
        at[len++] = digits[--count];
    return len;
}

/* The last of this life stays on the disk, whatever becomes of the process; `path` may be NULL. */
static void note(long number, const char *path)
{
    char text[SANDBOX_TEXT_BYTES] = "call ";
    size_t len = sizeof "call " - 1;
    len += put_number(number < 0 ? 0 : number, text + len);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number) {
            len = strlen(names[i].name);
            memcpy(text, names[i].name, len);
        }
    if (path != NULL) {
        text[len++] = ' ';
        while (*path != '\0' && len < sizeof text)
            text[len++] = *path++;
    }
    (void)!pwrite(note_fd, text, len, 0);
    (void)fdatasync(note_fd);
}

/* The handler cannot be taken away: changing it is stopped too. */
static void stop(long number, const char *path)
{
    note(number, path);
    (void)kill(getpid(), SIGKILL);
}

#if defined(__x86_64__)
static long argument(const ucontext_t *at, int which)
{
    static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10};
    return (long)at->uc_mcontext.gregs[registers[which]];
}
static void answer(ucontext_t *at, long result)
{
    at->uc_mcontext.gregs[REG_RAX] = result;
}
#elif defined(__aarch64__)
static long argument(const ucontext_t *at, int which)
{
    return (long)at->uc_mcontext.regs[which];
}
static void answer(ucontext_t *at, long result)
{
    at->uc_mcontext.regs[0] = (unsigned long long)result;
}
#else
#error "which registers hold a system call's arguments on this machine?"
#endif

/* The same file through another door, which Landlock guards. */
static long open_again(const ucontext_t *at)
{
    const int flags = (int)argument(at, 2);
    struct open_how how = {.flags = (uint64_t)(unsigned)flags};
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
        how.mode = (uint64_t)argument(at, 3) & 07777;
    long result = syscall(SYS_openat2, (int)argument(at, 0), argument(at, 1), &how, sizeof how);
    return result < 0 ? -errno : result;
}

/* Libraries ask the kernel this and that, and make do without an answer. */
static bool is_of_the_kernel(const char *path)
{
    return strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0 ||
           strncmp(path, "/dev/", 5) == 0;
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
    const int kept = errno;
    ucontext_t *at = context;
    (void)signal;
    if (info->si_syscall != SYS_openat) {
        stop(info->si_syscall, NULL);
        return;
    }
    long result = open_again(at);
    const char *path = (const char *)argument(at, 1);
    if (result == -EACCES && (is_lenient || is_of_the_kernel(path)))
        note(SYS_openat, path);
    else if (result == -EACCES)
        stop(SYS_openat, path);
    answer(at, result);
    errno = kept;
}

enum fault sandbox_guard(int fd, bool lenient)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
    (void)sigemptyset(&action.sa_mask);
    note_fd = fd;
    is_lenient = lenient;
    return sigaction(SIGSYS, &action, NULL) == 0
               ? FAULT_NONE
               : fault_note(FAULT_SYSTEM, "the sandbox could not be put around the server");
}
