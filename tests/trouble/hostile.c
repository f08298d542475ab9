/* LD_PRELOAD: code that has got into the serving process.  At SIGUSR2 it tries what CONTACTPOINT_HOSTILE
 * names. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *wish;

static void run_a_program(void)
{
    char *const words[] = {(char *)(size_t) "/bin/true", NULL};
    (void)execv(words[0], words);
}

static void make_a_process(void)
{
    if (fork() == 0)
        _exit(0);
}

static void call_out(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0)
        (void)connect(fd, (const struct sockaddr *)&there, sizeof there);
}

static void look_into(pid_t process)
{
    (void)ptrace(PTRACE_ATTACH, process, NULL, NULL);
}

/* "open PATH": and read what is there. */
static void open_file(const char *path)
{
    char text[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text) > 0)
        (void)!write(STDERR_FILENO, "hostile.has_read\n", 17);
}

static void take_the_guard_away(void)
{
    (void)signal(SIGSYS, SIG_IGN);
}

static void on_signal(int number)
{
    (void)number;
    if (strcmp(wish, "exec") == 0)
        run_a_program();
    else if (strcmp(wish, "fork") == 0)
        make_a_process();
    else if (strcmp(wish, "connect") == 0)
        call_out();
    else if (strcmp(wish, "ptrace") == 0)
        look_into(getppid());
    else if (strcmp(wish, "signal") == 0)
        take_the_guard_away();
    else if (strncmp(wish, "open ", 5) == 0)
        open_file(wish + 5);
    (void)!write(STDERR_FILENO, "hostile.goes_on\n", 16);
}

__attribute__((constructor)) static void wait_for_it(void)
{
    wish = getenv("CONTACTPOINT_HOSTILE");
    if (wish != NULL)
        (void)signal(SIGUSR2, on_signal);
}
