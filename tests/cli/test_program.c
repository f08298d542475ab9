/* The program itself, started as people start it: exit status and what it says (issue: bad input, each with a
 * clear message naming what to do). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "ran.h"
#include "service/staff.h"
#include "yard.h"

static const char *program;
static const struct passwd *run_as; /* NULL: ourselves */

static struct running start(const char *line)
{
    return ran_start(ran_cut(program, line), NULL, run_as);
}

static const struct ran *run_with(const char *line, const char *input)
{
    const struct running running = ran_start(ran_cut(program, line), input, run_as);
    return ran_finish(&running);
}

static const struct ran *run(const char *line)
{
    return run_with(line, NULL);
}

static void check_fails(const char *line, const char *says)
{
    ran_assert_refused(run(line), says);
}

static void test_wrong_usage(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "nonsense",
                                        "feed",
                                        "feed load",
                                        "feed load --state",
                                        "serve extra",
                                        "serve --port 80",
                                        "token",
                                        "generate",
                                        "generate --children 0 --seed 1 --out /nowhere/x",
                                        "generate --children many --seed 1 --out /nowhere/x",
                                        "generate --children 5 --seed -1 --out /nowhere/x",
                                        "generate --children 5 --seed 1 --today 2026-02-30 --out /nowhere/x",
                                        "reach wizard",
                                        "account",
                                        "account suspend",
                                        "help nonsense"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ran_assert_misused(run(lines[i]));
    assert_non_null(strstr(run("feed load")->said,
                           "usage: contactpoint feed load [--state DIR] [--database WHERE] FILE..."));
}

static void test_help(void **state)
{
    (void)state;
    static const char *const lines[] = {"help",      "--help",      "help serve",        "feed load --help",
                                        "--version", "feed schema", "reach practitioner"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct ran *ran = run(lines[i]);
        if (ran->status != 0 || ran->said[0] != '\0' || ran->wrote[0] == '\0')
            fail_msg("%s: exit %d: %s", lines[i], ran->status, ran->said);
    }
}

/* A line with the yard's state folder in the place of %s. */
static const char *with_state(const struct yard *yard, const char *format)
{
    static char line[1024];
    const char *at = strstr(format, "%s");
    assert_non_null(at);
    (void)snprintf(line, sizeof line, "%.*s%s%s", (int)(at - format), format, yard->state, at + 2);
    return line;
}

/* A command that makes a new instance in the yard's state folder, on this run's engine. */
static const char *making(const struct yard *yard, const char *command)
{
    static char line[2048];
    const char *database = yard_database(yard);
    (void)snprintf(line, sizeof line, "%s --state %s%s%s", command, yard->state,
                   database == NULL ? "" : " --database ", database == NULL ? "" : database);
    return line;
}

static const char *state_file(const struct yard *yard, const char *name)
{
    static char path[2 * YARD_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", yard->state, name);
    return path;
}

static void test_no_state(void **state)
{
    (void)state;
    check_fails("serve --state /nowhere/at/all", "run contactpoint init");
    check_fails("feed load --state /nowhere/at/all x.csv", "run contactpoint init");
    check_fails("token --state /nowhere/at/all teacher", "run contactpoint init");
    check_fails("token --state /etc/hostname teacher", "no folder");
    check_fails("init --state /nowhere/at/all", "the folder above the state folder does not exist");
}

static void write_over(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void test_key_file(void **state)
{
    (void)state;
    struct yard yard;
    yard_open(&yard, 0, true);
    assert_int_equal(chmod(state_file(&yard, "vault.key"), 0644), 0);
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "chmod 600");
    assert_int_equal(chmod(state_file(&yard, "vault.key"), 0600), 0);
    write_over(state_file(&yard, "vault.key"), "rubbish\n");
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "not a key file");
    check_fails(with_state(&yard, "token --state %s teacher"), "not a key file");
    assert_int_equal(unlink(state_file(&yard, "vault.key")), 0);
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "there is no key file");
    yard_close(&yard);
}

