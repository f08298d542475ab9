#include "vault/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault/confine.h"
#include "vault/keeping.h"

enum { FIRST_CHANNEL = 3, OUT_OF_THE_WAY = 64 };

/* What ends the process that asks does not end its keeper, which lives until nobody can ask any more: answers
 * under way are still finished. */
static void ignore_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM};
    sigset_t none;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)signal(SIGSYS, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The channels become descriptors 3 and up; all others of the process that was copied are closed. */
static bool keep_channels(const int ends[CHANNELS_MAX], int count)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool kept = null >= 0;
    for (int i = 0; i < FIRST_CHANNEL && kept; i++)
        kept = dup2(null, i) == i;
    int away[CHANNELS_MAX];
    for (int i = 0; i < count && kept; i++) {
        away[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
        kept = away[i] >= 0;
    }
    for (int i = 0; i < count && kept; i++)
        kept = dup3(away[i], FIRST_CHANNEL + i, O_CLOEXEC) >= 0;
    return kept && close_range((unsigned)(FIRST_CHANNEL + count), ~0U, 0) == 0;
}

/* The copy: never returns. */
static _Noreturn void live(const char *key_path, const int ends[CHANNELS_MAX], int count,
                           const struct confinement *confinement)
{
    const struct rlimit none = {0, 0};
    ignore_signals();
    if (!keep_channels(ends, count) || setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        _exit(1);
    (void)prctl(PR_SET_NAME, "cp-keeper", 0, 0, 0);
    _exit(keeping(key_path, FIRST_CHANNEL, count, confinement));
}

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        (void)close(fds[i]);
}

enum fault process_start(const char *key_path, int channels, struct keeper_process *ret_process)
{
    struct keeper_process process = {.channels = channels};
    struct confinement confinement;
    int ends[CHANNELS_MAX], made = 0;
    enum fault fault = confine_prepare(&confinement);
    if (fault != FAULT_NONE)
        return fault;
    must(channels > 0 && channels <= CHANNELS_MAX);
    while (made < channels) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
            break;
        process.fd[made] = pair[0];
        ends[made++] = pair[1];
    }
    process.pid = made == channels ? fork() : -1;
    if (process.pid == 0)
        live(key_path, ends, channels, &confinement);
    confine_forget(&confinement);
    close_all(ends, made);
    if (process.pid < 0) {
        close_all(process.fd, made);
        return fault_note(FAULT_SYSTEM,
                          "the keeper could not be started: raise the limit of processes and of "
                          "open files");
    }
    *ret_process = process;
    return FAULT_NONE;
}

void process_end(struct keeper_process *process)
{
    int status;
    for (int i = 0; i < process->channels; i++) {
        (void)shutdown(process->fd[i], SHUT_RDWR); /* also where a copy of this process has it open */
        (void)close(process->fd[i]);
    }
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        continue;
}
