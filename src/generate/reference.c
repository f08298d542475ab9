#include "generate/reference.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { PIECE_BYTES = 256 * 1024 };

struct reading {
    const struct reference_table *table;
    size_t columns;
};

static enum fault check_header(struct reading *reading, const struct csv_record *record)
{
    struct str rest = str_of(reading->table->header);
    struct str wanted;
    size_t i = 0;
    while (str_split(&rest, ',', &wanted)) {
        if (i >= record->field_count || !str_equal(wanted, record->fields[i]))
            return FAULT_MALFORMED;
        i++;
    }
    reading->columns = i;
    return record->field_count == i ? FAULT_NONE : FAULT_MALFORMED;
}

static enum fault on_record(void *context, const struct csv_record *record)
{
    struct reading *reading = context;
    if (record->problem != CSV_FINE)
        return FAULT_MALFORMED;
    if (record->number == 1)
        return check_header(reading, record);
    if (record->field_count != reading->columns)
        return FAULT_MALFORMED;
    return reading->table->on_row(reading->table->context, record);
}

static enum fault feed_all(gzFile file, struct csv_reader *reader, uint8_t *piece)
{
    int got;
    while ((got = gzread(file, piece, PIECE_BYTES)) > 0) {
        enum fault fault = csv_feed(reader, (struct bytes){piece, (size_t)got});
        if (fault != FAULT_NONE)
            return fault;
    }
    return got < 0 ? FAULT_MALFORMED : csv_finish(reader);
}

enum fault reference_read(const struct reference_table *table)
{
    enum fault fault = FAULT_NONE;
    char path[PATH_MAX];
    struct csv_reader *reader = NULL;
    uint8_t *piece = NULL;
    gzFile file = NULL;
    struct reading reading = {.table = table};
    int len = snprintf(path, sizeof path, "%s/%s", table->folder, table->file);
    if (len < 0 || (size_t)len >= sizeof path)
        return fault_note(FAULT_INVALID,
                          "the path of the reference folder is too long: move it or use a link");
    file = gzopen(path, "rb");
    if (file == NULL)
        return fault_note(FAULT_ABSENT,
                          "a reference table cannot be read: --reference needs a folder with "
                          "baby_names_ew_2006_2024.csv.gz, surnames_uk.csv, local_authorities.csv, "
                          "postcodes_england.csv.gz, schools.csv and gp_practices.csv; "
                          "leave the option out for the built-in tables");
    piece = malloc(PIECE_BYTES);
    if (piece == NULL)
        fault = FAULT_MEMORY;
    else
        TRY(csv_open(on_record, &reading, &reader));
    if (fault == FAULT_NONE)
        fault = feed_all(file, reader, piece);
    if (fault == FAULT_MALFORMED)
        (void)fault_note(fault, "a reference table has other columns than expected or is damaged: "
                                "fetch the folder again");
done:
    csv_close(reader);
    free(piece);
    gzclose(file);
    return fault;
}

/* The digits of "0.01302": value 1302, five behind the point. */
static bool take_decimal(struct str text, uint64_t *ret_value, int *ret_places)
{
    uint64_t value = 0;
    int places = -1;
    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '.' && places < 0) {
            places = 0;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (uint64_t)(c - '0');
        if (places >= 0)
            places++;
    }
    *ret_value = value;
    *ret_places = places < 0 ? 0 : places;
    return true;
}

bool reference_millionths(struct str text, uint64_t *ret)
{
    struct str head;
    int64_t exponent = 0;
    uint64_t value;
    int places;
    if (!str_split(&text, 'e', &head) || !take_decimal(head, &value, &places))
        return false;
    if (text.at != NULL) {
        if (!str_starts(text, STR("-")) ||
            !str_to_int((struct str){text.at + 1, text.len - 1}, 0, 20, &exponent))
            return false;
    }
    int shift = 6 - places - (int)exponent;
    for (; shift > 0; shift--) {
        if (value > UINT64_MAX / 10)
            return false;
        value *= 10;
    }
    for (; shift < 0; shift++)
        value /= 10;
    *ret = value;
    return true;
}
