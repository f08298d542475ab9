#include "access/password.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "access/access.h"

/* Normal form C triples UTF-8 at the very most (UAX #15 §8), folding as well. */
enum { GROWTH = 3 };

/* UTF-16 in the arena, which wipes it with the rest of the job. */
struct wide {
    UChar *at;
    int32_t len;
};

static enum fault widen(struct str text, struct arena *arena, struct wide *ret_wide)
{
    UErrorCode status = U_ZERO_ERROR;
    struct wide wide = {.at = arena_take_array(arena, text.len + 1, sizeof(UChar))};
    if (wide.at == NULL)
        return FAULT_MEMORY;
    u_strFromUTF8(wide.at, (int32_t)text.len + 1, &wide.len, text.at, (int32_t)text.len, &status);
    if (U_FAILURE(status))
        return fault_note(FAULT_INVALID, "the password is not valid text: type it again");
    *ret_wide = wide;
    return FAULT_NONE;
}

static enum fault narrow(struct wide wide, struct arena *arena, struct str *ret_text)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    int32_t room = wide.len * GROWTH + 1;
    char *at = arena_take(arena, (size_t)room);
    if (at == NULL)
        return FAULT_MEMORY;
    u_strToUTF8(at, room, &len, wide.at, wide.len, &status);
    if (U_FAILURE(status))
        return fault_note(FAULT_INVALID, "the password is not valid text: type it again");
    *ret_text = (struct str){at, (size_t)len};
    return FAULT_NONE;
}

static enum fault compose(struct wide wide, struct arena *arena, struct wide *ret_composed)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = wide.len * GROWTH + 1;
    struct wide composed = {.at = arena_take_array(arena, (size_t)room, sizeof(UChar))};
    if (composed.at == NULL)
        return FAULT_MEMORY;
    const UNormalizer2 *form_c = unorm2_getNFCInstance(&status);
    composed.len = unorm2_normalize(form_c, wide.at, wide.len, composed.at, room, &status);
    if (U_FAILURE(status))
        return fault_note(FAULT_SYSTEM, "Unicode normalisation does not work: is the ICU data installed?");
    *ret_composed = composed;
    return FAULT_NONE;
}

static enum fault check_size(struct str text)
{
    if (text.len > PASSWORD_BYTES_MAX)
        return fault_note(FAULT_TOO_LARGE, "the password is too long: use at most 256 characters");
    return str_is_utf8(text) ? FAULT_NONE
                             : fault_note(FAULT_INVALID, "the password is not valid text: type it again");
}

enum fault password_normal(struct str typed, struct arena *arena, struct str *ret_normal)
{
    enum fault fault;
    struct wide wide;
    TRY(check_size(typed));
    TRY(widen(typed, arena, &wide));
    TRY(compose(wide, arena, &wide));
    TRY(narrow(wide, arena, ret_normal));
done:
    return fault;
}

