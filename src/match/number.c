#include "match/number.h"

enum {
    CONTACTPOINT_RANDOM_LEN = 10,
    UPN_LEN = 13,
    TEN_DIGITS = 10,
    CHILD_BENEFIT_LEN = 13,
    LOCAL_LEN_MAX = 20
};

static const char CROCKFORD[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char UPN_LETTERS[] = "ABCDEFGHJKLMNPQRTUVWXYZ";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool all_digits(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(at[i]))
            return false;
    }
    return true;
}

/* How many bytes of space or dash begin `rest`: ASCII, the no-break space and the dashes that word processors
 * put (U+00A0, U+2010 to U+2015). */
static size_t skipped(struct str rest)
{
    if (rest.at[0] == ' ' || rest.at[0] == '\t' || rest.at[0] == '-')
        return 1;
    if (rest.len >= 2 && memcmp(rest.at, "\xC2\xA0", 2) == 0)
        return 2;
    if (rest.len >= 3 && memcmp(rest.at, "\xE2\x80", 2) == 0 && (uint8_t)rest.at[2] >= 0x90 &&
        (uint8_t)rest.at[2] <= 0x95)
        return 3;
    return 0;
}

/* Letters and digits alone, upper case; false where anything else stands in it or it is too long. */
static bool squeeze(struct str typed, char at[NUMBER_BYTES_MAX], size_t *ret_len)
{
    size_t len = 0;
    size_t i = 0;
    while (i < typed.len) {
        size_t skip = skipped((struct str){typed.at + i, typed.len - i});
        if (skip > 0) {
            i += skip;
            continue;
        }
        char c = typed.at[i++];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!is_digit(c) && !is_letter(c))
            return false;
        if (len == NUMBER_BYTES_MAX)
            return false;
        at[len++] = c;
    }
    *ret_len = len;
    return len > 0;
}

static unsigned value_36(char c)
{
    return is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
}

/* The running product of ISO 7064 MOD 37,36 over `len` characters: what the check character is added to. */
static unsigned product_37_36(const char *at, size_t len)
{
    unsigned product = 36;
    for (size_t i = 0; i < len; i++) {
        unsigned sum = (product + value_36(at[i])) % 36;
        product = (sum == 0 ? 36 : sum) * 2 % 37;
    }
    return product;
}

static char check_37_36(const char *at, size_t len)
{
    unsigned value = (37 - product_37_36(at, len)) % 36;
    return (char)(value < 10 ? '0' + (int)value : 'A' + (int)value - 10);
}

static bool contactpoint_is_right(char *at, size_t *len)
{
    if (*len == CONTACTPOINT_NUMBER_LEN + 2 && at[0] == 'C' && at[1] == 'P') {
        memmove(at, at + 2, CONTACTPOINT_NUMBER_LEN);
        *len = CONTACTPOINT_NUMBER_LEN;
    }
    if (*len != CONTACTPOINT_NUMBER_LEN)
        return false;
    for (size_t i = 0; i < *len; i++) {
        if (at[i] == 'I' || at[i] == 'L')
            at[i] = '1';
        else if (at[i] == 'O')
            at[i] = '0';
        else if (at[i] == 'U')
            return false;
    }
    return at[CONTACTPOINT_RANDOM_LEN] == check_37_36(at, CONTACTPOINT_RANDOM_LEN);
}

/* Σ digit × weight 10…1 mod 11: 0 for an NHS number, 10 for a ULN. */
static unsigned sum_11(const char *at)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < TEN_DIGITS; i++)
        sum += (10 - i) * (unsigned)(at[i] - '0');
    return sum % 11;
}

/* Ten times one digit passes the sum, is never issued and is what people type who have no number. */
static bool is_one_digit_repeated(const char *at)
{
    for (size_t i = 1; i < TEN_DIGITS; i++) {
        if (at[i] != at[0])
            return false;
    }
    return true;
}

