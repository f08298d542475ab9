/* `contactpoint store` as an operator runs it: an index moves and is served where it has gone; what goes
 * wrong is said in one line, and changes nothing. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "ran.h"
#include "store/raw.h"
#include "yard.h"

enum { CHILDREN = 400, PLACE_BYTES = 1024 };

static const char *program;
static struct yard yard;

/* Where the index stands at first, and where it goes. */
static char home[PLACE_BYTES], abroad[PLACE_BYTES], back[PLACE_BYTES];

#define START(...)       ran_start(WORDS(program, __VA_ARGS__), NULL, NULL)
#define RUN(...)         ran_whole(WORDS(program, __VA_ARGS__), NULL)
#define FAILS(says, ...) ran_assert_refused(RUN(__VA_ARGS__), says)

#define SUCCEEDS(says, ...) check_succeeds(RUN(__VA_ARGS__), says)
static void check_succeeds(const struct ran *ran, const char *says)
{
    ran_assert_done(ran);
    assert_says(ran->wrote, says);
}

static void name_file(char place[PLACE_BYTES], const char *name)
{
    (void)snprintf(place, PLACE_BYTES, "%s/%s", yard.folder, name);
}

/* An instance whose operator is our own login, with every feed loaded; no test changes it. */
static int make_instance(void **state)
{
    (void)state;
    yard_open(&yard, CHILDREN, true);
    (void)snprintf(yard.state, sizeof yard.state, "%s/moved", yard.folder);
    const char *database = yard_database(&yard);
    (void)snprintf(home, sizeof home, "%s%s", database == NULL ? yard.state : database,
                   database == NULL ? "/contactpoint.db" : "");
    SUCCEEDS("A new demonstration", "init", "--demonstration", "--state", yard.state, "--database", home);
    for (int i = 0; i < YARD_FEEDS; i++)
        SUCCEEDS(" loaded, ", "feed", "load", "--state", yard.state, yard_feed(&yard, yard_feeds[i]));
    return 0;
}

static int remove_instance(void **state)
{
    (void)state;
    yard_close(&yard);
    return 0;
}

static int set_up(void **state)
{
    static int number;
    char name[32];
    (void)state;
    (void)snprintf(name, sizeof name, "abroad-%d.db", number++);
    name_file(abroad, name);
    name_file(back, "back.db");
    if (engine_is_postgres())
        (void)snprintf(back, sizeof back, "%s", engine_connection(back));
    return 0;
}

static int tear_down(void **state)
{
    char path[PLACE_BYTES];
    (void)state;
    name_file(path, "back.db");
    engine_forget(path);
    return 0;
}

/* The index knows there what it knew at home: a feed that it has had is recognised, by keys, batches and all.
 */
static void assert_serves(const char *database)
{
    SUCCEEDS("was loaded before", "feed", "load", "--state", yard.state, "--database", database,
             yard_feed(&yard, yard_feeds[1]));
}

static void an_index_moves_there_and_back(void **state)
{
    (void)state;
    SUCCEEDS("copy.child.rows 4", "store", "copy", home, abroad);
    assert_serves(abroad);
    SUCCEEDS("copy.audit_entry.rows ", "store", "copy", abroad, back);
    assert_serves(back);
    assert_serves(home);
    FAILS("TO: this database holds an index already", "store", "copy", home, abroad);
    FAILS("both are the same database", "store", "copy", home, home);
}

static void run_raw(const char *database, const char *sql)
{
    struct raw *raw = NULL;
    assert_int_equal(raw_open(database, true, &raw), FAULT_NONE);
    assert_int_equal(raw_script(raw, sql), FAULT_NONE);
    raw_close(raw);
}

