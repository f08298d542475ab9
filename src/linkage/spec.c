#include "linkage/spec.h"

#include <string.h>

enum section { SECTION_NONE = 0, SECTION_TABLE, SECTION_COLUMNS };

struct parsing {
    struct linkage_spec *spec;
    struct linkage_error *error;
    enum section section;
    uint32_t line;
};

static const struct {
    const char *word;
    size_t most;
} kinds[LINKAGE_KINDS_END] = {
#define KIND(name, word, most) [LINKAGE_##name] = {word, most},
#include "linkage/kinds.def"
#undef KIND
};

enum fault linkage_error_set(struct linkage_error *error, unsigned file, uint64_t line, struct str word,
                             const char *message)
{
    *error = (struct linkage_error){.message = message, .line = line, .file = file};
    size_t len = 0;
    for (size_t i = 0; i < word.len && len + 1 < sizeof error->word; i++) {
        if (word.at[i] >= ' ' && word.at[i] <= '~')
            error->word[len++] = word.at[i];
    }
    return FAULT_INVALID;
}

static enum fault wrong(const struct parsing *parsing, struct str word, const char *message)
{
    return linkage_error_set(parsing->error, 0, parsing->line, word, message);
}

static bool word_is(struct str word, const char *text)
{
    return str_equal(word, str_of(text));
}

static enum fault copy_name(const struct parsing *parsing, struct str name, char ret_at[LINKAGE_WORD_MAX])
{
    int64_t number;
    if (name.len == 0)
        return wrong(parsing, name, "Name a column.");
    if (name.len >= LINKAGE_WORD_MAX)
        return wrong(parsing, name, "Column names have at most 63 bytes.");
    if (!str_is_utf8(name))
        return wrong(parsing, name, "The spec has to be UTF-8 text.");
    if (!parsing->spec->header && !str_to_int(name, 1, 128, &number))
        return wrong(parsing, name, "Without a header, columns are numbers from 1 to 128.");
    memset(ret_at, 0, LINKAGE_WORD_MAX);
    memcpy(ret_at, name.at, name.len);
    return FAULT_NONE;
}

/* The next word of *text, which loses it; empty at the end. */
static struct str take_word(struct str *text)
{
    *text = str_trim(*text);
    size_t len = 0;
    while (len < text->len && text->at[len] != ' ' && text->at[len] != '\t')
        len++;
    struct str word = {text->at, len};
    *text = (struct str){text->at + len, text->len - len};
    return word;
}

/* "COLUMN FORM": the last word is a form where it is one of the forms. */
static enum fault set_truth(const struct parsing *parsing, struct str value)
{
    struct linkage_spec *spec = parsing->spec;
    static const struct {
        const char *word;
        enum linkage_truth form;
    } forms[] = {{" digits", LINKAGE_TRUTH_DIGITS}, {" tens", LINKAGE_TRUTH_TENS}};
    spec->truth_form = LINKAGE_TRUTH_WHOLE;
    spec->truth_line = parsing->line;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = strlen(forms[i].word);
        if (value.len > len && memcmp(value.at + value.len - len, forms[i].word, len) == 0) {
            spec->truth_form = forms[i].form;
            value.len -= len;
        }
    }
    return copy_name(parsing, str_trim(value), spec->truth);
}

static enum fault set_table(const struct parsing *parsing, struct str key, struct str value)
{
    struct linkage_spec *spec = parsing->spec;
    if (word_is(key, "delimiter")) {
        if (!word_is(value, "comma") && !word_is(value, "tab"))
            return wrong(parsing, value, "The delimiter is comma or tab.");
        spec->delimiter = word_is(value, "tab") ? '\t' : ',';
        return FAULT_NONE;
    }
    if (word_is(key, "header")) {
        if (!word_is(value, "yes") && !word_is(value, "no"))
            return wrong(parsing, value, "The header is yes or no.");
        if (spec->id[0] != '\0' || spec->truth[0] != '\0')
            return wrong(parsing, key, "Say first whether there is a header.");
        spec->header = word_is(value, "yes");
        return FAULT_NONE;
    }
    if (word_is(key, "id")) {
        spec->id_line = parsing->line;
        return copy_name(parsing, value, spec->id);
    }
    if (word_is(key, "truth"))
        return set_truth(parsing, value);
    return wrong(parsing, key, "A table has delimiter, header, id and truth; nothing else.");
}

static enum linkage_kind kind_of(struct str word)
{
    for (enum linkage_kind kind = LINKAGE_NONE + 1; kind < LINKAGE_KINDS_END; kind++) {
        if (word_is(word, kinds[kind].word))
            return kind;
    }
    return LINKAGE_NONE;
}

