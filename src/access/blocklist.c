#include "access/password.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS_BYTES_MAX = 64 * 1024 * 1024 };

static const struct str own_words[] = {
#define WORD(text) {text, sizeof(text) - 1},
#include "access/blocklist.def"
#undef WORD
};
enum { OWN_WORDS = sizeof own_words / sizeof own_words[0] };

struct blocklist {
    char *text;
    size_t text_len;
    struct str *words; /* sorted */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static enum fault read_whole(int file, size_t size_bytes, struct blocklist *blocklist)
{
    blocklist->text = malloc(size_bytes + 1);
    if (blocklist->text == NULL)
        return FAULT_MEMORY;
    while (blocklist->text_len < size_bytes) {
        ssize_t got = read(file, blocklist->text + blocklist->text_len, size_bytes - blocklist->text_len);
        if (got < 0)
            return fault_note(FAULT_STORAGE, "the list of forbidden passwords could not be read");
        if (got == 0)
            break;
        blocklist->text_len += (size_t)got;
    }
    return FAULT_NONE;
}

/* A machine without the file still has our own list. */
static enum fault read_words(const char *path, struct blocklist *blocklist)
{
    enum fault fault = FAULT_NONE;
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return FAULT_NONE;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        fault = fault_note(FAULT_STORAGE, "the list of forbidden passwords is not a file");
        goto done;
    }
    if (about.st_size > WORDS_BYTES_MAX) {
        fault = fault_note(FAULT_TOO_LARGE, "the list of forbidden passwords is too large");
        goto done;
    }
    TRY(read_whole(file, (size_t)about.st_size, blocklist));
done:
    (void)close(file);
    return fault;
}

static size_t count_lines(struct str text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n' ? 1 : 0;
    return lines;
}

static enum fault index_words(struct blocklist *blocklist)
{
    struct str rest = {blocklist->text, blocklist->text_len};
    struct str line;
    blocklist->words = calloc(OWN_WORDS + count_lines(rest), sizeof *blocklist->words);
    if (blocklist->words == NULL)
        return FAULT_MEMORY;
    memcpy(blocklist->words, own_words, sizeof own_words);
    blocklist->count = OWN_WORDS;
    while (rest.at != NULL && str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.len > 0)
            blocklist->words[blocklist->count++] = line;
    }
    qsort(blocklist->words, blocklist->count, sizeof *blocklist->words, compare);
    return FAULT_NONE;
}

enum fault blocklist_open(const char *words_path, struct blocklist **ret_blocklist)
{
    enum fault fault;
    struct blocklist *blocklist = calloc(1, sizeof *blocklist);
    if (blocklist == NULL)
        return FAULT_MEMORY;
    TRY(read_words(words_path, blocklist));
    TRY(index_words(blocklist));
    *ret_blocklist = blocklist;
    blocklist = NULL;
done:
    blocklist_close(blocklist);
    return fault;
}

void blocklist_close(struct blocklist *blocklist)
{
    if (blocklist == NULL)
        return;
    free(blocklist->words);
    free(blocklist->text);
    free(blocklist);
}

bool blocklist_has(const struct blocklist *blocklist, struct str folded)
{
    return bsearch(&folded, blocklist->words, blocklist->count, sizeof *blocklist->words, compare) != NULL;
}
