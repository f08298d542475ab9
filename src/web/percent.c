#include "web/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int percent_byte(struct str text, size_t at)
{
    if (at >= text.len || text.len - at < 3 || text.at[at] != '%')
        return -1;
    int high = hex_digit(text.at[at + 1]);
    int low = hex_digit(text.at[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}
