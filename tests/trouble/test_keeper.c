/* The keeper and the server that asks it, as processes (security.md §§6, 9). */
#include <dirent.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crowd.h"
#include "engine.h"
#include "vault/landlock.h"

enum {
    SECRETS_MAX = 1000,
    SECRET_BYTES = 9,
    CHILDREN = 20,
    CLIENT_PATIENCE_US = 20 * 1000000,
    GONE_MS_MAX = 10000
};

static const char *program, *hostile;
static struct site site;

static int set_up(void **state)
{
    (void)state;
    site_open(&site, &(struct site_order){.program = program, .children = CHILDREN, .lease_s = 2});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    site_close(&site);
    return 0;
}

/* The process of that name whose parent is the server; 0 where there is none. */
static pid_t child_of(pid_t parent, const char *name)
{
    DIR *processes = opendir("/proc");
    pid_t found = 0;
    assert_non_null(processes);
    for (const struct dirent *entry; found == 0 && (entry = readdir(processes)) != NULL;) {
        char path[300], line[256] = "", is[64];
        int process, above;
        (void)snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fgets(line, sizeof line, file) != NULL &&
            sscanf(line, "%d (%63[^)]) %*c %d", &process, is, &above) == 3 && above == parent &&
            strcmp(is, name) == 0)
            found = process;
        (void)fclose(file);
    }
    (void)closedir(processes);
    return found;
}

static pid_t keeper_of(const struct server *server)
{
    pid_t keeper = child_of(server->process, "cp-keeper");
    assert_true(keeper > 0);
    return keeper;
}

static void expect(struct client *client, const char *path, int status)
{
    const struct reply reply = client_get(client, path);
    assert_int_equal(reply.outcome, OUTCOME_ANSWERED);
    if (reply.status != status)
        fail_msg("%s: %d, not %d", path, reply.status, status);
    assert_true(reply_is_ours(&reply));
}

static void case_75_the_keeper_is_killed(void **state)
{
    (void)state;
    int status = 0;
    assert_true(server_start(&site, 0));
    struct client *client = client_open(site.servers[0].port, CLIENT_PATIENCE_US);
    assert_true(site_sign_in(&site, 0, 0, client));
    expect(client, "/find", 200);
    assert_int_equal(kill(keeper_of(&site.servers[0]), SIGKILL), 0);
    (void)poll(NULL, 0, 200);
    for (int i = 0; i < 3; i++) { /* also what was answered a moment ago */
        expect(client, "/find", 503);
        expect(client, "/account", 503);
        expect(client, "/", 200);
        expect(client, "/sign-in", 200);
    }
    const struct reply reply = client_post(client, "/sign-in", "user_name=nobody&password=none");
    assert_int_equal(reply.status, 503);
    assert_true(server_lives(&site.servers[0], &status));
    assert_int_equal(server_stop(&site.servers[0]), 0);
    assert_true(server_start(&site, 0));
    client_move(client, site.servers[0].port);
    expect(client, "/find", 200);
    client_close(client);
    assert_int_equal(server_stop(&site.servers[0]), 0);
    site_check(&site);
}

/* No keeper outlives its server, however that ends. */
static void test_the_keeper_ends_with_its_server(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(server_start(&site, 0));
        const pid_t keeper = keeper_of(&site.servers[0]);
        int left_ms = GONE_MS_MAX;
        assert_int_equal(kill(keeper, SIGTERM), 0); /* it waits for those who ask */
        (void)poll(NULL, 0, 50);
        assert_int_equal(kill(keeper, 0), 0);
        (void)(i == 0 ? server_stop(&site.servers[0]) : server_kill(&site.servers[0]));
        for (; kill(keeper, 0) == 0 && left_ms > 0; left_ms -= 10)
            (void)poll(NULL, 0, 10);
        assert_true(left_ms > 0);
    }
}

/* What an operator's other programs see of the keeper: no core can be made of it, no socket, no other's file.
 */
static void test_the_keeper_is_confined(void **state)
{
    (void)state;
    char path[64], line[256], target[256];
    bool no_new = false, filtered = false;
    assert_true(server_start(&site, 0));
    const pid_t keeper = keeper_of(&site.servers[0]);
    (void)snprintf(path, sizeof path, "/proc/%d/status", keeper);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        no_new = no_new || strcmp(line, "NoNewPrivs:\t1\n") == 0;
        filtered = filtered || strcmp(line, "Seccomp:\t2\n") == 0;
    }
    (void)fclose(file);
    assert_true(no_new);
    assert_true(filtered);
    (void)snprintf(path, sizeof path, "/proc/%d/limits", keeper);
    file = fopen(path, "re");
    assert_non_null(file);
    bool no_core = false;
    while (fgets(line, sizeof line, file) != NULL)
        no_core = no_core || strstr(line, "Max core file size        0                    0") == line;
    (void)fclose(file);
    assert_true(no_core);
    (void)snprintf(path, sizeof path, "/proc/%d/fd", keeper);
    DIR *held = opendir(path);
    assert_non_null(held);
    for (const struct dirent *entry; (entry = readdir(held)) != NULL;) {
        char name[400];
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        ssize_t len = readlink(name, target, sizeof target - 1);
        if (len < 0)
            continue;
        target[len] = '\0';
        if (strncmp(target, "socket:", 7) != 0 && strcmp(target, "/dev/null") != 0)
            fail_msg("the keeper holds %s", target);
    }
    (void)closedir(held);
    assert_int_equal(server_stop(&site.servers[0]), 0);
}

