/* The commands that carry keys to a second server, as two operators use them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ran.h"
#include "yard.h"

enum { PATH_BYTES = 512, SKIPPED = 77 };

static const char *program;
static const char *opener; /* sealed_box.py */

/* Two state folders and what is carried between them. */
struct pair {
    struct yard yard;
    char old_state[PATH_BYTES];
    char new_state[PATH_BYTES];
    char request[PATH_BYTES];
    char sealed[PATH_BYTES];
};

static const char *in(const char *folder, const char *file)
{
    static char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

#define RUN(input, ...) ran_whole(WORDS(program, "vault", __VA_ARGS__), input)

static const struct ran *ask(const struct pair *pair)
{
    return RUN("", "ask", "--state", pair->new_state, pair->request);
}

static const struct ran *give(const struct pair *pair, const char *typed)
{
    return RUN(typed, "give", "--state", pair->old_state, pair->request, pair->sealed);
}

static const struct ran *take(const struct pair *pair, const char *typed)
{
    return RUN(typed, "take", "--state", pair->new_state, pair->sealed);
}

/* One line that says so, and status 1. */
static void assert_refused(const struct ran *ran, const char *says)
{
    if (ran->status != 1 || strstr(ran->said, says) == NULL)
        fail_msg("exit %d instead of '%s': %s", ran->status, says, ran->said);
    assert_int_equal(strcspn(ran->said, "\n") + 1, strlen(ran->said));
    assert_string_equal(ran->wrote, "");
}

/* The last line that was written, as one hears it on the telephone. */
static const char *heard(const struct ran *ran)
{
    static char line[64];
    const char *at = strstr(ran->wrote, "out to that operator:\n\n    ");
    assert_non_null(at);
    (void)snprintf(line, sizeof line, "%s", at + strlen("out to that operator:\n\n    "));
    assert_int_equal(strlen(line), 36);
    return line;
}

static void open_pair(struct pair *pair)
{
    yard_open(&pair->yard, 0, false);
    (void)snprintf(pair->old_state, PATH_BYTES, "%s/old", pair->yard.folder);
    (void)snprintf(pair->new_state, PATH_BYTES, "%s/new", pair->yard.folder);
    (void)snprintf(pair->request, PATH_BYTES, "%s/request", pair->yard.folder);
    (void)snprintf(pair->sealed, PATH_BYTES, "%s/sealed", pair->yard.folder);
    ran_assert_done(ran_whole(WORDS(program, "init", "--state", pair->old_state), NULL));
}

static int set_up(void **state)
{
    static struct pair pair;
    open_pair(&pair);
    *state = &pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    yard_close(&pair->yard);
    return 0;
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static size_t read_file(const char *path, char *at, size_t room)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t len = fread(at, 1, room, file);
    (void)fclose(file);
    return len;
}

static void assert_same_keys(const struct pair *pair)
{
    char one[4096], other[4096];
    size_t len = read_file(in(pair->old_state, "vault.key"), one, sizeof one);
    assert_int_equal(read_file(in(pair->new_state, "vault.key"), other, sizeof other), len);
    assert_memory_equal(one, other, len);
    assert_int_equal(mode_of(in(pair->new_state, "vault.key")), 0600);
    assert_false(exists(in(pair->new_state, "vault.asking")));
    assert_false(exists(in(pair->new_state, "vault.key.state")));
}

static void carry(const struct pair *pair)
{
    const struct ran *ran = ask(pair);
    ran_assert_done(ran);
    assert_int_equal(mode_of(pair->new_state), 0700);
    assert_int_equal(mode_of(in(pair->new_state, "vault.asking")), 0600);
    ran = give(pair, heard(ran));
    ran_assert_done(ran);
    assert_int_equal(mode_of(pair->sealed), 0600);
    ran_assert_done(take(pair, heard(ran)));
    assert_same_keys(pair);
}

static void test_without_a_server(void **state)
{
    carry(*state);
}

static void test_while_a_server_runs(void **state)
{
    struct pair *pair = *state;
    const struct running server =
        ran_start(WORDS(program, "serve", "--state", pair->old_state, "--listen", "localhost:0"), NULL, NULL);
    ran_await(in(pair->old_state, "control.sock"));
    carry(pair);
    assert_int_equal(kill(server.process, SIGTERM), 0);
    assert_int_equal(ran_finish(&server)->status, 0);
}

static void test_taken_once(void **state)
{
    struct pair *pair = *state;
    carry(pair);
    assert_refused(take(pair, ""), "has its keys already");
    assert_refused(ask(pair), "there is a file of that name already");
    assert_int_equal(unlink(pair->request), 0);
    assert_refused(ask(pair), "has its keys already");
    assert_false(exists(pair->request));
    assert_same_keys(pair);
}

/* What came between the two machines does not get past the telephone. */
static void test_what_is_typed(void **state)
{
    struct pair *pair = *state;
    char digits[64];
    const struct ran *ran = ask(pair);
    ran_assert_done(ran);
    (void)snprintf(digits, sizeof digits, "%s", heard(ran));
    digits[0] = digits[0] == '1' ? '2' : '1';
    assert_refused(give(pair, digits), "not the fingerprint");
    assert_refused(give(pair, "yes\n"), "not the fingerprint");
    assert_refused(give(pair, ""), "the input ended");
    assert_false(exists(pair->sealed));
    assert_int_equal(unlink(pair->request), 0);
    ran = ask(pair); /* an earlier one is void */
    ran_assert_done(ran);
    assert_says(ran->wrote, "The earlier request of this folder is void");
    ran = give(pair, heard(ran));
    ran_assert_done(ran);
    (void)snprintf(digits, sizeof digits, "%s", heard(ran));
    assert_refused(give(pair, digits), "there is a file of that name already");
    digits[34] = digits[34] == '1' ? '2' : '1';
    assert_refused(take(pair, digits), "not the fingerprint");
    assert_refused(take(pair, ""), "the input ended");
    assert_false(exists(in(pair->new_state, "vault.key")));
    assert_true(exists(in(pair->new_state, "vault.asking")));
}

static void test_bad_files(void **state)
{
    struct pair *pair = *state;
    assert_refused(RUN("", "take", "--state", pair->new_state, "/nowhere/at/all"), "there is no such file");
    assert_refused(give(pair, ""), "there is no such file");
    assert_refused(RUN("", "give", "--state", pair->old_state, "/dev/zero", pair->sealed), "cannot be read");
    assert_refused(RUN("", "give", "--state", pair->old_state, program, pair->sealed), "too long");
    assert_refused(RUN("", "give", "--state", pair->old_state, opener, pair->sealed), "no request for keys");
    assert_refused(RUN("", "ask", "--state", "/nowhere/at/all", pair->request), "folder above");
    assert_refused(RUN("", "ask", "--state", "/etc/hostname", pair->request), "no folder");
    assert_refused(RUN("", "ask", "--state", pair->old_state, pair->request), "has its keys already");
    assert_refused(RUN("", "ask", "--state", pair->yard.folder, pair->request), "not empty");
    assert_refused(RUN("", "ask", "--state", pair->new_state, "/nowhere/at/all"), "folder exists");
    assert_false(exists(pair->new_state)); /* not even the folder stays */
    const struct ran *ran = ask(pair);
    ran_assert_done(ran);
    const char *digits = heard(ran);
    assert_refused(RUN("", "take", "--state", pair->new_state, pair->request), "no sealed keys");
    assert_refused(RUN(digits, "give", "--state", pair->old_state, pair->request, "/nowhere/at/all"),
                   "folder exists");
    assert_refused(RUN("", "take", "--state", "/nowhere/at/all", pair->request), "waits for no keys");
}

/* An outsider's program opens the box and finds the key file in it. */
static void test_somebody_else_opens_the_box(void **state)
{
    struct pair *pair = *state;
    char asking[2 * PATH_BYTES], keys[4096];
    const struct ran *ran = ask(pair);
    ran_assert_done(ran);
    ran_assert_done(give(pair, heard(ran)));
    (void)snprintf(asking, sizeof asking, "%s", in(pair->new_state, "vault.asking"));
    ran = ran_whole(WORDS("/usr/bin/python3", opener, asking, pair->sealed), NULL);
    if (ran->status == SKIPPED || ran->status == 127) {
        print_message("skipped: PyNaCl is not installed (python3-nacl)\n");
        return;
    }
    ran_assert_done(ran);
    size_t len = read_file(in(pair->old_state, "vault.key"), keys, sizeof keys);
    size_t all = strlen(ran->wrote);
    assert_true(all > len);
    assert_memory_equal(ran->wrote + all - len, keys, len);
}

int main(int argc, char **argv)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_without_a_server), CASE(test_while_a_server_runs), CASE(test_taken_once),
        CASE(test_what_is_typed),    CASE(test_bad_files),           CASE(test_somebody_else_opens_the_box),
    };
    if (argc != 3)
        return 2;
    program = argv[1];
    opener = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