static void test_database(void **state)
{
    (void)state;
    struct yard yard;
    yard_open(&yard, 0, true);
    (void)yard_past(&yard, "INSERT INTO migration (number, checksum, applied_us) "
                           "SELECT 999, checksum, 0 FROM migration WHERE number = 1");
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "newer than this program");
    assert_int_equal(yard_past(&yard, "DELETE FROM migration WHERE number = 999"), 1);
    (void)yard_past(&yard, "DELETE FROM meta WHERE name = 'demonstration'");
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "never made to the end");
    yard_close(&yard);
}

static void test_database_file(void **state)
{
    (void)state;
    struct yard yard;
    yard_open(&yard, 0, true);
    write_over(state_file(&yard, "contactpoint.db"),
               "this is no database, but long enough to look like one ......"
               "................................................");
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "restore the last backup");
    assert_int_equal(unlink(state_file(&yard, "contactpoint.db")), 0);
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "no database at this path");
    yard_close(&yard);
}

static void test_listening(void **state)
{
    (void)state;
    struct yard yard;
    char line[512];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    yard_open(&yard, 0, true);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(line, sizeof line, "serve --state %s --listen localhost:%u", yard.state,
                   (unsigned)ntohs(address.sin_port));
    check_fails(line, "the port is taken");
    (void)close(fd);
    check_fails(with_state(&yard, "serve --state %s --listen 0.0.0.0:8099"), "listens on this machine only");
    check_fails(with_state(&yard, "serve --state %s --listen unix:/tmp/yard.sock"),
                "listens on this machine only");
    assert_int_not_equal(access(state_file(&yard, "control.sock"), F_OK), 0);
    yard_close(&yard);
    yard_open(&yard, 0, false);
    check_fails(with_state(&yard, "serve --state %s --listen 0.0.0.0:8099"), "put nginx before it");
    check_fails(with_state(&yard, "token --state %s teacher"), "a demonstration only");
    yard_close(&yard);
}

/* While a server has the database, a second one is told so, and commands go through the first. */
static void test_while_serving(void **state)
{
    (void)state;
    struct yard yard;
    yard_open(&yard, 0, true);
    const struct running server = start(with_state(&yard, "serve --state %s --listen localhost:0"));
    ran_await(state_file(&yard, "control.sock"));
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "another contactpoint process");
    check_fails(with_state(&yard, "token --state %s nobody"), "nobody has this user name");
    assert_int_equal(access(state_file(&yard, "control.sock"), F_OK), 0);
    const struct ran *ran = run(with_state(&yard, "demonstration --state %s"));
    assert_int_equal(ran->status, 0);
    assert_says(ran->wrote, "contactpoint token health-visitor");
    ran = run(with_state(&yard, "token --state %s social-worker"));
    assert_int_equal(ran->status, 0);
    assert_int_equal(strlen(ran->wrote), 7);
    assert_int_equal(kill(server.process, SIGTERM), 0);
    ran = ran_finish(&server);
    assert_int_equal(ran->status, 0);
    assert_says(ran->said, "stopped");
    assert_int_not_equal(access(state_file(&yard, "control.sock"), F_OK), 0);
    ran = run(with_state(&yard, "token --state %s social-worker"));
    assert_int_equal(ran->status, 0);
    yard_close(&yard);
}

