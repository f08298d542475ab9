#include "feed/normal.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { TEXT_BYTES_MAX = 4096, UNITS_MAX = 4 * TEXT_BYTES_MAX };

/* No code point below U+0300 is changed by NFC; their lead bytes are below 0xCC. */
static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0xCC)
            return false;
    return true;
}

enum fault feed_normal(struct str text, struct arena *arena, struct str *ret_text)
{
    if (is_plain(text) || text.len > TEXT_BYTES_MAX) {
        *ret_text = text;
        return FAULT_NONE;
    }
    UErrorCode error = U_ZERO_ERROR;
    UChar units[TEXT_BYTES_MAX], normal[UNITS_MAX];
    int32_t len = 0, normal_len, bytes = 0;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
    u_strFromUTF8(units, TEXT_BYTES_MAX, &len, text.at, (int32_t)text.len, &error);
    normal_len = unorm2_normalize(nfc, units, len, normal, UNITS_MAX, &error);
    if (U_FAILURE(error))
        return FAULT_MALFORMED;
    size_t room = 3 * (size_t)normal_len + 1;
    char *at = arena_take(arena, room);
    if (at == NULL)
        return FAULT_MEMORY;
    u_strToUTF8(at, (int32_t)room, &bytes, normal, normal_len, &error);
    if (U_FAILURE(error))
        return FAULT_MALFORMED;
    *ret_text = (struct str){at, (size_t)bytes};
    return FAULT_NONE;
}
