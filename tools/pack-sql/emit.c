/* Writes the C tables. */
#include "pack.h"

#include <string.h>

static const char notice[] = "/* Made by pack-sql from src/store/sql and src/store/migrations. */\n";

static void emit_names(struct text *out, const char *noun, const struct block *block,
                       const struct fields *fields)
{
    text_print(out, "enum { ");
    for (size_t i = 0; i < fields->count; i++)
        text_print(out, "%s_%s_%s, ", noun, block->name, fields->at[i].name);
    text_print(out, "%sS_%s%s };\n", noun, block->name, fields->count == 0 ? " = 0" : "");
}

/* Of twins (one for each engine), the first stands for both. */
static bool is_second_twin(const struct pack *pack, size_t index)
{
    return index > 0 && strcmp(pack->blocks[index - 1]->name, pack->blocks[index]->name) == 0;
}

void emit_header(const struct pack *pack, struct text *out)
{
    text_print(out, "%s#ifndef STORE_SQL_H\n#define STORE_SQL_H\n\nenum statement {\n    SQL_NONE = 0,\n",
               notice);
    for (size_t i = 0; i < pack->block_count; i++) {
        if (!is_second_twin(pack, i))
            text_print(out, "    SQL_%s,\n", pack->blocks[i]->name);
    }
    text_print(out, "    STATEMENTS_END\n};\n\n");
    for (size_t i = 0; i < pack->block_count; i++) {
        if (is_second_twin(pack, i))
            continue;
        emit_names(out, "BIND", pack->blocks[i], &pack->blocks[i]->binds);
        emit_names(out, "GIVE", pack->blocks[i], &pack->blocks[i]->gives);
    }
    text_print(out, "\n#endif\n");
}

/* A C string literal, one line of source for each line of text; NULL gives NULL. */
static void emit_string(struct text *out, const char *text)
{
    if (text == NULL) {
        text_print(out, "NULL");
        return;
    }
    text_print(out, "\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n')
            text_print(out, "\\n\"\n    \"");
        else if (*c == '"' || *c == '\\')
            text_print(out, "\\%c", *c);
        else
            text_print(out, "%c", *c);
    }
    text_print(out, "\"");
}

static void emit_fields(struct text *out, const char *noun, const char *name, const struct fields *fields)
{
    static const char *const kinds[] = {
        [KIND_INT] = "VALUE_INT", [KIND_BYTES] = "VALUE_BYTES", [KIND_TEXT] = "VALUE_TEXT"};
    if (fields->count == 0)
        return;
    text_print(out, "static const struct sql_field %s_%s[] = {", noun, name);
    for (size_t i = 0; i < fields->count; i++)
        text_print(out, "{\"%s\", %s, %s}, ", fields->at[i].name, kinds[fields->at[i].kind],
                   fields->at[i].nullable ? "true" : "false");
    text_print(out, "};\n");
}

static void emit_copy(struct text *out, const struct block *block)
{
    static const char *const sources[] = {
        [SOURCE_BIND] = "COPY_BIND", [SOURCE_INT] = "COPY_INT", [SOURCE_NULL] = "COPY_NULL"};
    const struct bulk *bulk = &block->bulk;
    if (bulk->column_count > 0) {
        text_print(out, "static const struct sql_copy_column copy_%s[] = {", block->name);
        for (size_t i = 0; i < bulk->column_count; i++)
            text_print(out, "{%s, %zu, %lld}, ", sources[bulk->columns[i].source], bulk->columns[i].bind,
                       bulk->columns[i].number);
        text_print(out, "};\n");
    }
    if (bulk->piece_count > 0) {
        text_print(out, "static const struct sql_copy_piece copy_%s[] = {\n", block->name);
        for (size_t i = 0; i < bulk->piece_count; i++) {
            text_print(out, "    {");
            emit_string(out, bulk->pieces[i].at);
            text_print(out, ", %zu},\n", bulk->binds[i]);
        }
        text_print(out, "};\n");
    }
}