/* The log goes on from one life to the next. */
static int said(const char *what)
{
    int count = 0;
    for (const char *at = server_log(&site.servers[0]); (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

/* The server is told to try something; true where that ends it. */
static bool try(const char *wish)
{
    int status = 0, left_ms = GONE_MS_MAX;
    struct server *server = &site.servers[0];
    site.preload = hostile;
    assert_int_equal(setenv("CONTACTPOINT_HOSTILE", wish, 1), 0);
    assert_true(server_start(&site, 0));
    assert_int_equal(unsetenv("CONTACTPOINT_HOSTILE"), 0);
    site.preload = NULL;
    const int before = said("hostile.goes_on");
    assert_int_equal(kill(server->process, SIGUSR2), 0);
    for (; server_lives(server, &status) && left_ms > 0; left_ms -= 10) {
        if (said("hostile.goes_on") > before)
            return false;
        (void)poll(NULL, 0, 10);
    }
    assert_true(left_ms > 0);
    assert_null(strstr(server_log(server), "hostile.has_read"));
    return true;
}

static int64_t alarms(void)
{
    return site_count(&site, "SELECT count(*) FROM alarm");
}

/* Stopped, and an alarm at the next start, once. */
static void expect_stopped(const char *wish, bool alarm)
{
    const int64_t before = alarms();
    if (!try(wish))
        fail_msg("nothing stopped %s", wish);
    assert_true(server_start(&site, 0));
    assert_int_equal(alarms(), before + alarm);
    assert_int_equal(server_stop(&site.servers[0]), 0);
    assert_true(server_start(&site, 0));
    assert_int_equal(alarms(), before + alarm);
    assert_int_equal(server_stop(&site.servers[0]), 0);
}

/* Is the database reached over a network, as the server sees it? */
static bool is_remote(void)
{
    return site.database[0] != '\0' && strstr(site.database, "host=/") == NULL &&
           strstr(site.database, "host=%2F") == NULL && strstr(site.database, "host=%2f") == NULL;
}

static void skip_where_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
    print_message("skipped: sanitized builds go without a sandbox\n");
    skip();
#endif
}

static void case_76_what_is_no_part_of_serving_is_stopped(void **state)
{
    (void)state;
    skip_where_sanitized();
    expect_stopped("exec", true);
    if (is_remote()) { /* its sockets lead there; the rest is for systemd's address filters */
        assert_false(try("connect"));
        assert_int_equal(server_stop(&site.servers[0]), 0);
    } else {
        expect_stopped("connect", true);
    }
    expect_stopped("signal", false); /* without its guard nothing can be noted: it ends all the same */
    expect_stopped("ptrace", true);
    expect_stopped("fork", true);
}

static void case_76_files_elsewhere_are_not_opened(void **state)
{
    (void)state;
    char wish[SITE_PATH_BYTES + 32];
    skip_where_sanitized();
    if (!landlock_is_there()) {
        print_message("skipped: this kernel has no Landlock\n");
        skip();
    }
    (void)snprintf(wish, sizeof wish, "open %s/vault.key", site.servers[0].state);
    expect_stopped(wish, true);
    (void)snprintf(wish, sizeof wish, "open %s", program); /* which is in no folder of the service */
    expect_stopped(wish, true);
    assert_false(try("open /etc/hostname"));
    assert_int_equal(server_stop(&site.servers[0]), 0);
}

/* Names of nine letters each, as site_feed makes them, in small letters and in order. */
struct secrets {
    char word[SECRETS_MAX][SECRET_BYTES + 1];
    size_t count;
};
static struct secrets secrets;

static int by_word(const void *a, const void *b)
{
    return memcmp(a, b, SECRET_BYTES);
}

/* The first nine letters at `at`, made small; false where they are none. */
static bool take_word(const uint8_t *at, size_t len, char ret_word[SECRET_BYTES + 1])
{
    if (len < SECRET_BYTES)
        return false;
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        ret_word[i] = (char)(at[i] | 0x20);
        if (ret_word[i] < 'a' || ret_word[i] > 'z')
            return false;
    }
    ret_word[SECRET_BYTES] = '\0';
    return true;
}

static void learn_secrets(const char *path)
{
    char line[1024], word[SECRET_BYTES + 1];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = strncmp(line, "child,", 6) == 0 ? line : NULL;
        for (char *field; (field = strsep(&rest, ",")) != NULL;)
            if (strlen(field) == SECRET_BYTES && take_word((const uint8_t *)field, SECRET_BYTES, word)) {
                assert_true(secrets.count < SECRETS_MAX);
                memcpy(secrets.word[secrets.count++], word, sizeof word);
            }
    }
    assert_int_equal(fclose(file), 0);
    qsort(secrets.word, secrets.count, sizeof secrets.word[0], by_word);
}

