#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "engine.h"
#include "registry/row.h"

enum {
    ARGUMENTS_MAX = 16,
    COMMAND_BYTES = 2048,
    START_MS_MAX = 60000,
    SIGN_IN_MS_MAX = 65000, /* two steps of a token, and a little */
    CODE_BYTES = 16,
};

static void pause_ms(int wait_ms)
{
    (void)poll(NULL, 0, wait_ms);
}

/* Starts the program; `words` as execv takes them. */
static pid_t start(const struct site *site, char *const *words, int out, int err, bool as_server)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(err, STDERR_FILENO);
        /* Under a sanitizer: what is freed is not kept for long, and a library may come first. */
        (void)setenv("ASAN_OPTIONS", "quarantine_size_mb=16:verify_asan_link_order=0", 1);
        if (as_server && site->preload != NULL)
            (void)setenv("LD_PRELOAD", site->preload, 1);
        (void)execv(site->program, words);
        _exit(127);
    }
    return child;
}

static int status_of(pid_t process)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void slurp(int fd, char *text, size_t room)
{
    size_t len = 0;
    (void)lseek(fd, 0, SEEK_SET);
    for (ssize_t got; len + 1 < room && (got = read(fd, text + len, room - 1 - len)) > 0;)
        len += (size_t)got;
    text[len] = '\0';
    (void)close(fd);
}

static int scratch_file(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

struct running site_run_begin(const struct site *site, const char *command)
{
    static char text[COMMAND_BYTES];
    char *words[ARGUMENTS_MAX + 4] = {(char *)(uintptr_t)site->program};
    struct running running = {.out = scratch_file(), .err = scratch_file()};
    int count = 1;
    (void)snprintf(text, sizeof text, "%s", command);
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;)
        if (word[0] != '\0') {
            assert_true(count <= ARGUMENTS_MAX);
            words[count++] = word;
        }
    if (strstr(command, "--state") == NULL && strncmp(command, "generate", 8) != 0) {
        words[count++] = (char *)(uintptr_t) "--state";
        words[count++] = (char *)(uintptr_t)site->servers[0].state;
    }
    running.process = start(site, words, running.out, running.err, false);
    return running;
}

const struct said *site_run_end(const struct running *running)
{
    static struct said said;
    said.status = status_of(running->process);
    slurp(running->out, said.out, sizeof said.out);
    slurp(running->err, said.err, sizeof said.err);
    return &said;
}

const struct said *site_run(const struct site *site, const char *command)
{
    const struct running running = site_run_begin(site, command);
    return site_run_end(&running);
}

static const struct said *run_well(const struct site *site, const char *command)
{
    const struct said *said = site_run(site, command);
    if (said->status != 0)
        fail_msg("%s: %d: %s", command, said->status, said->err);
    return said;
}

/* "    user name  teacher": what stands behind the label, and where to look for the next. */
static const char *take_line(const char *at, const char *label, char *ret, size_t room)
{
    at = strstr(at, label);
    assert_non_null(at);
    at += strlen(label);
    at += strspn(at, " ");
    (void)snprintf(ret, room, "%.*s", (int)strcspn(at, "\n"), at);
    return at;
}

static void read_people(struct site *site, const char *accounts)
{
    for (int i = 0; i < SITE_USERS; i++) {
        struct user *person = &site->users[i];
        accounts = take_line(accounts, "user name", person->user_name, sizeof person->user_name);
        accounts = take_line(accounts, "password", person->password, sizeof person->password);
        accounts = take_line(accounts, "PIN", person->pin, sizeof person->pin);
    }
}

static bool is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if ((*name < 'A' || *name > 'Z') && (*name < 'a' || *name > 'z'))
            return false;
    return true;
}

/* Columns by their order in every feed: record, family, given … birth_date. */
static void read_known(struct site *site, const char *path)
{
    char line[4096];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (site->sought_count < SITE_CHILDREN_MAX && fgets(line, sizeof line, file) != NULL) {
        struct sought known = {.year = 0};
        char *rest = line, *field[COLUMN_birth_date + 1] = {NULL};
        for (int i = 0; i <= COLUMN_birth_date; i++)
            if ((field[i] = strsep(&rest, ",")) == NULL)
                field[i] = rest = line + strlen(line);
        if (strcmp(field[COLUMN_type], "child") != 0 || !is_plain(field[COLUMN_family]) ||
            !is_plain(field[COLUMN_given]) ||
            sscanf(field[COLUMN_birth_date], "%4d-%2d-%2d", &known.year, &known.month, &known.day) != 3)
            continue;
        (void)snprintf(known.family, sizeof known.family, "%s", field[COLUMN_family]);
        (void)snprintf(known.given, sizeof known.given, "%s", field[COLUMN_given]);
        site->sought[site->sought_count++] = known;
    }
    (void)fclose(file);
    assert_true(site->sought_count > 10);
}