static void until_it_is_whole_every_command_refuses_it(void **state)
{
    (void)state;
    SUCCEEDS("copy.rows ", "store", "copy", home, abroad);
    run_raw(abroad,
            "CREATE TABLE facts AS SELECT name, content FROM meta; DELETE FROM meta; INSERT INTO meta SELECT "
            "'copying', content FROM facts WHERE name = 'instance'; DROP TABLE facts;");
    FAILS("unfinished copy", "serve", "--state", yard.state, "--database", abroad, "--listen", "localhost:0");
    FAILS("unfinished copy", "feed", "load", "--state", yard.state, "--database", abroad,
          yard_feed(&yard, yard_feeds[0]));
    FAILS("unfinished copy", "token", "--state", yard.state, "--database", abroad, "social-worker");
    char folder_of_init[YARD_PATH_BYTES + 16];
    (void)snprintf(folder_of_init, sizeof folder_of_init, "%s/another", yard.folder);
    FAILS("unfinished copy", "init", "--state", folder_of_init, "--database", abroad);
    assert_int_equal(access(folder_of_init, F_OK), -1);
    FAILS("FROM: this database is itself an unfinished copy", "store", "copy", abroad, back);
    SUCCEEDS("copy.written 4 rows\n", "store", "copy", home, abroad);
    assert_serves(abroad);
}

static void killed_it_goes_on(void **state)
{
    (void)state;
    int kills = 0;
    for (int i = 0; i < 30; i++) {
        const struct running running = START("store", "copy", home, abroad);
        (void)usleep((useconds_t)(1000 * (i * 7 % 30)));
        assert_int_equal(kill(running.process, i % 3 == 0 ? SIGINT : SIGKILL), 0);
        const struct ran *ran = ran_finish(&running);
        kills += ran->status < 0;
        if (ran->status >= 0)
            break;
    }
    const struct ran *ran = RUN("store", "copy", home, abroad);
    if (ran->status != 0 && strstr(ran->said, "holds an index already") == NULL)
        fail_msg("behind %d kills: %s", kills, ran->said);
    assert_true(kills > 0);
    assert_serves(abroad);
}

static void a_server_keeps_its_database_to_itself(void **state)
{
    (void)state;
    char socket[PLACE_BYTES];
    (void)snprintf(socket, sizeof socket, "%s/control.sock", yard.state);
    const struct running server = START("serve", "--state", yard.state, "--listen", "localhost:0");
    ran_await(socket);
    FAILS(engine_is_postgres() ? "FROM: a server has this database open"
                               : "FROM: another contactpoint process",
          "store", "copy", home, abroad);
    assert_int_equal(kill(server.process, SIGTERM), 0);
    assert_int_equal(ran_finish(&server)->status, 0);
    SUCCEEDS("copy.rows ", "store", "copy", home, abroad);
}