/* The operator's feeds go through the server; SIGTERM in the middle of one loses nothing. */
static void test_loading_while_serving(void **state)
{
    (void)state;
    struct yard yard;
    char line[512];
    yard_open(&yard, 3000, true);
    (void)snprintf(yard.state, sizeof yard.state, "%s/served", yard.folder);
    assert_int_equal(run(making(&yard, "init"))->status, 0);
    const struct running server = start(with_state(&yard, "serve --state %s --listen localhost:0"));
    ran_await(state_file(&yard, "control.sock"));
    (void)snprintf(line, sizeof line, "feed load --state %s %s", yard.state,
                   yard_feed(&yard, "education.csv"));
    const struct ran *ran = run(line);
    assert_int_equal(ran->status, 0);
    assert_says(ran->wrote, "education.csv: education 1 loaded, ");
    assert_says(ran->said, "education.csv: planning ");
    ran = run(line);
    assert_int_equal(ran->status, 0);
    assert_says(ran->wrote, "was loaded before");
    (void)snprintf(line, sizeof line, "feed load --state %s %s", yard.state, yard_feed(&yard, "health.csv"));
    const struct running loader = start(line);
    (void)usleep(300000);
    assert_int_equal(kill(server.process, SIGTERM), 0);
    assert_int_equal(ran_finish(&server)->status, 0);
    assert_true(ran_finish(&loader)->status >= 0);
    ran = run(line);
    assert_int_equal(ran->status, 0);
    assert_int_equal(yard_count(&yard, "SELECT count(*) FROM batch WHERE state = 3"), 2);
    assert_int_equal(yard_count(&yard, "SELECT count(*) FROM batch_plan"), 0);
    yard_close(&yard);
}

