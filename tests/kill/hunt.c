/* Starting a victim, listening to what it acknowledges, and killing it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "kill.h"

enum {
    WAIT_MS_MAX = 150,    /* a server lives at most as long as this after its first answer */
    START_MS_MAX = 20000, /* and one that never answers is a failure */
};

/* Reads one report within that time; false at the time's or the pipe's end. */
static bool listen_once(struct hunt *hunt, int pipe, int wait_ms)
{
    struct report report;
    if (!report_read(pipe, wait_ms, &report))
        return false;
    reports_keep(&hunt->reports, &report);
    return true;
}

static void listen_until(struct hunt *hunt, int pipe, int64_t until_us)
{
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0)
            return;
        if (!listen_once(hunt, pipe, (int)(left_us / 1000) + 1) && clock_monotonic_us() < until_us) {
            struct pollfd gone = {.fd = pipe, .events = POLLIN};
            if (poll(&gone, 1, 0) > 0 && (gone.revents & POLLHUP) != 0)
                return; /* it ended by itself: told below */
        }
    }
}

void hunt_let_lease_run_out(struct house *house)
{
    if (engine_is_postgres())
        (void)house_past(house, "UPDATE lease SET until_us = 0");
}

int hunt_kill(struct hunt *hunt, uint64_t seed)
{
    int ends[2], status = 0;
    struct victim victim = {.house = hunt->house,
                            .children = hunt->children,
                            .seed = seed,
                            .staff = hunt->staff,
                            .load = hunt->load};
    if (pipe(ends) != 0)
        return 1;
    hunt_let_lease_run_out(hunt->house);
    house_wait(hunt->house, 3600); /* the last one's sessions and codes are over */
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        victim.pipe = ends[1];
        victim_run(&victim);
    }
    (void)close(ends[1]);
    /* Every fifth dies while it starts, hence while it recovers. */
    bool early = stream_below(hunt->stream, 5) == 0;
    int64_t started_us = clock_monotonic_us();
    if (!early)
        (void)listen_once(hunt, ends[0], START_MS_MAX);
    int most_ms = hunt->lives_ms_max > 0 ? hunt->lives_ms_max : WAIT_MS_MAX;
    int64_t lives_us = (int64_t)stream_below(hunt->stream, early ? 30000 : (uint64_t)most_ms * 1000);
    listen_until(hunt, ends[0], clock_monotonic_us() + lives_us);
    (void)kill(child, SIGKILL);
    while (listen_once(hunt, ends[0], -1)) { /* what it said before it died */
    }
    (void)close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return 0;
    (void)fprintf(stderr, "the victim ended by itself after %d ms: status %d\n",
                  (int)((clock_monotonic_us() - started_us) / 1000), status);
    return 1;
}