static void copy_file(const char *from, const char *to)
{
    static char content[64 * 1024];
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, content, sizeof content);
    assert_true(len > 0 && len < (ssize_t)sizeof content);
    (void)close(fd);
    fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, (size_t)len), len);
    assert_int_equal(close(fd), 0);
}

/* Its people look all day (R5.7). */
static void lift_limits(const struct server *server)
{
    char path[2 * SITE_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", server->state);
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(
        fputs("[limits]\nchildren_per_hour = 0\nchildren_per_day = 0\nsearches_per_hour = 0\n[store]\n",
              file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add_settings(const struct server *server, const struct site_order *order)
{
    char path[2 * SITE_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", server->state);
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    if (order->patience_s > 0)
        assert_true(fprintf(file, "patience_seconds = %d\n", order->patience_s) > 0);
    if (order->lease_s > 0)
        assert_true(fprintf(file, "lease_seconds = %d\n", order->lease_s) > 0);
    assert_int_equal(fclose(file), 0);
}

/* As an operator would, but for the keys' way. */
static void join(struct site *site)
{
    char from[2 * SITE_PATH_BYTES], to[2 * SITE_PATH_BYTES], command[COMMAND_BYTES];
    const struct server *second = &site->servers[1];
    assert_int_equal(mkdir(second->state, 0700), 0);
    (void)snprintf(from, sizeof from, "%s/vault.key", site->servers[0].state);
    (void)snprintf(to, sizeof to, "%s/vault.key", second->state);
    copy_file(from, to);
    (void)snprintf(command, sizeof command, "join --state %s --database %s", second->state, site->database);
    (void)run_well(site, command);
}

static void make_instance(struct site *site, const struct site_order *order)
{
    char command[COMMAND_BYTES];
    if (engine_is_postgres())
        (void)snprintf(site->database, sizeof site->database, "%s", engine_connection(site->db_path));
    (void)snprintf(command, sizeof command, "demonstration%s%s",
                   site->database[0] != '\0' ? " --database " : "", site->database);
    read_people(site, run_well(site, command)->out);
    lift_limits(&site->servers[0]);
    if (site->database[0] == '\0')
        return;
    add_settings(&site->servers[0], order);
    join(site);
    lift_limits(&site->servers[1]);
    add_settings(&site->servers[1], order);
}

void site_open(struct site *ret_site, const struct site_order *order)
{
    struct site *site = ret_site;
    char command[COMMAND_BYTES], path[2 * SITE_PATH_BYTES];
    *site = (struct site){.program = order->program, .folder = "/tmp/contactpoint-site-XXXXXX"};
    assert_non_null(mkdtemp(site->folder));
    for (int i = 0; i < SITE_SERVERS; i++) {
        site->servers[i].number = i;
        (void)snprintf(site->servers[i].state, SITE_PATH_BYTES, "%s/%d", site->folder, i);
    }
    (void)snprintf(site->db_path, sizeof site->db_path, "%s/contactpoint.db", site->servers[0].state);
    make_instance(site, order);
    (void)snprintf(command, sizeof command, "generate --children %d --seed 1 --out %s/population",
                   order->children, site->folder);
    (void)run_well(site, command);
    (void)snprintf(path, sizeof path, "%s/population/health.csv", site->folder);
    (void)snprintf(command, sizeof command, "feed load %s", path);
    (void)run_well(site, command);
    read_known(site, path);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

void site_close(struct site *site)
{
    for (int i = 0; i < SITE_SERVERS; i++)
        (void)server_kill(&site->servers[i]);
    engine_forget(site->db_path);
    assert_int_equal(nftw(site->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void log_path(const struct server *server, char path[2 * SITE_PATH_BYTES])
{
    (void)snprintf(path, 2 * SITE_PATH_BYTES, "%s.log", server->state);
}

/* The port stands in the one line that it prints when it listens. */
static bool wait_for_port(struct server *server, int out)
{
    int status;
    for (int waited_ms = 0; waited_ms < START_MS_MAX; waited_ms += 10) {
        char text[256];
        unsigned port = 0;
        ssize_t len = pread(out, text, sizeof text - 1, 0);
        text[len > 0 ? len : 0] = '\0';
        const char *at = strstr(text, "http://localhost:");
        if (at != NULL && strchr(at, '\n') != NULL &&
            sscanf(at, "http://localhost:%5u", &port) == 1) { /* NOLINT */
            server->port = (uint16_t)port;
            return true;
        }
        if (!server_lives(server, &status))
            return false;
        pause_ms(10);
    }
    return false;
}

bool server_start(struct site *site, int number)
{
    struct server *server = &site->servers[number];
    char path[2 * SITE_PATH_BYTES], listen[32];
    char *words[] = {(char *)(uintptr_t)site->program,
                     (char *)(uintptr_t) "serve",
                     (char *)(uintptr_t) "--state",
                     server->state,
                     (char *)(uintptr_t) "--listen",
                     listen,
                     NULL};
    assert_int_equal(server->process, 0);
    (void)snprintf(listen, sizeof listen, "localhost:%u", (unsigned)server->port);
    log_path(server, path);
    int out = scratch_file(), err = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(err >= 0);
    server->process = start(site, words, out, err, true);
    (void)close(err);
    bool listens = wait_for_port(server, out);
    (void)close(out);
    return listens;
}

static int end(struct server *server, int signal)
{
    if (server->process == 0)
        return 0;
    (void)kill(server->process, signal);
    int status = status_of(server->process);
    server->process = 0;
    return status;
}

int server_stop(struct server *server)
{
    return end(server, SIGTERM);
}

int server_kill(struct server *server)
{
    return end(server, SIGKILL);
}

bool server_lives(struct server *server, int *ret_status)
{
    int status = 0;
    if (server->process == 0 || waitpid(server->process, &status, WNOHANG) == 0)
        return server->process != 0;
    server->process = 0;
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return false;
}

int64_t server_memory_kib(const struct server *server)
{
    char path[64], line[256];
    long long kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)server->process);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "VmRSS: %lld kB", &kib); /* NOLINT */
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

const char *server_log(const struct server *server)
{
    static char text[SITE_SAID_BYTES];
    char path[2 * SITE_PATH_BYTES];
    log_path(server, path);
    text[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return text;
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > (off_t)sizeof text - 1 ? size - (off_t)sizeof text + 1 : 0;
    ssize_t len = pread(fd, text, sizeof text - 1, from);
    text[len > 0 ? len : 0] = '\0';
    (void)close(fd);
    return text;
}

/* A code serves once: waits for another than the one used last. */
static bool fresh_code(const struct site *site, int server, int person, char ret_code[CODE_BYTES])
{
    static char used[SITE_USERS][CODE_BYTES];
    char command[COMMAND_BYTES];
    (void)snprintf(command, sizeof command, "token --state %s %s", site->servers[server].state,
                   site->users[person].user_name);
    for (int waited_ms = 0; waited_ms < SIGN_IN_MS_MAX; waited_ms += 200) {
        const struct said *said = site_run(site, command);
        (void)snprintf(ret_code, CODE_BYTES, "%.*s", (int)strcspn(said->out, "\n"), said->out);
        if (said->status == 0 && strcmp(ret_code, used[person]) != 0) {
            (void)snprintf(used[person], CODE_BYTES, "%s", ret_code);
            return true;
        }
        pause_ms(200);
    }
    return false;
}

/* The yearly reminder, which comes before anything else. */
static bool accept_terms(struct client *client)
{
    char token[FORM_TOKEN_BYTES], body[128];
    struct reply reply = client_get(client, "/terms");
    reply_form_token(&reply, token);
    (void)snprintf(body, sizeof body, "form_token=%s&agree=yes", token);
    reply = client_post(client, "/terms", body);
    return reply.status == 303;
}

static bool sign_in_once(const struct site *site, int server, int person, struct client *client)
{
    const struct user *who = &site->users[person];
    char token[FORM_TOKEN_BYTES], code[CODE_BYTES], body[512];
    struct reply page = client_get(client, "/sign-in");
    reply_form_token(&page, token);
    (void)snprintf(body, sizeof body, "form_token=%s&user_name=%s&password=%s", token, who->user_name,
                   who->password);
    struct reply reply = client_post(client, "/sign-in", body);
    if (reply.status != 303 || !fresh_code(site, server, person, code))
        return false;
    page = client_get(client, "/sign-in/code");
    reply_form_token(&page, token);
    (void)snprintf(body, sizeof body, "form_token=%s&pin=%s&code=%s&role=practitioner", token, who->pin,
                   code);
    reply = client_post(client, "/sign-in/code", body);
    if (reply.status == 303 && strcmp(reply.location, "/terms") == 0)
        return accept_terms(client);
    return reply.status == 303 && strcmp(reply.location, "/find") == 0;
}

bool site_sign_in(const struct site *site, int server, int person, struct client *client)
{
    /* A code holds for the half minute in which it is typed: one that was over meanwhile is typed anew. */
    return sign_in_once(site, server, person, client) || sign_in_once(site, server, person, client);
}

int64_t site_count(const struct site *site, const char *sql)
{
    return engine_number(site->db_path, sql);
}
