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

static void put_schema(struct buffer *buffer)
{
    buffer_put(buffer, STR("column,kind,longest,rows,help\n"));
    for (size_t i = 0; i < sizeof layout / sizeof layout[0]; i++) {
        for (int c = 0; c < 5; c++)
            csv_put(buffer, str_of(layout[i][c]), c == 0);
        buffer_put_char(buffer, '\n');
    }
}

static int compare(const struct buffer *buffer, const char *folder)
{
    char path[4096];
    char piece[32768];
    int len = snprintf(path, sizeof path, "%s/feeds.schema.csv", folder);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "docs/feeds.schema.csv cannot be read\n");
        return 1;
    }
    size_t got = fread(piece, 1, sizeof piece, file);
    fclose(file);
    if (str_equal(buffer_str(buffer), (struct str){piece, got}))
        return 0;
    fprintf(stderr,
            "docs/feeds.schema.csv differs from src/registry/layout.def: write it anew with `print`\n");
    return 1;
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
