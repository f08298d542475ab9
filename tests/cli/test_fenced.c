/* A server that another one has ended: it says so, ends by itself, and with a status of its own, so that it
 * is started anew (architecture.md §6).  PostgreSQL only. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../postgres.h"
#include "yard.h"

enum { WAIT_SECONDS = 60, FENCED_STATUS = 75, SAID_BYTES_MAX = 16 * 1024 };

static const char *program;

struct serving {
    pid_t process;
    int out;
    FILE *log;
};

static struct serving serve(const struct yard *yard)
{
    struct serving serving = {.log = tmpfile()};
    int ends[2];
    assert_non_null(serving.log);
    assert_int_equal(pipe(ends), 0);
    serving.process = fork();
    assert_true(serving.process >= 0);
    if (serving.process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)alarm(WAIT_SECONDS);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(fileno(serving.log), STDERR_FILENO);
        (void)execl(program, program, "serve", "--state", yard->state, "--listen", "localhost:0",
                    (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    serving.out = ends[0];
    char line[128];
    assert_true(read(serving.out, line, sizeof line) > 0); /* it listens */
    return serving;
}

static const char *said(const struct serving *serving)
{
    static char text[SAID_BYTES_MAX];
    rewind(serving->log);
    text[fread(text, 1, sizeof text - 1, serving->log)] = '\0';
    return text;
}

static int end_of(struct serving *serving)
{
    int status = 0;
    assert_int_equal(waitpid(serving->process, &status, 0), serving->process);
    (void)close(serving->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_a_server_that_was_ended_ends(void **state)
{
    (void)state;
    struct yard yard;
    yard_open(&yard, 0, true);
    struct serving serving = serve(&yard);
    assert_true(yard_past(&yard, "UPDATE server SET ended = 1") >= 1);
    assert_true(yard_past(&yard, "UPDATE lane SET ended = 1") >= 1);
    int status = end_of(&serving);
    if (status != FENCED_STATUS || strstr(said(&serving), "server.fenced") == NULL)
        fail_msg("exit %d: %s", status, said(&serving));
    (void)fclose(serving.log);
    serving = serve(&yard); /* its next life goes on */
    assert_int_equal(kill(serving.process, SIGTERM), 0);
    assert_int_equal(end_of(&serving), 0);
    (void)fclose(serving.log);
    yard_close(&yard);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_that_was_ended_ends),
    };
    assert_int_equal(argc, 2);
    program = argv[1];
    postgres_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
