/* compile-templates TEMPLATES.h TEMPLATES.c FILE.html... */
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* The whole file, NUL-terminated; lives until the program ends. */
static char *read_file(const char *path)
{
    struct cursor cursor = {path, "", 1};
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, TEMPLATE_BYTES_MAX + 2);
    if (file == NULL || text == NULL)
        fail(&cursor, "cannot be read");
    size_t len = fread(text, 1, TEMPLATE_BYTES_MAX + 1, file);
    if (ferror(file) || len > TEMPLATE_BYTES_MAX || memchr(text, '\0', len) != NULL)
        fail(&cursor, "is longer than %d bytes or holds a NUL", TEMPLATE_BYTES_MAX);
    fclose(file);
    return text;
}

static void write_file(const char *path, struct program *program, void (*emit)(struct program *, FILE *))
{
    struct cursor cursor = {path, "", 1};
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        fail(&cursor, "cannot be written");
    emit(program, file);
    if (fclose(file) != 0)
        fail(&cursor, "cannot be written");
}

int main(int argc, char **argv)
{
    static struct program program;
    if (argc < 4) {
        fputs("usage: compile-templates TEMPLATES.h TEMPLATES.c FILE.html...\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc; i++)
        declare(&program, argv[i], read_file(argv[i]));
    check_declarations(&program);
    write_file(argv[1], &program, emit_header);
    write_file(argv[2], &program, emit_source);
    return 0;
}
