/* The body of a template as C. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "program.h"

enum frame_kind { FRAME_IF = 1, FRAME_LOOP, FRAME_BLOCK };

/* A section or block that is open. */
struct frame {
    enum frame_kind kind;
    char name[NAME_BYTES];
    const struct structure *row; /* FRAME_LOOP */
    struct html html;            /* as it began */
    bool at_line_start;
    int number; /* of its C variables */
};

struct emitter {
    FILE *out;
    struct program *program;
    const struct template *template;
    struct cursor cursor;
    struct html html;
    struct frame frames[DEPTH_MAX];
    int depth;
    int numbers;
    bool in_text;       /* a string literal is open */
    bool at_line_start; /* further white space would say nothing */
};

static void emit(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void emit(struct emitter *e, const char *format, ...)
{
    if (e->in_text)
        fputs("\"));\n", e->out);
    e->in_text = false;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(e->out, format, arguments);
    va_end(arguments);
}

static void put_escaped(FILE *out, char c)
{
    if (c == '\n')
        fputs("\\n", out);
    else {
        if (c == '"' || c == '\\')
            fputc('\\', out);
        fputc(c, out);
    }
}

static void emit_static(struct emitter *e, char c)
{
    bool in_value = e->html.position == POSITION_VALUE;
    if ((unsigned char)c < ' ' && c != '\n')
        fail(&e->cursor, "a control character stands here; indent with spaces");
    html_step(&e->html, &e->cursor, c);
    if (e->at_line_start && !in_value && isspace((unsigned char)c))
        return;
    if (!e->in_text)
        fputs("    buffer_put(b, STR(\"", e->out);
    else if (e->at_line_start)
        fputs("\"\n                      \"", e->out);
    e->in_text = true;
    put_escaped(e->out, c);
    e->at_line_start = c == '\n';
}

/* Finds a slot by name, innermost row first, and writes the C expression that reads it. */
static const struct slot *resolve(struct emitter *e, const char *name, char expression[TAG_BYTES])
{
    for (int i = e->depth - 1; i >= 0; i--) {
        const struct frame *frame = &e->frames[i];
        const struct slot *slot = frame->kind == FRAME_LOOP ? find_slot(frame->row, name) : NULL;
        if (slot != NULL) {
            snprintf(expression, TAG_BYTES, "r%d->%s", frame->number, name);
            return slot;
        }
    }
    const struct slot *slot = find_slot(e->template->structure, name);
    if (slot == NULL)
        fail(&e->cursor, "slot %s is not declared", name);
    snprintf(expression, TAG_BYTES, "t->%s", name);
    return slot;
}

static void expect_close(struct emitter *e)
{
    if (!take(&e->cursor, "}}"))
        fail(&e->cursor, "}} should stand here");
}

static void emit_value(struct emitter *e)
{
    char name[NAME_BYTES], expression[TAG_BYTES];
    take_name(&e->cursor, name);
    const struct slot *slot = resolve(e, name, expression);
    if (slot->type != SLOT_TEXT && slot->type != SLOT_TOKEN && slot->type != SLOT_PATH)
        fail(&e->cursor, "slot %s is no text, token or path", name);
    html_value(&e->html, &e->cursor, slot);
    bool in_value = e->html.position == POSITION_VALUE;
    const char *put = "template_put_text";
    if (slot->type == SLOT_PATH)
        put = "template_put_path";
    else if (in_value && html_in_url(&e->html))
        put = "template_put_token";
    else if (in_value)
        put = "template_put_attribute";
    emit(e, "    %s(b, %s);\n", put, expression);
    e->at_line_start = false;
    expect_close(e);
}

static struct frame *push(struct emitter *e, enum frame_kind kind, const char *name)
{
    if (e->depth == DEPTH_MAX)
        fail(&e->cursor, "sections are nested deeper than %d", DEPTH_MAX);
    html_settle(&e->html);
    struct frame *frame = &e->frames[e->depth++];
    *frame = (struct frame){.kind = kind, .html = e->html, .at_line_start = e->at_line_start};
    snprintf(frame->name, sizeof frame->name, "%s", name);
    frame->number = ++e->numbers;
    return frame;
}

static void emit_loop(struct emitter *e, const struct slot *slot, const char *expression)
{
    struct frame *frame = push(e, FRAME_LOOP, slot->name);
    frame->row = find_structure(e->program, slot->of);
    int n = frame->number;
    emit(e, "    for (size_t i%d = 0; i%d < %s_count; i%d++) {\n", n, n, expression, n);
    emit(e, "    const struct %s *r%d = &%s[i%d];\n    (void)r%d;\n", slot->of, n, expression, n, n);
}

static void emit_section(struct emitter *e, bool inverted)
{
    char name[NAME_BYTES], expression[TAG_BYTES];
    take_name(&e->cursor, name);
    const struct slot *slot = resolve(e, name, expression);
    expect_close(e);
    if (slot->type == SLOT_LIST && !inverted) {
        emit_loop(e, slot, expression);
        return;
    }
    push(e, FRAME_IF, name);
    const char *suffix = "";
    if (slot->type == SLOT_LIST)
        suffix = "_count > 0";
    else if (slot->type == SLOT_TEXT || slot->type == SLOT_TOKEN)
        suffix = ".len > 0";
    else if (slot->type == SLOT_PATH)
        suffix = ".text.len > 0";
    else if (slot->type == SLOT_PART)
        suffix = " != NULL";
    emit(e, inverted ? "    if (!(%s%s)) {\n" : "    if (%s%s) {\n", expression, suffix);
}

static void emit_end(struct emitter *e)
{
    char name[NAME_BYTES];
    take_name(&e->cursor, name);
    expect_close(e);
    if (e->depth == 0)
        fail(&e->cursor, "nothing is open that {{/%s}} could end", name);
    struct frame *frame = &e->frames[--e->depth];
    if (strcmp(frame->name, name) != 0)
        fail(&e->cursor, "{{/%s}} stands where {{/%s}} should", name, frame->name);
    html_settle(&e->html);
    if (!html_equal(&e->html, &frame->html))
        fail(&e->cursor, "section %s ends at another place of the HTML than it began", name);
    if (frame->kind == FRAME_BLOCK)
        emit(e, "    template_%s_end(b, &block%d);\n", name, frame->number);
    emit(e, "    }\n");
    e->at_line_start = e->at_line_start && frame->at_line_start;
}

static bool literal_fits(enum slot_type type, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool word = isalnum((unsigned char)text[i]) || text[i] == '-' || text[i] == '_';
        if (type == SLOT_TOKEN && !word)
            return false;
        if (type == SLOT_PATH && !word && strchr("/#.?=", text[i]) == NULL)
            return false;
        if ((unsigned char)text[i] < ' ')
            return false;
    }
    return type != SLOT_PATH ||
           (len > 0 && (text[0] == '#' || (text[0] == '/' && (len == 1 || text[1] != '/'))));
}

