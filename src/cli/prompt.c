#include "cli/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Byte by byte: a secret stays out of stdio's buffers, and what follows stays for the next question. */
static enum fault read_line(char line[PROMPT_BYTES_MAX], size_t *ret_len)
{
    size_t len = 0;
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 && len == 0)
            return fault_note(FAULT_INVALID, "the input ended before every question was answered");
        if (got <= 0 || c == '\n')
            break;
        if (len == PROMPT_BYTES_MAX)
            return fault_note(FAULT_INVALID, "an answer is longer than 1024 bytes");
        line[len++] = c;
    }
    *ret_len = len > 0 && line[len - 1] == '\r' ? len - 1 : len;
    return FAULT_NONE;
}

static enum fault answer(struct arena *arena, struct str *ret_answer)
{
    char line[PROMPT_BYTES_MAX];
    size_t len = 0;
    enum fault fault;
    TRY(read_line(line, &len));
    if (!str_is_utf8((struct str){line, len})) {
        fault = fault_note(FAULT_INVALID, "an answer is not UTF-8");
        goto done;
    }
    TRY(arena_copy(arena, (struct str){line, len}, ret_answer));
done:
    explicit_bzero(line, sizeof line);
    return fault;
}

enum fault prompt_text(const char *label, struct arena *arena, struct str *ret_answer)
{
    if (isatty(STDIN_FILENO) != 0)
        (void)fprintf(stderr, "%s: ", label);
    return answer(arena, ret_answer);
}

/* Signals wait until the terminal echoes again. */
enum fault prompt_secret(const char *label, struct arena *arena, struct str *ret_answer)
{
    struct termios kept, silent;
    sigset_t held, before;
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &kept) != 0)
        return answer(arena, ret_answer);
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGINT);
    (void)sigaddset(&held, SIGTERM);
    (void)sigaddset(&held, SIGQUIT);
    (void)sigaddset(&held, SIGTSTP);
    (void)sigprocmask(SIG_BLOCK, &held, &before);
    (void)fprintf(stderr, "%s: ", label);
    silent = kept;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    enum fault fault = answer(arena, ret_answer);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &kept);
    (void)fprintf(stderr, "\n");
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return fault;
}
