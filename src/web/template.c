#include "web/template.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* How many bytes at the start of text are one character that is not shown; 0 where it is shown.  C0 except
 * line feed and tab, DEL, C1, U+202A-202E and U+2066-2069. */
static size_t hidden_len(struct str text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    if ((at[0] < ' ' && at[0] != '\n' && at[0] != '\t') || at[0] == 0x7f)
        return 1;
    if (text.len >= 2 && at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
        return 2;
    if (text.len < 3 || at[0] != 0xe2)
        return 0;
    bool embeds = at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae;
    bool isolates = at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
    return embeds || isolates ? 3 : 0;
}

static struct str entity_of(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#39;");
    default:
        return (struct str){NULL, 0};
    }
}

void template_put_text(struct buffer *html, struct str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len;) {
        struct str shown = entity_of(text.at[i]);
        size_t len = shown.len > 0 ? 1 : hidden_len((struct str){text.at + i, text.len - i});
        if (len == 0) {
            i++;
            continue;
        }
        buffer_put(html, (struct str){text.at + from, i - from});
        buffer_put(html, shown.len > 0 ? shown : STR("\xef\xbf\xbd"));
        i += len;
        from = i;
    }
    if (text.len > from)
        buffer_put(html, (struct str){text.at + from, text.len - from});
}

void template_put_attribute(struct buffer *html, struct str text)
{
    template_put_text(html, text);
}

void template_put_path(struct buffer *html, struct template_path path)
{
    struct str text = path.text;
    must(str_starts(text, STR("#")) || str_starts(text, STR("tel:")) ||
         (str_starts(text, STR("/")) && !str_starts(text, STR("//"))));
    for (size_t i = 0; i < text.len; i++)
        must(is_word(text.at[i]) || (text.at[i] != '\0' && strchr("./#?=+&:", text.at[i]) != NULL));
    template_put_attribute(html, text);
}

void template_put_token(struct buffer *html, struct str token)
{
    for (size_t i = 0; i < token.len; i++)
        must(is_word(token.at[i]));
    buffer_put(html, token);
}
