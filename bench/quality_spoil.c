#include "quality_spoil.h"

#include "generate/generate.h"

void spoil_open(struct spoiler *spoiler, const struct row *row, uint64_t seed)
{
    spoiler->row = *row;
    spoiler->stream = stream_of(seed);
}

static bool replace(struct spoiler *spoiler, enum spoilt where, enum column column)
{
    spoiler->row.at[column] = text_str(&spoiler->texts[where]);
    return true;
}

static bool spoil_name(struct spoiler *spoiler, enum spoilt where, enum column column)
{
    struct text *text = &spoiler->texts[where];
    struct text spoilt;
    text_set(&spoilt, spoiler->row.at[column]);
    uint64_t kind = stream_below(&spoiler->stream, 10);
    bool done = kind < 6   ? slip_typing(&spoilt, &spoiler->stream)
                : kind < 8 ? slip_phonetic(&spoilt, &spoiler->stream)
                           : slip_ocr(&spoilt, &spoiler->stream);
    if (!done || spoilt.len == 0)
        return false;
    *text = spoilt;
    return replace(spoiler, where, column);
}

static bool spoil_birth(struct spoiler *spoiler)
{
    struct day day;
    if (!day_parse(spoiler->row.at[COLUMN_birth_date], &day) ||
        !slip_date(&day, GENERATE_TODAY, &spoiler->stream))
        return false;
    spoiler->texts[SPOILT_BIRTH].len = 0;
    text_put_day(&spoiler->texts[SPOILT_BIRTH], day);
    return replace(spoiler, SPOILT_BIRTH, COLUMN_birth_date);
}

static bool spoil_postcode(struct spoiler *spoiler)
{
    struct text spoilt;
    text_set(&spoilt, spoiler->row.at[COLUMN_postcode]);
    if (!slip_postcode(&spoilt, &spoiler->stream))
        return false;
    spoiler->texts[SPOILT_POSTCODE] = spoilt;
    return replace(spoiler, SPOILT_POSTCODE, COLUMN_postcode);
}

static bool leave_out(struct spoiler *spoiler, enum column column)
{
    bool had = spoiler->row.at[column].len > 0;
    spoiler->row.at[column] = (struct str){"", 0};
    return had;
}

static bool spoil_other(struct spoiler *spoiler)
{
    struct str *at = spoiler->row.at;
    switch (stream_below(&spoiler->stream, 4)) {
    case 0:
        return leave_out(spoiler, COLUMN_sex);
    case 1:
        return leave_out(spoiler, COLUMN_postcode);
    case 2:
        at[COLUMN_sex] = str_equal(at[COLUMN_sex], STR("F")) ? STR("M") : STR("F");
        return true;
    default: {
        struct str family = at[COLUMN_family];
        at[COLUMN_family] = at[COLUMN_given];
        at[COLUMN_given] = family;
        return true;
    }
    }
}

bool spoil(struct spoiler *spoiler, enum spoilt where)
{
    switch (where) {
    case SPOILT_FAMILY:
        return spoil_name(spoiler, where, COLUMN_family);
    case SPOILT_GIVEN:
        return spoil_name(spoiler, where, COLUMN_given);
    case SPOILT_BIRTH:
        return spoil_birth(spoiler);
    case SPOILT_POSTCODE:
        return spoil_postcode(spoiler);
    case SPOILT_OTHER:
        return spoil_other(spoiler);
    case SPOILT_END:
        break;
    }
    return false;
}

void spoil_anywhere(struct spoiler *spoiler, unsigned errors)
{
    static const enum spoilt WHERE[] = {SPOILT_FAMILY,   SPOILT_FAMILY, SPOILT_FAMILY, SPOILT_GIVEN,
                                        SPOILT_GIVEN,    SPOILT_GIVEN,  SPOILT_BIRTH,  SPOILT_BIRTH,
                                        SPOILT_POSTCODE, SPOILT_OTHER};
    enum { TRIES = 60 };
    for (unsigned tries = 0; errors > 0 && tries < TRIES; tries++)
        errors -= spoil(spoiler, WHERE[stream_below(&spoiler->stream, sizeof(WHERE) / sizeof(WHERE[0]))]);
}