/* On a disk of 4 MiB, which then gets larger; and on one that cannot be written. */
static void a_small_disk_fills_and_is_given_room(void **state)
{
    (void)state;
    char disk[PLACE_BYTES], small[PLACE_BYTES + 16];
    name_file(disk, "disk");
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        print_message("skipped: no small disk can be mounted here\n");
        return;
    }
    (void)snprintf(small, sizeof small, "%s/to.db", disk);
    FAILS("make room on it", "store", "copy", home, small);
    assert_int_equal(mount("none", disk, "tmpfs", MS_REMOUNT, "size=100m"), 0);
    SUCCEEDS("copy.child.rows 4", "store", "copy", home, small);
    assert_serves(small);
    assert_int_equal(mount("none", disk, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
    (void)snprintf(small, sizeof small, "%s/other.db", disk);
    FAILS("TO: the database or its folder may not be written", "store", "copy", home, small);
    FAILS("may not be written", "store", "check", small);
    assert_int_equal(umount(disk), 0);
}

static void wrong_words_are_told(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "store",
        "store copy",
        "store copy one",
        "store copy one two three",
        "store copy --state x one two",
        "store check",
        "store check one two",
        "store check one --placement",
        "store nonsense one",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ran_assert_misused(ran_whole(ran_cut(program, lines[i]), NULL));
    FAILS("FROM: there is no database at this path", "store", "copy", "/nowhere/at/all.db", abroad);
    FAILS("TO: the folder of the database does not exist", "store", "copy", home, "/nowhere/at/all.db");
    FAILS("FROM: the database is of no known kind", "store", "copy", "mysql://here/there", abroad);
    FAILS("TO: the database cannot be reached", "store", "copy", home, "postgresql://127.0.0.1:1/none");
    FAILS("the database cannot be reached", "store", "check", "postgresql://127.0.0.1:1/none");
    FAILS("passfile=PATH", "store", "copy", home, "postgresql://a:secret@127.0.0.1/none");
    FAILS("passfile=PATH", "store", "check", "postgresql://a:secret@127.0.0.1/none");
    assert_null(strstr(RUN("store", "check", "postgresql://a:secret@127.0.0.1/none")->said, "secret"));
}

/* The same database with one part of its URI changed. */
static const char *changed(const char *what, const char *into)
{
    static char uri[2 * PLACE_BYTES];
    const char *right = getenv("CONTACTPOINT_POSTGRES");
    assert_non_null(right);
    const char *at = strstr(right, what);
    assert_non_null(at);
    (void)snprintf(uri, sizeof uri, "%.*s%s%s", (int)(at - right), right, into, at + strlen(what));
    return uri;
}

static void postgres_that_lets_nobody_in(void **state)
{
    (void)state;
    char passfile[PLACE_BYTES], option[2 * PLACE_BYTES];
    if (!engine_is_postgres())
        return;
    name_file(passfile, "passfile");
    int fd = open(passfile, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "*:*:*:*:wrong\n", 14), 14);
    (void)close(fd);
    (void)snprintf(option, sizeof option, "?passfile=%s&application_name=", passfile);
    const char *uri = changed("?passfile=", option);
    FAILS("TO: the database refuses the password", "store", "copy", home, uri);
    FAILS("FROM: the database refuses the password", "store", "copy", uri, abroad);
    FAILS("the database refuses the password", "store", "check", uri);
    FAILS("there is no database of this name", "store", "check", changed("/contactpoint?", "/nothing?"));
}

static int count_files(const char *folder_path)
{
    int count = 0;
    DIR *folder = opendir(folder_path);
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

static void ctrl_c_ends_a_check_and_leaves_nothing(void **state)
{
    (void)state;
    int before = count_files(yard.state);
    for (int i = 0; i < 6; i++) {
        const struct running running = START("store", "check", home);
        (void)usleep((useconds_t)(30000 + 200000 * i));
        assert_int_equal(kill(running.process, i % 2 == 0 ? SIGINT : SIGTERM), 0);
        const struct ran *ran = ran_finish(&running);
        /* A signal before it is awaited ends the program before anything is made. */
        if (ran->status >= 0 && (ran->status != 1 || strstr(ran->said, "stopped before its end") == NULL))
            fail_msg("exit %d: %s", ran->status, ran->said);
        assert_int_equal(count_files(yard.state), before);
    }
}

static void a_check_says_what_it_tried(void **state)
{
    (void)state;
    const struct ran *ran = RUN("store", "check", home);
    ran_assert_done(ran);
    assert_string_equal(ran->said, "");
    assert_says(ran->wrote, "\npass     statements: ");
    assert_says(ran->wrote, "\ncheck.commit.p50 ");
    assert_says(ran->wrote, "\ncheck.lacks 0 groups\ncheck.fail 0 groups\n");
    assert_serves(home);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_words_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_moves_there_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(until_it_is_whole_every_command_refuses_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_it_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_server_keeps_its_database_to_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_small_disk_fills_and_is_given_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(postgres_that_lets_nobody_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ctrl_c_ends_a_check_and_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_check_says_what_it_tried, set_up, tear_down),
    };
    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, make_instance, remove_instance);
}