static bool upn_is_right(const char *at, size_t len)
{
    if (len != UPN_LEN || !all_digits(at + 1, 11))
        return false;
    unsigned sum = 0;
    for (unsigned i = 1; i < UPN_LEN; i++) {
        const char *letter = is_digit(at[i]) ? NULL : strchr(UPN_LETTERS, at[i]);
        if (letter == NULL && !is_digit(at[i]))
            return false;
        unsigned value = letter == NULL ? (unsigned)(at[i] - '0') : (unsigned)(letter - UPN_LETTERS);
        sum += (i + 1) * value;
    }
    return at[0] == UPN_LETTERS[sum % 23];
}

static bool child_benefit_is_right(const char *at, size_t len)
{
    return len == CHILD_BENEFIT_LEN && memcmp(at, "CHB", 3) == 0 && all_digits(at + 3, 8) &&
           is_letter(at[11]) && is_letter(at[12]);
}

bool number_normalise(enum number_scheme scheme, struct str typed, char at[NUMBER_BYTES_MAX], size_t *ret_len)
{
    char squeezed[NUMBER_BYTES_MAX];
    size_t len;
    if (!squeeze(typed, squeezed, &len))
        return false;
    bool ten = len == TEN_DIGITS && all_digits(squeezed, len);
    bool right = false;
    switch (scheme) {
    case NUMBER_NONE:
    case NUMBERS_END:
        break;
    case NUMBER_contactpoint:
        right = contactpoint_is_right(squeezed, &len);
        break;
    case NUMBER_nhs:
        right = ten && sum_11(squeezed) == 0 && !is_one_digit_repeated(squeezed);
        break;
    case NUMBER_uln:
        right = ten && squeezed[0] != '0' && sum_11(squeezed) == 10;
        break;
    case NUMBER_upn:
        right = upn_is_right(squeezed, len);
        break;
    case NUMBER_child_benefit:
        right = child_benefit_is_right(squeezed, len);
        break;
    case NUMBER_youth_justice:
    case NUMBER_social_care:
        right = len <= LOCAL_LEN_MAX;
        break;
    }
    if (!right)
        return false;
    memcpy(at, squeezed, len);
    *ret_len = len;
    return true;
}

enum number_scheme number_recognise(struct str typed, char at[NUMBER_BYTES_MAX], size_t *ret_len)
{
    static const enum number_scheme CHECKED[] = {NUMBER_contactpoint, NUMBER_nhs, NUMBER_upn, NUMBER_uln,
                                                 NUMBER_child_benefit};
    for (size_t i = 0; i < sizeof(CHECKED) / sizeof(CHECKED[0]); i++) {
        if (number_normalise(CHECKED[i], typed, at, ret_len))
            return CHECKED[i];
    }
    return NUMBER_NONE;
}

void number_contactpoint_new(struct entropy entropy, char at[CONTACTPOINT_NUMBER_LEN])
{
    char check;
    do {
        uint8_t random[CONTACTPOINT_RANDOM_LEN];
        entropy.fill(entropy.context, random, sizeof(random));
        for (size_t i = 0; i < sizeof(random); i++)
            at[i] = CROCKFORD[random[i] & 31];
        check = check_37_36(at, CONTACTPOINT_RANDOM_LEN);
    } while (check == 'I' || check == 'L' || check == 'O' || check == 'U');
    at[CONTACTPOINT_RANDOM_LEN] = check;
}

void number_put(struct buffer *buffer, enum number_scheme scheme, struct str normalised)
{
    if (scheme == NUMBER_contactpoint && normalised.len == CONTACTPOINT_NUMBER_LEN) {
        buffer_put(buffer, STR("CP-"));
        buffer_put(buffer, (struct str){normalised.at, 5});
        buffer_put_char(buffer, '-');
        buffer_put(buffer, (struct str){normalised.at + 5, 5});
        buffer_put_char(buffer, '-');
        buffer_put(buffer, (struct str){normalised.at + 10, 1});
    } else if (scheme == NUMBER_nhs && normalised.len == TEN_DIGITS) {
        buffer_put(buffer, (struct str){normalised.at, 3});
        buffer_put_char(buffer, ' ');
        buffer_put(buffer, (struct str){normalised.at + 3, 3});
        buffer_put_char(buffer, ' ');
        buffer_put(buffer, (struct str){normalised.at + 6, 4});
    } else {
        buffer_put(buffer, normalised);
    }
}