static void emit_copy_reference(struct text *out, const struct block *block)
{
    const struct bulk *bulk = &block->bulk;
    emit_string(out, bulk->copy_in.at);
    if (bulk->column_count > 0)
        text_print(out, ", copy_%s, %zu, NULL, 0", block->name, bulk->column_count);
    else if (bulk->piece_count > 0)
        text_print(out, ", NULL, 0, copy_%s, %zu", block->name, bulk->piece_count);
    else
        text_print(out, ", NULL, 0, NULL, 0");
}

static void emit_reference(struct text *out, const char *noun, const struct block *block,
                           const struct fields *fields)
{
    if (fields->count == 0)
        text_print(out, "NULL, 0");
    else
        text_print(out, "%s_%s, %zu", noun, block->name, fields->count);
}

static void emit_statement(struct text *out, const struct block *block, const struct block *twin)
{
    const struct block *sqlite = block->only == ENGINE_POSTGRES ? twin : block;
    const struct block *postgres = block->only == ENGINE_SQLITE ? twin : block;
    text_print(out, "    [SQL_%s] = {\"%s\",\n    ", block->name, block->name);
    emit_string(out, sqlite == NULL ? NULL : sqlite->sqlite.at);
    text_print(out, ",\n    ");
    emit_string(out, postgres == NULL ? NULL : postgres->postgres.at);
    text_print(out, ",\n    ");
    emit_reference(out, "binds", block, &block->binds);
    text_print(out, ", ");
    emit_reference(out, "gives", block, &block->gives);
    text_print(out, ",\n    ");
    emit_copy_reference(out, block);
    text_print(out, "},\n");
}

static void emit_statements(const struct pack *pack, struct text *out)
{
    for (size_t i = 0; i < pack->block_count; i++) {
        if (is_second_twin(pack, i))
            continue;
        emit_fields(out, "binds", pack->blocks[i]->name, &pack->blocks[i]->binds);
        emit_fields(out, "gives", pack->blocks[i]->name, &pack->blocks[i]->gives);
        emit_copy(out, pack->blocks[i]);
    }
    text_print(out, "\nconst struct sql_statement sql_statements[STATEMENTS_END] = {\n    [SQL_NONE] = "
                    "{.name = \"\"},\n");
    for (size_t i = 0; i < pack->block_count; i++) {
        bool twins = i + 1 < pack->block_count && is_second_twin(pack, i + 1);
        if (!is_second_twin(pack, i))
            emit_statement(out, pack->blocks[i], twins ? pack->blocks[i + 1] : NULL);
    }
    text_print(out, "};\n\n");
}

static void emit_tables(const struct pack *pack, struct text *out)
{
    for (size_t i = 0; i < pack->table_count; i++) {
        const struct table *table = pack->tables[i];
        emit_fields(out, "columns", table->name, &table->columns);
        text_print(out, "static const size_t key_%s[] = {", table->name);
        for (size_t j = 0; j < table->key.count; j++)
            text_print(out, "%zu, ", table->key.at[j]);
        text_print(out, "};\n");
    }
    text_print(out, "\nconst struct sql_table sql_tables[] = {\n");
    for (size_t i = 0; i < pack->table_count; i++) {
        const struct table *table = pack->tables[i];
        text_print(out, "    {\"%s\", columns_%s, %zu, key_%s, %zu},\n", table->name, table->name,
                   table->columns.count, table->name, table->key.count);
    }
    text_print(out, "};\nconst size_t sql_table_count = %zu;\n\n", pack->table_count);
}

void emit_source(const struct pack *pack, struct text *out)
{
    text_print(out, "%s#include \"store/statement.h\"\n\n", notice);
    emit_statements(pack, out);
    emit_tables(pack, out);
    text_print(out, "const struct sql_migration sql_migrations[] = {\n");
    for (size_t i = 0; i < pack->migration_count; i++) {
        const struct migration *migration = pack->migrations[i];
        text_print(out, "    {%d,\n    ", migration->number);
        emit_string(out, migration->source.at);
        text_print(out, ",\n    ");
        emit_string(out, migration->sqlite.at);
        text_print(out, ",\n    ");
        emit_string(out, migration->postgres.at);
        text_print(out, "},\n");
    }
    text_print(out, "};\nconst size_t sql_migration_count = %zu;\n", pack->migration_count);
}
