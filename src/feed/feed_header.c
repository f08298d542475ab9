#include "feed/feed_header.h"

#include <inttypes.h>
#include <stdio.h>

enum { DIGITS_MAX = 18 };

static enum fault refuse(struct feed_trouble *trouble, const char *key, const char *text)
{
    trouble->line = 1;
    (void)snprintf(trouble->text, sizeof trouble->text, "the header's `%s` %s", key, text);
    return FAULT_MALFORMED;
}

/* The value of the key that must come next. */
static enum fault take(struct str *rest, const char *key, struct str *ret_value, struct feed_trouble *trouble)
{
    struct str part, name = str_of(key);
    if (!str_split(rest, ',', &part) || !str_starts(part, name) || part.len <= name.len ||
        part.at[name.len] != '=') {
        trouble->line = 1;
        (void)snprintf(trouble->text, sizeof trouble->text,
                       "`%s=` is missing here: the keys stand in the order version, source, sequence, mode, "
                       "as-of, rows, removals, sha256, with commas and without spaces",
                       key);
        return FAULT_MALFORMED;
    }
    *ret_value = (struct str){part.at + name.len + 1, part.len - name.len - 1};
    return FAULT_NONE;
}

static enum fault take_number(struct str *rest, const char *key, int64_t least, int64_t *ret,
                              struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, key, &value, trouble);
    if (fault != FAULT_NONE)
        return fault;
    if (value.len > DIGITS_MAX || !str_to_int(value, least, INT64_MAX, ret))
        return refuse(trouble, key,
                      least == 0 ? "must be a whole number from 0" : "must be a whole number from 1");
    return FAULT_NONE;
}

static enum fault take_source(struct str *rest, enum source *ret, struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, "source", &value, trouble);
    if (fault != FAULT_NONE)
        return fault;
    *ret = policy_source_of(value);
    if (*ret == SOURCE_NONE)
        return refuse(trouble, "source",
                      "is not one that is known: child_benefit, health, education, social_care or "
                      "youth_justice");
    return FAULT_NONE;
}

static enum fault take_mode(struct str *rest, enum batch_mode *ret, struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, "mode", &value, trouble);
    if (fault != FAULT_NONE)
        return fault;
    if (str_equal(value, STR("full")))
        *ret = BATCH_FULL;
    else if (str_equal(value, STR("delta")))
        *ret = BATCH_DELTA;
    else
        return refuse(trouble, "mode", "must be full or delta");
    return FAULT_NONE;
}

static enum fault take_day(struct str *rest, struct day *ret, struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, "as-of", &value, trouble);
    if (fault != FAULT_NONE)
        return fault;
    if (!day_parse(value, ret) || ret->precision != DAY_EXACT)
        return refuse(trouble, "as-of", "must be a day, written as 2026-11-01");
    return FAULT_NONE;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum fault take_digest(struct str *rest, uint8_t digest[32], struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, "sha256", &value, trouble);
    if (fault != FAULT_NONE)
        return fault;
    bool right = value.len == 64;
    for (size_t i = 0; right && i < 32; i++) {
        int high = digit_of(value.at[2 * i]), low = digit_of(value.at[2 * i + 1]);
        right = high >= 0 && low >= 0;
        digest[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return right ? FAULT_NONE : refuse(trouble, "sha256", "must be 64 lower-case hexadecimal digits");
}

static enum fault take_version(struct str *rest, struct feed_trouble *trouble)
{
    struct str value;
    enum fault fault = take(rest, "version", &value, trouble);
    if (fault == FAULT_NONE && !str_equal(value, STR("1")))
        return refuse(trouble, "version", "must be 1: this program reads no other");
    return fault;
}

enum fault feed_header_read(struct str line, struct batch_header *ret_header, struct feed_trouble *trouble)
{
    struct batch_header header = {0};
    struct str rest = line, name;
    enum fault fault;
    if (str_starts(line, STR("\xEF\xBB\xBF"))) {
        *trouble = (struct feed_trouble){
            1, "the file begins with a byte order mark: save it as UTF-8 without one, then count and sign "
               "it again"};
        return FAULT_MALFORMED;
    }
    if (!str_split(&rest, ',', &name) || !str_equal(name, STR("#contactpoint-feed"))) {
        *trouble = (struct feed_trouble){
            1,
            "this is no feed: the first line must begin with #contactpoint-feed,version=1 (docs/feeds.md)"};
        return FAULT_MALFORMED;
    }
    TRY(take_version(&rest, trouble));
    TRY(take_source(&rest, &header.source, trouble));
    TRY(take_number(&rest, "sequence", 1, &header.sequence, trouble));
    TRY(take_mode(&rest, &header.mode, trouble));
    TRY(take_day(&rest, &header.as_of, trouble));
    TRY(take_number(&rest, "rows", 0, &header.rows, trouble));
    TRY(take_number(&rest, "removals", 0, &header.removals, trouble));
    TRY(take_digest(&rest, header.digest, trouble));
    if (rest.at != NULL) {
        fault = refuse(trouble, "sha256", "must end the line, with LF alone behind it");
        goto done;
    }
    *ret_header = header;
done:
    return fault;
}
