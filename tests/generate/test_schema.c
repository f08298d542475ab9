/* docs/feeds.schema.csv says for programs what layout.def says: `check FOLDER` compares, `print` writes it
 * anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

static const char *const layout[][5] = {
#define COLUMN(name, kind, longest, rows, help) {#name, #kind, #longest, #rows, help},
#include "registry/layout.def"
#undef COLUMN
};

static const char *const spoken_of[] = {
#define COLUMN(name, kind, longest, rows, help) "| `" #name "` | " #kind " | " #longest " |",
#include "registry/layout.def"
#undef COLUMN
#define SERVICE(name, label, sensitive) "`" #name "`",
#include "policy/services.def"
#undef SERVICE
#define SOURCE(name, label, body) "`" #name "`",
#include "policy/sources.def"
#undef SOURCE
#define PROBLEM(name, text) "| `" #name "` | " text " |",
#include "registry/problems.def"
#undef PROBLEM
};

static void put_schema(struct buffer *buffer)
{
    buffer_put(buffer, STR("column,kind,longest,rows,help\n"));
    for (size_t i = 0; i < sizeof layout / sizeof layout[0]; i++) {
        for (int c = 0; c < 5; c++)
            csv_put(buffer, str_of(layout[i][c]), c == 0);
        buffer_put_char(buffer, '\n');
    }
}

/* A file of the folder into `piece`, with a NUL behind it; 0 where it cannot be read or is too long. */
static size_t read_file(const char *folder, const char *name, char *piece, size_t room)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL)
        return 0;
    size_t got = fread(piece, 1, room - 1, file);
    fclose(file);
    piece[got] = '\0';
    return got < room - 1 ? got : 0;
}

static int compare(const struct buffer *buffer, const char *folder)
{
    static char piece[65536];
    int result = 0;
    size_t got = read_file(folder, "feeds.schema.csv", piece, sizeof piece);
    if (!str_equal(buffer_str(buffer), (struct str){piece, got})) {
        fprintf(stderr,
                "docs/feeds.schema.csv differs from src/registry/layout.def: write it anew with `print`\n");
        result = 1;
    }
    if (read_file(folder, "feeds.md", piece, sizeof piece) == 0) {
        fprintf(stderr, "docs/feeds.md cannot be read\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof spoken_of / sizeof spoken_of[0]; i++) {
        if (strstr(piece, spoken_of[i]) != NULL)
            continue;
        fprintf(stderr, "docs/feeds.md lacks %s\n", spoken_of[i]);
        result = 1;
    }
    return result;
}

int main(int count, char **arguments)
{
    int result = 2;
    struct buffer buffer = buffer_open(65536);
    put_schema(&buffer);
    if (buffer_fault(&buffer) == FAULT_NONE && count == 2 && strcmp(arguments[1], "print") == 0)
        result = fwrite(buffer.at, 1, buffer.len, stdout) == buffer.len ? 0 : 1;
    else if (buffer_fault(&buffer) == FAULT_NONE && count == 3 && strcmp(arguments[1], "check") == 0)
        result = compare(&buffer, arguments[2]);
    buffer_close(&buffer);
    return result;
}
