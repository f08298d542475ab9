/* pack-sql FOLDER HEADER SOURCE   packs FOLDER/sql and FOLDER/migrations
 * pack-sql FOLDER --schema FILE   writes the schema that results from FOLDER/migrations, and beside it
 *                                 distribution.sql, which says where Citus puts its tables
 *
 * It reads the folders itself, so that a new file needs no reconfiguring, and leaves an output that would not
 * change untouched, so that nothing is compiled again for it. */
#include "pack.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complained;

void complain(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    complained++;
}

int complaints(void)
{
    return complained;
}

static _Noreturn void give_up(const char *path, const char *what)
{
    fprintf(stderr, "pack-sql: %s %s\n", path, what);
    exit(1);
}

void *take(size_t size_bytes)
{
    void *memory = calloc(1, size_bytes);
    if (memory == NULL)
        give_up("memory", "is exhausted");
    return memory;
}

void text_add(struct text *text, const char *piece, size_t len)
{
    if (text->len + len + 1 > text->room) {
        text->room = 2 * (text->len + len + 1);
        text->at = realloc(text->at, text->room);
        if (text->at == NULL)
            give_up("memory", "is exhausted");
    }
    memcpy(text->at + text->len, piece, len);
    text->len += len;
    text->at[text->len] = '\0';
}

void text_print(struct text *text, const char *format, ...)
{
    char *printed = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&printed, format, arguments);
    va_end(arguments);
    if (len < 0)
        give_up("memory", "is exhausted");
    text_add(text, printed, (size_t)len);
    free(printed);
}

/* False where the file does not open. */
static bool read_into(const char *path, struct text *ret_text)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    char piece[4096];
    size_t len;
    text_add(ret_text, "", 0);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        text_add(ret_text, piece, len);
    fclose(file);
    return true;
}

struct text read_file(const char *path)
{
    struct text text = {0};
    if (!read_into(path, &text))
        give_up(path, "cannot be read");
    if (strlen(text.at) != text.len)
        give_up(path, "contains a NUL byte");
    return text;
}

void write_if_changed(const char *path, const struct text *text)
{
    struct text before = {0};
    bool same =
        read_into(path, &before) && before.len == text->len && memcmp(before.at, text->at, text->len) == 0;
    free(before.at);
    if (same)
        return;
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(text->at, 1, text->len, file) != text->len || fclose(file) != 0)
        give_up(path, "cannot be written");
}

struct names {
    char *at[FILES_MAX];
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of all *.sql in FOLDER/SUBFOLDER, sorted.  Names that begin with a dot are an editor's. */
static void list(const char *folder, const char *subfolder, struct names *names)
{
    struct text place = {0};
    text_print(&place, "%s/%s", folder, subfolder);
    DIR *open = opendir(place.at);
    if (open == NULL)
        give_up(place.at, "cannot be read");
    const struct dirent *entry;
    while ((entry = readdir(open)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || len < 5 || strcmp(entry->d_name + len - 4, ".sql") != 0)
            continue;
        if (names->count == FILES_MAX)
            give_up(place.at, "has too many files");
        struct text path = {0};
        text_print(&path, "%s/%s", place.at, entry->d_name);
        names->at[names->count++] = path.at;
    }
    closedir(open);
    free(place.at);
    qsort(names->at, names->count, sizeof names->at[0], by_name);
}

static int by_block(const void *a, const void *b)
{
    const struct block *first = *(struct block *const *)a;
    const struct block *second = *(struct block *const *)b;
    int order = strcmp(first->name, second->name);
    return order != 0 ? order : (int)first->only - (int)second->only;
}

static bool same_fields(const struct fields *a, const struct fields *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct field *first = &a->at[i];
        const struct field *second = &b->at[i];
        if (strcmp(first->name, second->name) != 0 || first->kind != second->kind ||
            first->nullable != second->nullable)
            return false;
    }
    return true;
}

static void check_twins(const struct block *first, const struct block *second)
{
    if (first->only != ENGINE_SQLITE || second->only != ENGINE_POSTGRES)
        complain(second->file, second->line, "`%s` stands already at %s:%d", second->name, first->file,
                 first->line);
    else if (!same_fields(&first->binds, &second->binds) || !same_fields(&first->gives, &second->gives))
        complain(second->file, second->line, "`%s` binds or gives something else than its twin at %s:%d",
                 second->name, first->file, first->line);
}

/* A name stands once, or twice as `only: sqlite` and `only: postgres` with the same binds and gives. */
static void check_names(const struct pack *pack)
{
    const struct block *before = NULL;
    for (size_t i = 0; i < pack->block_count; i++) {
        const struct block *block = pack->blocks[i];
        const struct block *next = i + 1 < pack->block_count ? pack->blocks[i + 1] : NULL;
        bool has_twin = (before != NULL && strcmp(before->name, block->name) == 0) ||
                        (next != NULL && strcmp(next->name, block->name) == 0);
        if (before != NULL && strcmp(before->name, block->name) == 0)
            check_twins(before, block);
        if (block->only != ENGINE_BOTH && !has_twin)
            complain(block->file, block->line,
                     "`%s` is for one engine only: its twin for the other is missing", block->name);
        before = block;
    }
}

static void read_folder(const char *folder, struct pack *pack)
{
    struct names migrations = {0};
    struct names statements = {0};
    list(folder, "migrations", &migrations);
    list(folder, "sql", &statements);
    for (size_t i = 0; i < migrations.count; i++)
        parse_migration(pack, migrations.at[i]);
    for (size_t i = 0; i < statements.count; i++)
        parse_statements(pack, statements.at[i]);
    qsort(pack->blocks, pack->block_count, sizeof pack->blocks[0], by_block);
    check_names(pack);
}

/* What can only be said of all files together. */
static void check(struct pack *pack, const char *folder)
{
    struct text groups = {0};
    struct sqlite3 *db = schema_make(pack);
    text_print(&groups, "%s/groups.def", folder);
    if (complaints() > 0)
        return;
    parse_groups(pack, groups.at);
    check_placement(pack, db);
    verify(pack, db);
    for (size_t i = 0; i < pack->block_count; i++) {
        check_portable(pack, pack->blocks[i]);
        check_reach(pack, pack->blocks[i]);
        make_bulk(pack, pack->blocks[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: pack-sql FOLDER HEADER SOURCE | pack-sql FOLDER --schema FILE\n");
        return 2;
    }
    static struct pack pack;
    struct text first = {0};
    struct text second = {0};
    read_folder(argv[1], &pack);
    if (complaints() == 0)
        check(&pack, argv[1]);
    if (complaints() > 0)
        return 1;
    if (strcmp(argv[2], "--schema") == 0) {
        const char *slash = strrchr(argv[3], '/');
        struct text path = {0};
        text_print(&path, "%.*sdistribution.sql", slash == NULL ? 0 : (int)(slash + 1 - argv[3]), argv[3]);
        print_distribution(&pack, &first);
        print_schema(&pack, &second);
        write_if_changed(path.at, &first);
    } else {
        emit_header(&pack, &first);
        emit_source(&pack, &second);
        write_if_changed(argv[2], &first);
    }
    write_if_changed(argv[3], &second);
    return 0;
}