static void emit_literal(struct emitter *e, const struct slot *slot)
{
    if (slot->type != SLOT_TEXT && slot->type != SLOT_TOKEN && slot->type != SLOT_PATH)
        fail(&e->cursor, "slot %s takes no literal", slot->name);
    size_t len = strcspn(e->cursor.at, "\"\n");
    if (e->cursor.at[len] != '"')
        fail(&e->cursor, "a literal is not closed on its line");
    if (!literal_fits(slot->type, e->cursor.at, len))
        fail(&e->cursor, "the literal does not fit slot %s", slot->name);
    emit(e, slot->type == SLOT_PATH ? "{STR(\"" : "STR(\"");
    for (size_t i = 0; i < len; i++)
        put_escaped(e->out, e->cursor.at[i]);
    emit(e, slot->type == SLOT_PATH ? "\")}" : "\")");
    e->cursor.at += len + 1;
}

static void emit_argument(struct emitter *e, const struct structure *structure)
{
    char name[NAME_BYTES], value[NAME_BYTES], expression[TAG_BYTES];
    take_name(&e->cursor, name);
    const struct slot *slot = find_slot(structure, name);
    if (slot == NULL)
        fail(&e->cursor, "%s has no slot %s", structure->tag, name);
    emit(e, ".%s = ", name);
    if (!take(&e->cursor, "=")) {
        if (slot->type != SLOT_FLAG)
            fail(&e->cursor, "slot %s is no flag and needs a value", name);
        emit(e, "true, ");
        return;
    }
    if (take(&e->cursor, "\"")) {
        emit_literal(e, slot);
    } else {
        take_name(&e->cursor, value);
        const struct slot *given = resolve(e, value, expression);
        bool fits = given->type == slot->type || (given->type == SLOT_TOKEN && slot->type == SLOT_TEXT);
        if (!fits || strcmp(given->of, slot->of) != 0)
            fail(&e->cursor, "slot %s does not fit slot %s of %s", value, name, structure->tag);
        emit(e, "%s", expression);
        if (slot->type == SLOT_LIST)
            emit(e, ", .%s_count = %s_count", name, expression);
    }
    emit(e, ", ");
}

