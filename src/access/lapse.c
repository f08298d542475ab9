#include "access/lapse.h"

struct check_row {
    const char *name;
    const char *label;
    int months;
    const char *hint;
};

static const struct check_row rows[CHECKS_END] = {
#define CHECK(name, label, months, hint) [CHECK_##name] = {#name, label, months, hint},
#include "access/checks.def"
#undef CHECK
};

static const struct check_row *row_of(enum account_check check)
{
    must(check > CHECK_NONE && check < CHECKS_END);
    return &rows[check];
}

const char *check_name(enum account_check check)
{
    return row_of(check)->name;
}

const char *check_label(enum account_check check)
{
    return row_of(check)->label;
}

const char *check_hint(enum account_check check)
{
    return row_of(check)->hint;
}

enum account_check check_of(struct str name)
{
    for (int check = 1; check < CHECKS_END; check++)
        if (str_equal(name, str_of(rows[check].name)))
            return (enum account_check)check;
    return CHECK_NONE;
}

struct day day_after_months(struct day day, int months)
{
    must(day.precision == DAY_EXACT && months >= 0);
    int month = day.year * 12 + day.month - 1 + months;
    struct day later = {.year = (uint16_t)(month / 12),
                        .month = (uint8_t)(month % 12 + 1),
                        .day = day.day,
                        .precision = DAY_EXACT};
    while (!day_is_valid(later) && later.day > 28)
        later.day--;
    return later;
}

struct day check_until(enum account_check check, struct day done)
{
    int months = row_of(check)->months;
    return months == 0 || done.precision != DAY_EXACT ? (struct day){0} : day_after_months(done, months);
}

enum notice lapse_notice(struct day until, struct day today, int *ret_days)
{
    int days = until.precision == DAY_EXACT ? day_number(until) - day_number(today) : 0;
    *ret_days = days > 0 ? days : 0;
    if (until.precision != DAY_EXACT)
        return NOTICE_NONE;
    if (days <= 0)
        return NOTICE_LAPSED;
    if (days <= 7)
        return NOTICE_7;
    if (days <= 30)
        return NOTICE_30;
    return days <= 60 ? NOTICE_60 : NOTICE_NONE;
}

enum notice check_notice(enum account_check check, struct day done, struct day today, int *ret_days)
{
    *ret_days = 0;
    if (done.precision != DAY_EXACT)
        return NOTICE_MISSING;
    return lapse_notice(check_until(check, done), today, ret_days);
}