static void expect_none(const char *where, const uint8_t *at, size_t len)
{
    static const char *const others[] = {"Seaview Clinic", "Morgan Sample", "01632 960777", "01632960777"};
    char word[SECRET_BYTES + 1];
    for (size_t i = 0; i < len; i++)
        if (take_word(at + i, len - i, word) &&
            bsearch(word, secrets.word, secrets.count, sizeof secrets.word[0], by_word) != NULL)
            fail_msg("%s holds %s", where, word);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (memmem(at, len, others[i], strlen(others[i])) != NULL)
            fail_msg("%s holds %s", where, others[i]);
}

static int64_t searched_bytes;

/* Every file of the site but the feeds themselves. */
static int search_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)walk;
    const char *end = strrchr(path, '.');
    if (type != FTW_F || !S_ISREG(status->st_mode) || (end != NULL && strcmp(end, ".csv") == 0))
        return 0;
    uint8_t *content = malloc((size_t)status->st_size + 1);
    assert_non_null(content);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t len = fread(content, 1, (size_t)status->st_size, file);
    (void)fclose(file);
    expect_none(path, content, len);
    searched_bytes += (int64_t)len;
    free(content);
    return 0;
}

static void search_everything(void)
{
    size_t size = 0;
    uint8_t *resting = engine_resting(site.db_path, &size);
    expect_none("the database", resting, size);
    searched_bytes = (int64_t)size;
    free(resting);
    assert_int_equal(nftw(site.folder, search_file, 16, FTW_PHYS), 0);
    assert_true(searched_bytes > 1000000);
    const char *log = server_log(&site.servers[0]);
    expect_none("the log", (const uint8_t *)log, strlen(log));
}

/* Somebody looks for one of them, so that the reason and the search rest somewhere too. */
static void look_for(struct client *client, const char *word)
{
    char token[FORM_TOKEN_BYTES], body[512];
    struct reply reply = client_get(client, "/find");
    reply_form_token(&reply, token);
    (void)snprintf(body, sizeof body,
                   "form_token=%s&reason=working&reason_text=asked+by+%s&family=%s&given=%s&birth_year=2014",
                   token, word, word, word);
    reply = client_post(client, "/find", body);
    assert_int_equal(reply.outcome, OUTCOME_ANSWERED);
    assert_true(reply.status < 500);
}

static void case_73_planted_secrets_rest_nowhere(void **state)
{
    (void)state;
    char command[4 * SITE_PATH_BYTES];
    int status = 0, left_ms = GONE_MS_MAX;
    const char *feed = site_feed(&site, 2, SECRETS_MAX / 2);
    learn_secrets(feed);
    assert_int_equal(secrets.count, SECRETS_MAX);
    assert_true(server_start(&site, 0));
    (void)snprintf(command, sizeof command, "feed load %s", feed);
    const struct said *load = site_run(&site, command);
    assert_int_equal(load->status, 0);
    expect_none("what the command said", (const uint8_t *)load->out, strlen(load->out));
    expect_none("what the command said", (const uint8_t *)load->err, strlen(load->err));
    struct client *client = client_open(site.servers[0].port, CLIENT_PATIENCE_US);
    assert_true(site_sign_in(&site, 0, 0, client));
    for (size_t i = 0; i < 5; i++)
        look_for(client, secrets.word[i * 100]);
    client_close(client);
    search_everything();
    /* A core would be written here and now. */
    assert_int_equal(kill(site.servers[0].process, SIGABRT), 0);
    for (; server_lives(&site.servers[0], &status) && left_ms > 0; left_ms -= 10)
        (void)poll(NULL, 0, 10);
    assert_int_equal(status, -SIGABRT);
    search_everything();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_73_planted_secrets_rest_nowhere),
        cmocka_unit_test(case_75_the_keeper_is_killed),
        cmocka_unit_test(test_the_keeper_ends_with_its_server),
        cmocka_unit_test(test_the_keeper_is_confined),
        cmocka_unit_test(case_76_what_is_no_part_of_serving_is_stopped),
        cmocka_unit_test(case_76_files_elsewhere_are_not_opened),
    };
    if (argc != 3) {
        (void)fprintf(stderr, "usage: test_keeper CONTACTPOINT HOSTILE\n");
        return 2;
    }
    program = argv[1];
    hostile = argv[2];
    return cmocka_run_group_tests(tests, set_up, tear_down); /* each leaves the server stopped */
}
