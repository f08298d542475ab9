#include "web/form.h"

#include <strings.h>

#include "web/percent.h"

static bool equal_fold(struct str text, struct str other)
{
    return text.len == other.len && strncasecmp(text.at, other.at, text.len) == 0;
}

/* The type itself, with no parameter but charset=utf-8. */
static bool is_form(struct str content_type)
{
    struct str type;
    if (content_type.at == NULL || !str_split(&content_type, ';', &type))
        return false;
    if (!equal_fold(str_trim(type), STR("application/x-www-form-urlencoded")))
        return false;
    return content_type.at == NULL || equal_fold(str_trim(content_type), STR("charset=utf-8"));
}

/* Decodes one name or value into `out`, which has room for text.len bytes. */
static bool decode(struct str text, char *out, struct str *ret)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= ' ' || c >= 0x7f)
            return false;
        if (c == '+')
            c = ' ';
        if (c == '%') {
            int byte = percent_byte(text, i);
            if (byte < 0)
                return false;
            c = (unsigned char)byte;
            i += 2;
        }
        out[len++] = (char)c;
    }
    *ret = (struct str){out, len};
    return str_is_utf8(*ret);
}

/* The declared name that equals `name`; at == NULL where there is none. */
static struct str declared(enum operation operation, struct str name)
{
    size_t count = 0;
    const struct input_row *rows = policy_inputs(operation, &count);
    for (size_t i = 0; i < count; i++)
        if (str_equal(str_of(rows[i].field), name))
            return str_of(rows[i].field);
    return (struct str){NULL, 0};
}

static bool is_given(const struct form *form, struct str name)
{
    for (size_t i = 0; i < form->field_count; i++)
        if (str_equal(form->fields[i].name, name))
            return true;
    return false;
}

static int add(enum operation operation, struct str name, struct str value, struct form *form)
{
    if (str_equal(name, STR("form_token"))) {
        if (form->token.at != NULL)
            return 400;
        form->token = value;
        return 0;
    }
    struct str field = declared(operation, name);
    if (field.at == NULL || is_given(form, field))
        return 400;
    if (form->field_count == ASK_FIELDS_MAX)
        return 413;
    form->fields[form->field_count++] = (struct ask_field){.name = field, .value = value};
    return 0;
}

int form_read(enum operation operation, struct str content_type, struct str body, struct arena *arena,
              struct form *ret_form)
{
    if (!is_form(content_type))
        return 415;
    if (body.len > FORM_BYTES_MAX)
        return 413;
    char *out = arena_take(arena, body.len + 1);
    if (out == NULL)
        return 503;
    struct form form = {.field_count = 0};
    struct str rest = body.len == 0 ? (struct str){NULL, 0} : body;
    struct str pair;
    while (str_split(&rest, '&', &pair)) {
        struct str name_text;
        struct str name;
        struct str value;
        if (!str_split(&pair, '=', &name_text) || pair.at == NULL || !decode(name_text, out, &name))
            return 400;
        out += name.len;
        if (!decode(pair, out, &value))
            return 400;
        out += value.len;
        int status = add(operation, name, value, &form);
        if (status != 0)
            return status;
    }
    *ret_form = form;
    return 0;
}