static enum fault set_option(const struct parsing *parsing, struct linkage_column *column, struct str word)
{
    static const struct {
        const char *word;
        enum linkage_date date;
    } dates[] = {{"YYYYMMDD", LINKAGE_DATE_ANY},
                 {"YYYY-MM-DD", LINKAGE_DATE_ANY},
                 {"YYYY", LINKAGE_DATE_ANY},
                 {"DD/MM/YYYY", LINKAGE_DATE_DAY_FIRST},
                 {"MM/DD/YYYY", LINKAGE_DATE_MONTH_FIRST}};
    if (word_is(word, "optional")) {
        column->optional = true;
        return FAULT_NONE;
    }
    for (size_t i = 0; column->kind == LINKAGE_BIRTH && i < sizeof dates / sizeof *dates; i++) {
        if (word_is(word, dates[i].word)) {
            column->date = dates[i].date;
            return FAULT_NONE;
        }
    }
    return wrong(parsing, word,
                 column->kind == LINKAGE_BIRTH
                     ? "Dates are YYYYMMDD, YYYY-MM-DD, DD/MM/YYYY, MM/DD/YYYY or YYYY; then optional."
                     : "After a kind, only the word optional may follow.");
}

static enum fault set_column(const struct parsing *parsing, struct str name, struct str value)
{
    struct linkage_spec *spec = parsing->spec;
    struct str rest = value;
    struct str word = take_word(&rest);
    struct linkage_column column = {.kind = kind_of(word), .line = parsing->line};
    if (column.kind == LINKAGE_NONE)
        return wrong(
            parsing, word,
            "This is no kind of column: given, family, other, name, birth, age, sex, postcode, locality, "
            "number, address, phone, email, identifier, token or text.");
    if (spec->column_count == LINKAGE_COLUMNS_MAX)
        return wrong(parsing, name, "A table may have at most 32 columns that are compared.");
    enum fault fault = copy_name(parsing, name, column.name);
    size_t before = 1;
    for (size_t i = 0; i < spec->column_count; i++) {
        before += spec->columns[i].kind == column.kind;
        if (fault == FAULT_NONE && spec->columns[i].kind == column.kind &&
            strcmp(spec->columns[i].name, column.name) == 0)
            fault = wrong(parsing, name, "This column was given this kind before.");
    }
    if (fault == FAULT_NONE && before > kinds[column.kind].most)
        fault = wrong(parsing, word, "There are more columns of this kind than a table may have.");
    while (fault == FAULT_NONE && (word = take_word(&rest)).len > 0)
        fault = set_option(parsing, &column, word);
    if (fault == FAULT_NONE)
        spec->columns[spec->column_count++] = column;
    return fault;
}

/* The last '=' parts a column from its kind: its name may hold one, a kind does not. */
static enum fault parse_line(struct parsing *parsing, struct str line)
{
    if (word_is(line, "[table]") || word_is(line, "[columns]")) {
        parsing->section = line.at[1] == 't' ? SECTION_TABLE : SECTION_COLUMNS;
        return FAULT_NONE;
    }
    size_t equals = line.len;
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '=')
            equals = i;
    }
    if (equals == line.len)
        return wrong(parsing, line, "A line is [table], [columns], or a name, = and a value.");
    struct str key = str_trim((struct str){line.at, equals});
    struct str value = str_trim((struct str){line.at + equals + 1, line.len - equals - 1});
    switch (parsing->section) {
    case SECTION_TABLE:
        return set_table(parsing, key, value);
    case SECTION_COLUMNS:
        return set_column(parsing, key, value);
    case SECTION_NONE:
        break;
    }
    return wrong(parsing, key, "Begin with a line [table] or [columns].");
}

enum fault linkage_spec_parse(struct str text, struct linkage_spec *ret_spec, struct linkage_error *ret_error)
{
    struct linkage_spec spec = {.delimiter = ',', .header = true};
    struct parsing parsing = {&spec, ret_error, SECTION_NONE, 0};
    struct str rest = text;
    struct str line;
    if (text.len > LINKAGE_SPEC_BYTES_MAX)
        return wrong(&parsing, STR(""), "The spec is larger than 64 KiB.");
    if (!str_is_utf8(text))
        return wrong(&parsing, STR(""), "The spec has to be UTF-8 text.");
    while (str_split(&rest, '\n', &line)) {
        parsing.line++;
        line = str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        enum fault fault = parse_line(&parsing, line);
        if (fault != FAULT_NONE)
            return fault;
    }
    parsing.line = 0;
    if (spec.column_count == 0)
        return wrong(&parsing, STR(""), "Name the columns to compare under [columns].");
    *ret_spec = spec;
    return FAULT_NONE;
}

enum fault linkage_spec_ignore(struct linkage_spec *spec, struct str column, struct linkage_error *ret_error)
{
    bool found = false;
    size_t left = 0;
    for (size_t i = 0; i < spec->column_count; i++) {
        if (str_equal(str_of(spec->columns[i].name), column)) {
            found = true;
            spec->columns[i].ignored = true;
        }
        left += !spec->columns[i].ignored;
    }
    if (!found)
        return linkage_error_set(ret_error, 0, 0, column, "The spec names no such column to ignore.");
    if (left == 0)
        return linkage_error_set(ret_error, 0, 0, column, "Nothing would be left to compare.");
    return FAULT_NONE;
}
