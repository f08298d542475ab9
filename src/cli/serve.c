/* contactpoint serve */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/control_server.h"
#include "cli/instance.h"
#include "cli/say.h"
#include "web/serve.h"

enum { HOSTS_MAX = 16, HOSTS_BYTES_MAX = 1024 };

/* sysexits.h EX_TEMPFAIL: whoever supervises starts it again, and it begins from what the database has. */
enum { EXIT_FENCED = 75 };

static volatile sig_atomic_t stop;
static volatile sig_atomic_t fenced;

static void on_signal(int signal)
{
    (void)signal;
    stop = 1;
}

/* Clear text lives in this process's memory alone (architecture.md §5). */
static enum fault keep_memory_private(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fault_note(FAULT_SYSTEM, "core dumps cannot be turned off");
    return FAULT_NONE;
}

/* From a thread of the service. */
static void on_fenced(void *context)
{
    (void)context;
    fenced = 1;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

/* What `ready` needs, and how it went. */
struct opening {
    const char *listen;
    struct service *service;
    enum fault fault;
    const char *note;
};

static void ready(void *context, uint16_t port)
{
    struct opening *opening = context;
    const char *listen = opening->listen;
    opening->fault = service_confine(opening->service);
    if (opening->fault != FAULT_NONE) {
        opening->note = fault_last_note();
        stop = 1;
        return;
    }
    if (port != 0)
        (void)printf("ContactPoint listens on http://localhost:%u\n", (unsigned)port);
    else
        (void)printf("ContactPoint listens on %s\n", listen);
    (void)fflush(stdout);
}

/* "a,b" as a list with NULL at its end, which lives as long as the process. */
static enum fault read_hosts(const char *names, const char *const **ret_hosts)
{
    static char text[HOSTS_BYTES_MAX];
    static const char *hosts[HOSTS_MAX + 1];
    size_t count = 0;
    *ret_hosts = NULL;
    if (names == NULL)
        return FAULT_NONE;
    if (strlen(names) >= sizeof text)
        return fault_note(FAULT_INVALID, "--host is too long");
    memcpy(text, names, strlen(names) + 1);
    char *rest = text;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        if (count == HOSTS_MAX || name[0] == '\0')
            return fault_note(FAULT_INVALID, "--host takes 1 to 16 names with commas between");
        hosts[count++] = name;
    }
    *ret_hosts = hosts;
    return FAULT_NONE;
}

/* A demonstration tells its codes by command, and takes a token for a key: nobody beyond this machine may
 * reach it, and behind a Unix socket may stand a proxy that is reached by anybody. */
static enum fault check_listen(const struct service *service, const char *listen)
{
    static const char *const near[] = {"localhost:", "127.0.0.1:", "[::1]:"};
    if (!service_is_demonstration(service))
        return FAULT_NONE;
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        if (strncmp(listen, near[i], strlen(near[i])) == 0)
            return FAULT_NONE;
    return fault_note(FAULT_INVALID, "a demonstration listens on this machine only: localhost:PORT");
}

static enum fault serve(const struct args *args, const char *state)
{
    const char *listen = args->option[OPT_listen] != NULL ? args->option[OPT_listen] : "localhost:8080";
    char control[CONTROL_PATH_BYTES];
    struct service *service = NULL;
    struct control_server *server = NULL;
    const struct service_settings settings = {.state = state,
                                              .database = say_database(args),
                                              .clock = clock_system(),
                                              .entropy = entropy_system(),
                                              .listen = listen,
                                              .fenced = on_fenced};
    struct opening opening = {.listen = listen};
    struct web_settings web = {.listen = listen,
                               .https = args->option[OPT_https] != NULL,
                               .ready = ready,
                               .ready_context = &opening};
    enum fault fault;
    TRY(read_hosts(args->option[OPT_host], &web.hosts));
    TRY(instance_control_path(state, control));
    TRY(keep_memory_private());
    TRY(service_open(&settings, &service));
    TRY(check_listen(service, listen));
    TRY(control_server_open(control, service, &server));
    catch_signals();
    log_event("serving", LOG_LITERAL("version", CONTACTPOINT_VERSION));
    opening.service = service;
    TRY(web_serve(service, &web, &stop));
    if (opening.fault != FAULT_NONE)
        TRY(fault_note(opening.fault, opening.note));
done:;
    const char *note = fault_last_note();
    if (!control_server_close(server)) {
        /* A feed is still being applied: what is open here may not be closed under it. */
        log_event("feed.left_to_recovery");
        _exit(fenced ? EXIT_FENCED : 0);
    }
    service_close(service);
    return fault_note(fault, note);
}

int command_serve(const struct args *args)
{
    const char *state = say_state(args);
    struct stat status;
    if (stat(state, &status) != 0)
        return say_fault(FAULT_ABSENT,
                         STR("there is no state folder here: give --state, or run contactpoint init"));
    enum fault fault = serve(args, state);
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    log_event("stopped");
    return fenced ? EXIT_FENCED : 0;
}
