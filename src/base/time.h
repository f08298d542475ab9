/* Days, instants and clocks.
 *
 * A birth date is a struct day with a precision, never an instant.  An instant is microseconds since
 * 1970-01-01 UTC (leap seconds as POSIX counts them).  The clock is passed in, so that every test is
 * repeatable. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/str.h"

enum day_precision {
    DAY_UNKNOWN = 0, /* nothing is known; all other fields are 0 */
    DAY_EXACT = 1,
    DAY_MONTH = 2, /* day is 0 */
    DAY_YEAR = 3,  /* month and day are 0 */
    DAY_ABOUT = 4, /* an estimated year; month and day are 0 */
};

/* A day of the Gregorian calendar, 1900-01-01 to 2199-12-31. */
struct day {
    uint16_t year;
    uint8_t month; /* 1-12 */
    uint8_t day;   /* 1-31 */
    enum day_precision precision;
};

struct instant {
    int64_t us;
};

struct duration {
    int64_t us;
};

/* Where the time comes from: `now` is asked each time. */
struct clock {
    struct instant (*now)(void *context);
    void *context;
};

/* The machine's clock, UTC. */
struct clock clock_system(void);
struct instant clock_now(struct clock clock);

/* Microseconds of a clock that never steps back, for measuring. */
int64_t clock_monotonic_us(void);

bool day_is_valid(struct day day);
bool day_equal(struct day a, struct day b);

/* Days since 1970-01-01 of an exact day, and back. */
int32_t day_number(struct day day);
struct day day_of_number(int32_t number);

/* The day on which an instant falls in UTC. */
struct day day_of_instant(struct instant at);
struct instant instant_of_day(struct day day);

/* The month of an instant as one number, year × 12 + month − 1, and back as a day of month precision. */
int32_t month_of_instant(struct instant at);
struct day day_of_month(int32_t month);

/* ISO 8601 "2007-03-27", "2007-03", "2007", "about 2007" ("~2007" is read too); "" reads as DAY_UNKNOWN.
 * False for anything else, an impossible date included. */
bool day_parse(struct str text, struct day *ret_day);
void day_put(struct buffer *buffer, struct day day);

/* As people read it: "27 March 2007", "March 2007", "2007", "about 2007", "not known". */
void day_put_words(struct buffer *buffer, struct day day);

/* Whole years from birth to `today`, -1 where not known or in the future.  With a year alone: the age reached
 * during this year. */
int day_age_years(struct day birth, struct day today);

/* A month number or an English month's name, whole or its first three letters, any case: 1-12, or 0. */
int day_month_of(struct str text);

/* "2026-11-21T06:41:51Z", and "21 November 2026, 06:41". */
void instant_put(struct buffer *buffer, struct instant at);
void instant_put_words(struct buffer *buffer, struct instant at);

static inline struct instant instant_after(struct instant at, struct duration by)
{
    return (struct instant){at.us + by.us};
}

static inline struct duration duration_between(struct instant from, struct instant to)
{
    return (struct duration){to.us - from.us};
}

static inline struct duration seconds(int64_t count)
{
    return (struct duration){count * 1000000};
}

#endif