/* The same accounts are printed again, out of a file that others cannot read. */
static void test_demonstration(void **state)
{
    (void)state;
    struct yard yard;
    struct stat status;
    static char first[RAN_TEXT_BYTES];
    yard_open(&yard, 0, true);
    (void)snprintf(yard.state, sizeof yard.state, "%s/shown", yard.folder);
    const struct ran *ran = run(making(&yard, "demonstration"));
    assert_int_equal(ran->status, 0);
    memcpy(first, ran->wrote, sizeof first);
    ran = run(with_state(&yard, "demonstration --state %s"));
    assert_int_equal(ran->status, 0);
    assert_string_equal(ran->wrote, first);
    assert_int_equal(stat(state_file(&yard, "demonstration-accounts"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    yard_close(&yard);
}

/* The operator as the second person: not for a code that nobody is shown, not for whoever is not there. */
static void check_approving(struct yard *yard)
{
    const struct ran *ran = run_with(with_state(yard, "account approve chief --state %s"), "7K4M-2X9Q\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "no code that the person is shown now");
    ran = run_with(with_state(yard, "account approve chief --state %s"), "not a code\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "no code that the person is shown now");
    ran = run_with(with_state(yard, "account approve nobody --state %s"), "7K4M-2X9Q\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "no national administrator has this user name");
    ran = run_with(with_state(yard, "account approve --state %s"), "7K4M-2X9Q\n");
    assert_int_equal(ran->status, 2);
    ran = run_with(with_state(yard, "account approve chief other --state %s"), "7K4M-2X9Q\n");
    assert_int_equal(ran->status, 2);
}

/* Two people's codes as `init` prints them make the first administrator, who then signs nobody in wrongly. */
static void test_questions(void **state)
{
    (void)state;
    struct yard yard;
    char input[1024], code[2][32];
    yard_open(&yard, 0, false);
    (void)snprintf(yard.state, sizeof yard.state, "%s/asked", yard.folder);
    const struct ran *ran = run(making(&yard, "init"));
    assert_int_equal(ran->status, 0);
    const char *at = strstr(ran->wrote, "== The first person's code ==");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "== The first person's code == %31s", code[0]), 1);
    at = strstr(ran->wrote, "== The second person's code ==");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "== The second person's code == %31s", code[1]), 1);
    ran = run_with(with_state(&yard, "account first --state %s"), "only\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "the input ended");
    (void)snprintf(input, sizeof input, "%s\n%s\nchief\nNia Specimen\nAdministrator\n01632 960999\n\n",
                   code[0], code[1]);
    ran = run_with(with_state(&yard, "account first --state %s"), input);
    if (ran->status != 0)
        fail_msg("account first: %s", ran->said);
    /* Case 19: nothing to sign in with, only the way to it. */
    assert_null(strstr(ran->wrote, "otpauth"));
    assert_null(strstr(ran->wrote, "assword"));
    assert_says(ran->wrote, "/enrol");
    assert_says(ran->wrote, "contactpoint account approve chief");
    assert_null(strstr(ran->said, code[0]));
    check_approving(&yard);
    ran = run_with(
        with_state(&yard, "account create --state %s"),
        "national_administrator\nchief\nwrong password here\n000000\nnew\nNew One\nManager\n01632 960998\n\n"
        "\n\nA School\n01632 960997\nE08000035\neducation\nschool\n123456\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "signing in failed");
    ran = run_with(with_state(&yard, "account create --state %s"), "wizard\n\n\n\n\n\n\n\n\n\n\n");
    assert_int_equal(ran->status, 1);
    assert_says(ran->said, "your role must be");
    yard_close(&yard);
}

/* As somebody who may not write there; needs root to become somebody else. */
static void test_unwritable(void **state)
{
    (void)state;
    struct yard yard;
    char line[512];
    const struct passwd *nobody = getpwnam("nobody");
    if (getuid() != 0 || nobody == NULL) {
        print_message("skipped: only root can become another user\n");
        return;
    }
    run_as = nobody;
    int status = run("--version")->status;
    run_as = NULL;
    if (status != 0) {
        print_message("skipped: another user may not run the program where it was built\n");
        return;
    }
    yard_open(&yard, 0, true);
    assert_int_equal(chmod(yard.folder, 0755), 0);
    (void)snprintf(line, sizeof line, "init --state %s/new", yard.folder);
    run_as = nobody;
    check_fails(line, "the state folder cannot be made");
    check_fails(with_state(&yard, "token --state %s teacher"), "run this as the service's user");
    check_fails(with_state(&yard, "serve --state %s --listen localhost:0"), "check who owns it");
    run_as = NULL;
    yard_close(&yard);
}

/* A disk that fills while a feed loads: refused with a word about room, and whole once there is some. */
static void test_full_disk(void **state)
{
    (void)state;
    struct yard yard;
    char line[512];
    yard_open(&yard, 3000, true);
    (void)snprintf(yard.state, sizeof yard.state, "%s/disk", yard.folder);
    assert_int_equal(mkdir(yard.state, 0700), 0);
    if (getuid() != 0 || mount("tmpfs", yard.state, "tmpfs", 0, "size=2500k") != 0) {
        print_message("skipped: a small disk cannot be mounted here\n");
        yard_close(&yard);
        return;
    }
    const char *made = run(making(&yard, "init"))->status == 0 ? "" : "init";
    (void)snprintf(line, sizeof line, "feed load --state %s %s", yard.state, yard_feed(&yard, "health.csv"));
    const struct ran *ran = run(line);
    const char *told = ran->status == 1 && strstr(ran->said, "make room") != NULL ? "" : "told";
    if (told[0] != '\0')
        print_error("exit %d: %s\n", ran->status, ran->said);
    (void)mount("tmpfs", yard.state, "tmpfs", MS_REMOUNT, "size=100m");
    ran = run(line);
    const char *loaded = ran->status == 0 ? "" : "loaded";
    if (loaded[0] != '\0')
        print_error("exit %d: %s\n", ran->status, ran->said);
    int64_t open = yard_count(&yard, "SELECT count(*) FROM batch WHERE state <> 3");
    (void)umount(yard.state);
    assert_string_equal(made, "");
    assert_string_equal(told, "");
    assert_string_equal(loaded, "");
    assert_int_equal(open, 0);
    yard_close(&yard);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_file),
        cmocka_unit_test(test_database),
        cmocka_unit_test(test_listening),
        cmocka_unit_test(test_while_serving),
        cmocka_unit_test(test_loading_while_serving),
        cmocka_unit_test(test_demonstration),
        cmocka_unit_test(test_questions),
    };
    /* What no database takes part in, and what an SQLite file alone can suffer. */
    const struct CMUnitTest once[] = {
        cmocka_unit_test(test_wrong_usage), cmocka_unit_test(test_help),
        cmocka_unit_test(test_no_state),    cmocka_unit_test(test_database_file),
        cmocka_unit_test(test_unwritable),  cmocka_unit_test(test_full_disk),
    };
    if (argc != 2)
        return 2;
    program = argv[1];
    int failed = engine_is_postgres() ? 0 : cmocka_run_group_tests(once, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
