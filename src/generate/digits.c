#include "generate/digits.h"

/* Of seven digits, without 9999999: ten nines pass the sum, and nobody takes them for a number. */
enum { PREFIXES = 9999999 };

/* Σ digit × weight 10, 9, … of the first nine digits. */
static uint32_t weighted_sum(const char digits[9])
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 9; i++)
        sum += (uint32_t)(digits[i] - '0') * (10 - i);
    return sum;
}

/* first, seven scrambled digits, and a ninth for which a check digit exists; below 20 million children
 * nothing repeats, because each prefix of eight leaves nine such ninths at least. */
static void put_nine(uint32_t child, uint64_t key, char first, uint32_t impossible, char digits[9])
{
    must(child < 9 * (uint32_t)PREFIXES);
    uint64_t prefix = shuffle_index(child % PREFIXES, PREFIXES, key);
    uint32_t skipped = child / PREFIXES;
    digits[0] = first;
    for (int i = 7; i > 0; i--) {
        digits[i] = (char)('0' + prefix % 10);
        prefix /= 10;
    }
    for (digits[8] = '0';; digits[8]++) {
        must(digits[8] <= '9');
        if (weighted_sum(digits) % 11 == impossible)
            continue;
        if (skipped == 0)
            return;
        skipped--;
    }
}

void digits_nhs(uint32_t child, uint64_t seed, struct text *ret_number)
{
    char digits[10];
    put_nine(child, text_mix(seed, 1, 0x6E6873), '9', 1, digits); /* a sum of 1 would ask for the digit 10 */
    digits[9] = (char)('0' + (11 - weighted_sum(digits) % 11) % 11);
    text_set(ret_number, (struct str){digits, sizeof digits});
}

void digits_uln(uint32_t child, uint64_t seed, struct text *ret_number)
{
    char digits[10];
    put_nine(child, text_mix(seed, 2, 0x756C6E), (char)('1' + text_mix(seed, child, 5) % 9), 0, digits);
    digits[9] = (char)('0' + (10 - weighted_sum(digits) % 11));
    text_set(ret_number, (struct str){digits, sizeof digits});
}

void digits_upn(uint32_t child, uint64_t seed, uint32_t place, int year, struct text *ret_number)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRTUVWXYZ";
    struct text digits = {0};
    uint64_t serial = shuffle_index(child % PREFIXES, PREFIXES, text_mix(seed, 3, 0x75706E));
    text_put_number(&digits, 201 + place % 190 + 300 * (child / PREFIXES), 3);
    text_put_number(&digits, serial / 1000, 4);
    text_put_number(&digits, (uint64_t)year % 100, 2);
    text_put_number(&digits, serial % 1000, 3);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 12; i++)
        sum += (i + 2) * (uint32_t)(digits.at[i] - '0');
    text_set(ret_number, (struct str){letters + sum % 23, 1});
    text_put(ret_number, text_str(&digits));
}

void digits_child_benefit(uint32_t child, uint64_t seed, struct text *ret_number)
{
    uint64_t letters = text_mix(seed, child, 0x636862);
    text_set(ret_number, STR("CHB"));
    text_put_number(ret_number, shuffle_index(child, 100000000, text_mix(seed, 4, 0x636862)), 8);
    text_put(ret_number,
             (struct str){(char[]){(char)('A' + letters % 26), (char)('A' + letters / 26 % 26)}, 2});
}

void digits_plain(uint32_t child, uint64_t seed, const char *prefix, struct text *ret_number)
{
    text_set(ret_number, str_of(prefix));
    text_put_number(ret_number,
                    shuffle_index(child, 1000000000, text_mix(seed, (uint64_t)prefix[0], 0x6E756D)), 9);
}

void digits_record(uint32_t child, uint64_t key, const char *prefix, struct text *ret_record)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint64_t code = shuffle_index(child, UINT64_C(1) << 40, text_mix(key, (uint64_t)prefix[0], 0x726563));
    text_set(ret_record, str_of(prefix));
    text_put_literal(ret_record, "-");
    for (int shift = 35; shift >= 0; shift -= 5)
        text_put(ret_record, (struct str){letters + (code >> shift & 31), 1});
}
