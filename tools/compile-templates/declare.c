/* The slots that a template declares. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { ROW_DEPTH_MAX = 4 };

void fail(const struct cursor *cursor, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", cursor->file, cursor->line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void skip_spaces(struct cursor *cursor)
{
    for (; isspace((unsigned char)*cursor->at); cursor->at++)
        cursor->line += *cursor->at == '\n';
}

bool take_exactly(struct cursor *cursor, const char *token)
{
    size_t len = strlen(token);
    if (strncmp(cursor->at, token, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

bool take(struct cursor *cursor, const char *token)
{
    skip_spaces(cursor);
    return take_exactly(cursor, token);
}

void take_name(struct cursor *cursor, char name[NAME_BYTES])
{
    skip_spaces(cursor);
    size_t len = 0;
    while (islower((unsigned char)cursor->at[len]) || isdigit((unsigned char)cursor->at[len]) ||
           cursor->at[len] == '_')
        len++;
    if (len == 0)
        fail(cursor, "a name of lower-case letters, digits and _ should stand here");
    if (len >= NAME_BYTES)
        fail(cursor, "a name is longer than %d characters", NAME_BYTES - 1);
    memcpy(name, cursor->at, len);
    name[len] = '\0';
    cursor->at += len;
}

const struct template *find_template(const struct program *program, const char *name)
{
    for (int i = 0; i < program->template_count; i++)
        if (strcmp(program->templates[i].name, name) == 0)
            return &program->templates[i];
    return NULL;
}

struct structure *find_structure(struct program *program, const char *tag)
{
    for (int i = 0; i < program->structure_count; i++)
        if (strcmp(program->structures[i].tag, tag) == 0)
            return &program->structures[i];
    return NULL;
}

const struct slot *find_slot(const struct structure *structure, const char *name)
{
    for (int i = 0; i < structure->slot_count; i++)
        if (strcmp(structure->slots[i].name, name) == 0)
            return &structure->slots[i];
    return NULL;
}

static struct structure *add_structure(struct program *program, const struct cursor *cursor,
                                       const char *prefix, const char *name)
{
    if (program->structure_count == STRUCTS_MAX)
        fail(cursor, "more than %d structs", STRUCTS_MAX);
    char tag[TAG_BYTES];
    int len = snprintf(tag, sizeof tag, "%s_%s", prefix, name);
    if (len < 0 || len >= TAG_BYTES)
        fail(cursor, "the names of nested lists are too long");
    struct structure *structure = &program->structures[program->structure_count++];
    memcpy(structure->tag, tag, sizeof tag);
    return structure;
}

static void declare_slots(struct program *program, struct cursor *cursor, struct structure *structure,
                          int depth);

/* list(name type, …) or list(of template.list) */
static void declare_list(struct program *program, struct cursor *cursor, struct structure *structure,
                         struct slot *slot, int depth)
{
    if (!take(cursor, "("))
        fail(cursor, "list needs its row in brackets");
    if (take(cursor, "of ")) {
        char template[NAME_BYTES], list[NAME_BYTES];
        take_name(cursor, template);
        if (!take(cursor, "."))
            fail(cursor, "list(of …) needs template.list");
        take_name(cursor, list);
        snprintf(slot->of, sizeof slot->of, "template_%s_%s", template, list);
    } else {
        if (depth == ROW_DEPTH_MAX)
            fail(cursor, "lists are nested deeper than %d", ROW_DEPTH_MAX);
        struct structure *row = add_structure(program, cursor, structure->tag, slot->name);
        memcpy(slot->of, row->tag, sizeof slot->of);
        declare_slots(program, cursor, row, depth + 1);
    }
    if (!take(cursor, ")"))
        fail(cursor, "the bracket of list %s is not closed", slot->name);
}

static void declare_slot(struct program *program, struct cursor *cursor, struct structure *structure,
                         int depth)
{
    static const struct {
        const char *name;
        enum slot_type type;
    } types[] = {{"text", SLOT_TEXT}, {"token", SLOT_TOKEN}, {"path", SLOT_PATH},
                 {"flag", SLOT_FLAG}, {"list", SLOT_LIST},   {"part", SLOT_PART}};
    struct slot slot = {.type = 0};
    char type[NAME_BYTES];
    take_name(cursor, slot.name);
    if (find_slot(structure, slot.name) != NULL)
        fail(cursor, "slot %s is declared twice", slot.name);
    take_name(cursor, type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, type) == 0)
            slot.type = types[i].type;
    if (slot.type == 0)
        fail(cursor, "slot %s has the unknown type %s", slot.name, type);
    if (slot.type == SLOT_LIST)
        declare_list(program, cursor, structure, &slot, depth);
    if (slot.type == SLOT_PART) {
        char part[NAME_BYTES];
        if (!take(cursor, "("))
            fail(cursor, "part needs its template in brackets");
        take_name(cursor, part);
        if (!take(cursor, ")"))
            fail(cursor, "the bracket of part %s is not closed", slot.name);
        snprintf(slot.of, sizeof slot.of, "template_%s", part);
    }
    if (structure->slot_count == SLOTS_MAX)
        fail(cursor, "more than %d slots", SLOTS_MAX);
    structure->slots[structure->slot_count++] = slot;
}

static void declare_slots(struct program *program, struct cursor *cursor, struct structure *structure,
                          int depth)
{
    skip_spaces(cursor);
    if (*cursor->at == '}')
        return;
    do
        declare_slot(program, cursor, structure, depth);
    while (take(cursor, ","));
}

static void name_template(const struct cursor *cursor, const char *file, char name[NAME_BYTES])
{
    const char *base = strrchr(file, '/');
    base = base == NULL ? file : base + 1;
    size_t len = strcspn(base, ".");
    if (len == 0 || len >= NAME_BYTES)
        fail(cursor, "the file's name cannot be a template's name");
    for (size_t i = 0; i < len; i++)
        name[i] = base[i] == '-' ? '_' : base[i];
    name[len] = '\0';
}

void declare(struct program *program, const char *file, const char *text)
{
    struct cursor cursor = {file, text, 1};
    if (program->template_count == TEMPLATES_MAX)
        fail(&cursor, "more than %d templates", TEMPLATES_MAX);
    struct template *template = &program->templates[program->template_count];
    template->file = file;
    name_template(&cursor, file, template->name);
    if (find_template(program, template->name) != NULL)
        fail(&cursor, "there are two templates %s", template->name);
    program->template_count++;
    template->structure = add_structure(program, &cursor, "template", template->name);
    if (!take(&cursor, "{{! slots:"))
        fail(&cursor, "a template begins with {{! slots: … }}");
    declare_slots(program, &cursor, template->structure, 0);
    if (!take(&cursor, "}}"))
        fail(&cursor, "the slots should end with }}");
    skip_spaces(&cursor);
    template->body = cursor.at;
    template->body_line = cursor.line;
    template->has_content = strstr(cursor.at, "{{content}}") != NULL;
}

void check_declarations(const struct program *program)
{
    for (int i = 0; i < program->structure_count; i++) {
        const struct structure *structure = &program->structures[i];
        for (int j = 0; j < structure->slot_count; j++) {
            const struct slot *slot = &structure->slots[j];
            bool known = slot->of[0] == '\0';
            for (int k = 0; k < program->structure_count && !known; k++)
                known = strcmp(program->structures[k].tag, slot->of) == 0;
            if (!known) {
                fprintf(stderr, "struct %s: slot %s needs struct %s, which no template declares\n",
                        structure->tag, slot->name, slot->of);
                exit(1);
            }
        }
    }
}