static void emit_arguments(struct emitter *e, const struct structure *structure)
{
    emit(e, "{");
    while (!take(&e->cursor, "}}"))
        emit_argument(e, structure);
    emit(e, "}");
}

static const struct template *take_template(struct emitter *e)
{
    char name[NAME_BYTES];
    if (e->html.position != POSITION_TEXT)
        fail(&e->cursor, "another template can only stand between elements");
    take_name(&e->cursor, name);
    const struct template *part = find_template(e->program, name);
    if (part == NULL)
        fail(&e->cursor, "there is no template %s", name);
    return part;
}

/* Calls the template `name`, whose argument is `argument`; one with {{content}} is two functions. */
static void emit_call(struct emitter *e, const struct template *part)
{
    const struct structure *structure = part->structure;
    emit(e, "    {\n    const struct %s part = ", structure->tag);
    emit_arguments(e, structure);
    emit(e, ";\n");
    if (part->has_content)
        emit(e, "    template_%s_begin(b, &part);\n    template_%s_end(b, &part);\n    }\n", part->name,
             part->name);
    else
        emit(e, "    template_%s(b, &part);\n    }\n", part->name);
}

static void emit_part(struct emitter *e)
{
    char name[NAME_BYTES], expression[TAG_BYTES];
    e->at_line_start = false;
    if (!take(&e->cursor, "@")) {
        emit_call(e, take_template(e));
        return;
    }
    take_name(&e->cursor, name);
    const struct slot *slot = resolve(e, name, expression);
    if (slot->type != SLOT_PART)
        fail(&e->cursor, "slot %s is no part", name);
    if (e->html.position != POSITION_TEXT)
        fail(&e->cursor, "another template can only stand between elements");
    const struct template *part = find_template(e->program, slot->of + strlen("template_"));
    if (part == NULL || part->has_content)
        fail(&e->cursor, "slot %s: a part is a whole template without {{content}}", name);
    expect_close(e);
    emit(e, "    if (%s != NULL)\n        %s(b, %s);\n", expression, slot->of, expression);
}

static void emit_block(struct emitter *e)
{
    const struct template *part = take_template(e);
    if (!part->has_content)
        fail(&e->cursor, "template %s has no {{content}}", part->name);
    /* The arguments see what is outside the block. */
    emit(e, "    {\n    const struct %s block%d = ", part->structure->tag, e->numbers + 1);
    emit_arguments(e, part->structure);
    emit(e, ";\n");
    struct frame *frame = push(e, FRAME_BLOCK, part->name);
    emit(e, "    template_%s_begin(b, &block%d);\n", part->name, frame->number);
    e->at_line_start = false;
}

static void emit_content(struct emitter *e)
{
    if (e->depth > 0 || e->html.position != POSITION_TEXT)
        fail(&e->cursor, "{{content}} can only stand between elements and outside sections");
    emit(e,
         "}\n\nvoid template_%s_end(struct buffer *b, const struct %s *t)\n{\n    (void)b;\n    (void)t;\n",
         e->template->name, e->template->structure->tag);
    e->at_line_start = false;
}

static void skip_comment(struct emitter *e)
{
    const char *end = strstr(e->cursor.at, "}}");
    if (end == NULL)
        fail(&e->cursor, "a comment is not closed");
    for (; e->cursor.at < end; e->cursor.at++)
        e->cursor.line += *e->cursor.at == '\n';
    e->cursor.at = end + 2;
}

