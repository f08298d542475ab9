#include "base/time.h"

#include <time.h>

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

static struct instant system_now(void *context)
{
    (void)context;
    struct timespec at;
    must(clock_gettime(CLOCK_REALTIME, &at) == 0);
    return (struct instant){at.tv_sec * 1000000 + at.tv_nsec / 1000};
}

struct clock clock_system(void)
{
    return (struct clock){system_now, NULL};
}

struct instant clock_now(struct clock clock)
{
    return clock.now(clock.context);
}

int64_t clock_monotonic_us(void)
{
    struct timespec at;
    must(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    return at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

bool day_is_valid(struct day day)
{
    if (day.precision == DAY_UNKNOWN)
        return day.year == 0 && day.month == 0 && day.day == 0;
    if (day.year < 1900 || day.year > 2199)
        return false;
    if (day.precision == DAY_YEAR || day.precision == DAY_ABOUT)
        return day.month == 0 && day.day == 0;
    if (day.month < 1 || day.month > 12)
        return false;
    if (day.precision == DAY_MONTH)
        return day.day == 0;
    return day.day >= 1 && day.day <= month_length(day.year, day.month);
}

bool day_equal(struct day a, struct day b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day && a.precision == b.precision;
}

/* Days from civil: Howard Hinnant's public algorithm, years counted from March. */
int32_t day_number(struct day day)
{
    must(day.precision == DAY_EXACT);
    int32_t year = day.year - (day.month <= 2);
    int32_t era = year / 400;
    int32_t of_era = year - era * 400;
    int32_t of_year = (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct day day_of_number(int32_t number)
{
    int32_t shifted = number + 719468;
    int32_t era = shifted / 146097;
    int32_t of_era = shifted - era * 146097;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t shifted_month = (5 * of_year + 2) / 153;
    int32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (struct day){(uint16_t)(year + era * 400 + (month <= 2)), (uint8_t)month,
                        (uint8_t)(of_year - (153 * shifted_month + 2) / 5 + 1), DAY_EXACT};
}

struct day day_of_instant(struct instant at)
{
    int64_t us_per_day = INT64_C(86400000000);
    int64_t number = at.us / us_per_day - (at.us % us_per_day < 0);
    return day_of_number((int32_t)number);
}

struct instant instant_of_day(struct day day)
{
    return (struct instant){day_number(day) * INT64_C(86400000000)};
}

int32_t month_of_instant(struct instant at)
{
    struct day day = day_of_instant(at);
    return day.year * 12 + day.month - 1;
}

struct day day_of_month(int32_t month)
{
    return (struct day){(uint16_t)(month / 12), (uint8_t)(month % 12 + 1), 0, DAY_MONTH};
}

static bool take_digits(struct str text, size_t from, size_t count, int *ret)
{
    if (from + count > text.len)
        return false;
    int value = 0;
    for (size_t i = from; i < from + count; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (text.at[i] - '0');
    }
    *ret = value;
    return true;
}

bool day_parse(struct str text, struct day *ret_day)
{
    struct day day = {.precision = DAY_UNKNOWN};
    bool about = false;
    if (str_starts(text, STR("about "))) {
        about = true;
        text = (struct str){text.at + 6, text.len - 6};
    } else if (str_starts(text, STR("~"))) {
        about = true;
        text = (struct str){text.at + 1, text.len - 1};
    } else if (text.len == 0) {
        *ret_day = day;
        return true;
    }
    int year = 0, month = 0, of_month = 0;
    if (!take_digits(text, 0, 4, &year))
        return false;
    day.precision = about ? DAY_ABOUT : DAY_YEAR;
    if (text.len > 4) {
        if (about || text.at[4] != '-' || !take_digits(text, 5, 2, &month))
            return false;
        day.precision = DAY_MONTH;
    }
    if (text.len > 7) {
        if (text.len != 10 || text.at[7] != '-' || !take_digits(text, 8, 2, &of_month))
            return false;
        day.precision = DAY_EXACT;
    }
    day.year = (uint16_t)year;
    day.month = (uint8_t)month;
    day.day = (uint8_t)of_month;
    if (!day_is_valid(day) || (text.len != 4 && text.len != 7 && text.len != 10))
        return false;
    *ret_day = day;
    return true;
}

void day_put(struct buffer *buffer, struct day day)
{
    if (day.precision == DAY_UNKNOWN)
        return;
    if (day.precision == DAY_ABOUT)
        buffer_put(buffer, STR("about "));
    buffer_put_padded(buffer, day.year, 4);
    if (day.precision == DAY_EXACT || day.precision == DAY_MONTH) {
        buffer_put_char(buffer, '-');
        buffer_put_padded(buffer, day.month, 2);
    }
    if (day.precision == DAY_EXACT) {
        buffer_put_char(buffer, '-');
        buffer_put_padded(buffer, day.day, 2);
    }
}

void day_put_words(struct buffer *buffer, struct day day)
{
    if (day.precision == DAY_UNKNOWN) {
        buffer_put(buffer, STR("not known"));
        return;
    }
    if (day.precision == DAY_ABOUT)
        buffer_put(buffer, STR("about "));
    if (day.precision == DAY_EXACT) {
        buffer_put_int(buffer, day.day);
        buffer_put_char(buffer, ' ');
    }
    if (day.precision == DAY_EXACT || day.precision == DAY_MONTH) {
        buffer_put(buffer, str_of(month_names[day.month - 1]));
        buffer_put_char(buffer, ' ');
    }
    buffer_put_int(buffer, day.year);
}

int day_age_years(struct day birth, struct day today)
{
    if (birth.precision == DAY_UNKNOWN)
        return -1;
    int age = today.year - birth.year;
    if (birth.precision == DAY_EXACT || birth.precision == DAY_MONTH)
        age -= today.month < birth.month || (today.month == birth.month && today.day < birth.day);
    return age < 0 ? -1 : age;
}

int day_month_of(struct str text)
{
    int64_t number;
    if (str_to_int(text, 1, 12, &number))
        return (int)number;
    for (int month = 0; month < 12; month++) {
        struct str name = str_of(month_names[month]);
        if (text.len != 3 && text.len != name.len)
            continue;
        size_t same = 0;
        while (same < text.len && (text.at[same] | 0x20) == (name.at[same] | 0x20))
            same++;
        if (same == text.len)
            return month + 1;
    }
    return 0;
}

static void put_clock(struct buffer *buffer, struct instant at, bool with_seconds)
{
    int64_t of_day = at.us / 1000000 % 86400;
    if (of_day < 0)
        of_day += 86400;
    buffer_put_padded(buffer, (uint64_t)(of_day / 3600), 2);
    buffer_put_char(buffer, ':');
    buffer_put_padded(buffer, (uint64_t)(of_day / 60 % 60), 2);
    if (with_seconds) {
        buffer_put_char(buffer, ':');
        buffer_put_padded(buffer, (uint64_t)(of_day % 60), 2);
    }
}

void instant_put(struct buffer *buffer, struct instant at)
{
    day_put(buffer, day_of_instant(at));
    buffer_put_char(buffer, 'T');
    put_clock(buffer, at, true);
    buffer_put_char(buffer, 'Z');
}

void instant_put_words(struct buffer *buffer, struct instant at)
{
    day_put_words(buffer, day_of_instant(at));
    buffer_put(buffer, STR(", "));
    put_clock(buffer, at, false);
}