enum fault password_folded(struct str text, struct arena *arena, struct str *ret_folded)
{
    enum fault fault;
    struct wide wide;
    UErrorCode status = U_ZERO_ERROR;
    TRY(check_size(text));
    TRY(widen(text, arena, &wide));
    int32_t room = wide.len * GROWTH + 1;
    struct wide folded = {.at = arena_take_array(arena, (size_t)room, sizeof(UChar))};
    if (folded.at == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    folded.len = u_strFoldCase(folded.at, room, wide.at, wide.len, U_FOLD_CASE_DEFAULT, &status);
    if (U_FAILURE(status)) {
        fault = fault_note(FAULT_SYSTEM, "Unicode case folding does not work: is the ICU data installed?");
        goto done;
    }
    TRY(compose(folded, arena, &folded));
    TRY(narrow(folded, arena, ret_folded));
done:
    return fault;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* "!password2026" is "password" with decoration. */
static struct str without_decoration(struct str folded)
{
    while (folded.len > 0 && !is_letter(folded.at[0])) {
        folded.at += 1;
        folded.len -= 1;
    }
    while (folded.len > 0 && !is_letter(folded.at[folded.len - 1]))
        folded.len -= 1;
    return folded;
}

/* The shortest piece of which the whole text is a repetition: "abcabcabc" gives "abc". */
static struct str repeated_piece(struct str text)
{
    for (size_t piece = 1; piece <= text.len / 2; piece++) {
        size_t same = piece;
        while (same < text.len && text.at[same] == text.at[same - piece])
            same += 1;
        if (same == text.len)
            return (struct str){text.at, piece};
    }
    return text;
}

/* "123456789012", "abcdefghijkl": nearly every character follows from the one before. */
static bool is_sequence(struct str text)
{
    size_t expected = 0;
    for (size_t i = 1; i < text.len; i++) {
        int difference = text.at[i] - text.at[i - 1];
        bool wraps =
            (text.at[i - 1] == '9' && text.at[i] == '0') || (text.at[i - 1] == '0' && text.at[i] == '9');
        expected += (difference == 0 || difference == 1 || difference == -1 || wraps) ? 1 : 0;
    }
    return text.len > 1 && expected * 10 >= (text.len - 1) * 9;
}

static bool contains(struct str text, struct str piece)
{
    return piece.len > 0 && memmem(text.at, text.len, piece.at, piece.len) != NULL;
}

enum { PIECE_BYTES_MIN = 6 };

static bool is_easy(const struct blocklist *blocklist, struct str folded)
{
    struct str core = without_decoration(folded);
    struct str piece = repeated_piece(folded);
    return blocklist_has(blocklist, folded) || blocklist_has(blocklist, core) ||
           blocklist_has(blocklist, repeated_piece(core)) || piece.len < PIECE_BYTES_MIN ||
           blocklist_has(blocklist, piece) || is_sequence(folded);
}

enum fault password_allowed(const struct blocklist *blocklist, struct str normal, struct str user_name,
                            struct arena *arena)
{
    struct str folded;
    struct str folded_name;
    size_t code_points = str_code_points(normal);
    if (code_points < PASSWORD_CODE_POINTS_MIN)
        return fault_note(FAULT_INVALID,
                          "the password is too short: use at least 12 characters, such as four "
                          "words that nobody would put together");
    if (code_points > PASSWORD_CODE_POINTS_MAX)
        return fault_note(FAULT_INVALID, "the password is too long: use at most 256 characters");
    enum fault fault;
    TRY(password_folded(normal, arena, &folded));
    TRY(password_folded(user_name, arena, &folded_name));
    if (contains(folded, folded_name))
        fault = fault_note(FAULT_INVALID, "the password contains the user name: choose one that does not");
    else if (contains(folded, STR("contactpoint")))
        fault =
            fault_note(FAULT_INVALID, "the password contains the service's name: choose one that does not");
    else if (is_easy(blocklist, folded))
        fault = fault_note(FAULT_INVALID,
                           "the password is one that is guessed first: choose another, such as four "
                           "words that nobody would put together");
done:
    return fault;
}

enum fault pin_allowed(struct str pin)
{
    bool digits = pin.len >= PIN_DIGITS_MIN && pin.len <= PIN_DIGITS_MAX;
    for (size_t i = 0; digits && i < pin.len; i++)
        digits = pin.at[i] >= '0' && pin.at[i] <= '9';
    if (!digits)
        return fault_note(FAULT_INVALID, "the PIN must be 6 to 12 digits");
    if (is_sequence(pin))
        return fault_note(FAULT_INVALID, "the PIN is one that is guessed first: choose digits out of order");
    return FAULT_NONE;
}

enum fault user_name_allowed(struct str user_name)
{
    bool fine = user_name.len >= USER_NAME_CHARACTERS_MIN && user_name.len <= USER_NAME_CHARACTERS_MAX;
    for (size_t i = 0; fine && i < user_name.len; i++) {
        char c = user_name.at[i];
        fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    }
    return fine
               ? FAULT_NONE
               : fault_note(FAULT_INVALID, "the user name must be 3 to 64 of a-z, 0-9, full stop and hyphen");
}