static void emit_tag(struct emitter *e)
{
    struct cursor *cursor = &e->cursor;
    if (*cursor->at == '{' || *cursor->at == '&')
        fail(cursor, "there is no raw slot: every value is escaped");
    if (take(cursor, "content}}"))
        emit_content(e);
    else if (take(cursor, "#"))
        emit_section(e, false);
    else if (take(cursor, "^"))
        emit_section(e, true);
    else if (take(cursor, "/"))
        emit_end(e);
    else if (take(cursor, ">"))
        emit_part(e);
    else if (take(cursor, "<"))
        emit_block(e);
    else if (take(cursor, "!"))
        skip_comment(e);
    else
        emit_value(e);
}

static void emit_template(struct program *program, const struct template *template, FILE *out)
{
    struct emitter e = {.out = out, .program = program, .template = template, .at_line_start = true};
    e.cursor = (struct cursor){template->file, template->body, template->body_line};
    e.html.position = POSITION_TEXT;
    emit(&e, "void template_%s%s(struct buffer *b, const struct %s *t)\n{\n    (void)b;\n    (void)t;\n",
         template->name, template->has_content ? "_begin" : "", template->structure->tag);
    while (*e.cursor.at != '\0') {
        if (take_exactly(&e.cursor, "{{")) {
            emit_tag(&e);
        } else {
            emit_static(&e, *e.cursor.at);
            e.cursor.line += *e.cursor.at == '\n';
            e.cursor.at++;
        }
    }
    if (e.depth > 0)
        fail(&e.cursor, "section %s is not closed", e.frames[e.depth - 1].name);
    if (e.html.position != POSITION_TEXT)
        fail(&e.cursor, "the template ends inside a tag");
    emit(&e, "}\n\n");
}

void emit_source(struct program *program, FILE *out)
{
    fputs("/* Made by tools/compile-templates. */\n#include \"web/templates.h\"\n\n#include "
          "\"web/template.h\"\n\n",
          out);
    for (int i = 0; i < program->template_count; i++)
        emit_template(program, &program->templates[i], out);
}

static void emit_slot(FILE *out, const struct slot *slot)
{
    switch (slot->type) {
    case SLOT_TEXT:
    case SLOT_TOKEN:
        fprintf(out, "    struct str %s;\n", slot->name);
        break;
    case SLOT_PATH:
        fprintf(out, "    struct template_path %s;\n", slot->name);
        break;
    case SLOT_FLAG:
        fprintf(out, "    bool %s;\n", slot->name);
        break;
    case SLOT_LIST:
        fprintf(out, "    const struct %s *%s;\n    size_t %s_count;\n", slot->of, slot->name, slot->name);
        break;
    case SLOT_PART:
        fprintf(out, "    const struct %s *%s;\n", slot->of, slot->name);
        break;
    }
}

void emit_header(struct program *program, FILE *out)
{
    fputs("/* Made by tools/compile-templates. */\n#ifndef TEMPLATES_H\n#define TEMPLATES_H\n\n"
          "#include \"web/template.h\"\n\n",
          out);
    for (int i = 0; i < program->structure_count; i++) {
        const struct structure *structure = &program->structures[i];
        fprintf(out, "struct %s {\n", structure->tag);
        for (int j = 0; j < structure->slot_count; j++)
            emit_slot(out, &structure->slots[j]);
        fputs(structure->slot_count == 0 ? "    bool none; /* it has no slots */\n};\n\n" : "};\n\n", out);
    }
    for (int i = 0; i < program->template_count; i++) {
        const struct template *template = &program->templates[i];
        const char *suffix = template->has_content ? "_begin" : "";
        fprintf(out, "void template_%s%s(struct buffer *b, const struct template_%s *t);\n", template->name,
                suffix, template->name);
        if (template->has_content)
            fprintf(out, "void template_%s_end(struct buffer *b, const struct template_%s *t);\n",
                    template->name, template->name);
    }
    fputs("\n#endif\n", out);
}
