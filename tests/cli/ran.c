#include "ran.h"

#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const *ran_cut(const char *program, const char *line)
{
    static char text[RAN_LINE_BYTES];
    static const char *words[RAN_WORDS_MAX + 1];
    int count = 0;
    assert_true(strlen(line) < sizeof text);
    (void)snprintf(text, sizeof text, "%s", line);
    words[count++] = program;
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;) {
        if (word[0] == '\0')
            continue;
        assert_true(count < RAN_WORDS_MAX);
        words[count++] = word;
    }
    words[count] = NULL;
    return words;
}

static FILE *scratch(const char *content)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    rewind(file);
    return file;
}

static void join(const char *const *words, char line[RAN_LINE_BYTES])
{
    size_t len = 0;
    line[0] = '\0';
    for (int i = 1; words[i] != NULL && len < RAN_LINE_BYTES; i++)
        len += (size_t)snprintf(line + len, RAN_LINE_BYTES - len, "%s%s", i == 1 ? "" : " ", words[i]);
}

static bool become(const struct passwd *user)
{
    return setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

struct running ran_start(const char *const *words, const char *input, const struct passwd *user)
{
    struct running running = {.out = scratch(""), .err = scratch("")};
    FILE *in = scratch(input == NULL ? "" : input);
    join(words, running.line);
    running.process = fork();
    assert_true(running.process >= 0);
    if (running.process == 0) {
        (void)dup2(fileno(in), STDIN_FILENO);
        (void)dup2(fileno(running.out), STDOUT_FILENO);
        (void)dup2(fileno(running.err), STDERR_FILENO);
        (void)alarm(RAN_SECONDS_MAX);
        if (user != NULL && !become(user))
            _exit(126);
        (void)execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    (void)fclose(in);
    return running;
}

static void slurp(FILE *file, char text[RAN_TEXT_BYTES])
{
    rewind(file);
    text[fread(text, 1, RAN_TEXT_BYTES - 1, file)] = '\0';
    (void)fclose(file);
}

const struct ran *ran_finish(const struct running *running)
{
    static struct ran ran;
    int status;
    assert_int_equal(waitpid(running->process, &status, 0), running->process);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    memcpy(ran.line, running->line, sizeof ran.line);
    slurp(running->out, ran.wrote);
    slurp(running->err, ran.said);
    return &ran;
}

const struct ran *ran_whole(const char *const *words, const char *input)
{
    const struct running running = ran_start(words, input, NULL);
    return ran_finish(&running);
}

void ran_await(const char *path)
{
    for (int i = 0; i < RAN_SECONDS_MAX * 20; i++) {
        if (access(path, F_OK) == 0)
            return;
        (void)usleep(50000);
    }
    fail_msg("%s was not made", path);
}

void ran_assert_done(const struct ran *ran)
{
    if (ran->status != 0)
        fail_msg("%s: exit %d: %s%s", ran->line, ran->status, ran->said, ran->wrote);
}

void ran_assert_refused(const struct ran *ran, const char *says)
{
    const char *message = strstr(ran->said, "contactpoint: ");
    if (ran->status != 1 || message == NULL || strstr(message, says) == NULL)
        fail_msg("%s: exit %d instead of '%s': %s%s", ran->line, ran->status, says, ran->said, ran->wrote);
    const char *end = strchr(message, '\n');
    if (end == NULL || end[1] != '\0')
        fail_msg("%s says more than one line: %s", ran->line, ran->said);
}

void ran_assert_misused(const struct ran *ran)
{
    if (ran->status != 2 || ran->said[0] == '\0' || ran->wrote[0] != '\0')
        fail_msg("%s: exit %d: %s%s", ran->line, ran->status, ran->said, ran->wrote);
}

void assert_says(const char *wrote, const char *says)
{
    assert_non_null(wrote);
    if (strstr(wrote, says) == NULL)
        fail_msg("\"%s\" is not in what was printed:\n%s", says, wrote);
}

void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

const char *get_file(const char *path)
{
    static char text[RAN_TEXT_BYTES];
    FILE *file = fopen(path, "re");
    text[0] = '\0';
    if (file == NULL)
        return text;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    return text;
}
