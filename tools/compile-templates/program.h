/* Compiles page templates, a Mustache subset, to C (architecture.md §10): every slot is declared with its
 * type and escaped by its position, there is no raw slot, and what is not declared does not compile.
 *
 * A template file begins with its slots, comma separated, name before type:
 *
 *     {{! slots: title text, id token, next path, open flag, rows list(name text, path path), note
 * part(details) }}
 *
 *     text    struct str from anywhere: escaped
 *     token   struct str of ours, [A-Za-z0-9_-]: may stand in a URL attribute behind other text
 *     path    struct template_path made by us: the only slot that may begin a URL attribute
 *     flag    bool
 *     list    pointer and count of rows; list(of table.rows) shares the row of another template
 *     part    pointer to another template's struct, or NULL
 *
 * In the body:
 *
 *     {{slot}}                          the value, escaped
 *     {{#slot}} … {{/slot}}             for each row, or where the value is not empty; rows see the outer
 * slots too
 *     {{^slot}} … {{/slot}}             where it is empty
 *     {{> part slot="text" slot=slot slot}}      another template, filled here; a bare name sets a flag
 *     {{> @slot}}                       a slot of type part
 *     {{< part … }} … {{/part}}         another template around this content, which stands at its {{content}}
 *     {{! comment }} */
#ifndef COMPILE_TEMPLATES_PROGRAM_H
#define COMPILE_TEMPLATES_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    NAME_BYTES = 64,
    TAG_BYTES = 192,
    SLOTS_MAX = 40,
    STRUCTS_MAX = 256,
    TEMPLATES_MAX = 96,
    DEPTH_MAX = 12,
    TEMPLATE_BYTES_MAX = 64 * 1024,
};

enum slot_type { SLOT_TEXT = 1, SLOT_TOKEN, SLOT_PATH, SLOT_FLAG, SLOT_LIST, SLOT_PART };

struct slot {
    char name[NAME_BYTES];
    enum slot_type type;
    char of[TAG_BYTES]; /* list: the struct of a row; part: the struct of its template */
};

/* A C struct: of a template, or of a row of one of its lists. */
struct structure {
    char tag[TAG_BYTES]; /* "template_table_rows" */
    struct slot slots[SLOTS_MAX];
    int slot_count;
};

struct template
{
    const char *file;
    char name[NAME_BYTES]; /* file name without folder and suffix, - as _ */
    const char *body;
    int body_line;
    struct structure *structure;
    bool has_content;
};

struct program {
    struct template templates[TEMPLATES_MAX];
    int template_count;
    struct structure structures[STRUCTS_MAX];
    int structure_count;
};

/* A place in a template. */
struct cursor {
    const char *file;
    const char *at;
    int line;
};

/* Prints "file:line: message" and ends the program. */
_Noreturn void fail(const struct cursor *cursor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reading: spaces are skipped, lines counted. */
void skip_spaces(struct cursor *cursor);
bool take(struct cursor *cursor, const char *token);
bool take_exactly(struct cursor *cursor, const char *token); /* without skipping spaces */
void take_name(struct cursor *cursor, char name[NAME_BYTES]);

/* Reads the slots at the head of a template and adds it to the program. */
void declare(struct program *program, const char *file, const char *text);

/* Every list and part names a template that exists. */
void check_declarations(const struct program *program);
const struct template *find_template(const struct program *program, const char *name);
struct structure *find_structure(struct program *program, const char *tag);
const struct slot *find_slot(const struct structure *structure, const char *name);

void emit_header(struct program *program, FILE *out);
void emit_source(struct program *program, FILE *out);

#endif
