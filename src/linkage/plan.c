#include "linkage/plan.h"

static bool is_name_part(enum linkage_kind kind)
{
    return kind == LINKAGE_GIVEN || kind == LINKAGE_FAMILY || kind == LINKAGE_OTHER;
}

static bool shares_values(enum linkage_kind kind, enum linkage_kind other)
{
    return (is_name_part(kind) && is_name_part(other)) ||
           (kind == LINKAGE_ADDRESS && other == LINKAGE_ADDRESS);
}

/* The field of a part of a name, made where there is none, or a new field of another kind. */
static enum fault take_field(struct linkage_rows *rows, enum linkage_kind kind, uint8_t *ret_field,
                             struct linkage_error *error)
{
    size_t found = is_name_part(kind) ? rows_field(rows, kind, SIZE_MAX) : SIZE_MAX;
    if (found == SIZE_MAX) {
        if (rows->field_count == FIELDS_MAX)
            return linkage_error_set(error, 0, 0, STR(""),
                                     "There are more than 16 things to compare; ignore some columns.");
        found = rows->field_count++;
        rows->fields[found] = (struct field){.kind = kind, .values = (uint8_t)found};
        rows->values[found].dates = kind == LINKAGE_BIRTH;
        rows->values[found].names = is_name_part(kind);
        for (size_t i = 0; i < found; i++) {
            if (shares_values(rows->fields[i].kind, kind)) {
                rows->fields[found].values = rows->fields[i].values;
                break;
            }
        }
    }
    *ret_field = (uint8_t)found;
    return FAULT_NONE;
}

enum fault plan_open(const struct linkage_spec *spec, struct linkage_rows *rows, struct plan *ret_plan,
                     struct linkage_error *error)
{
    enum fault fault = FAULT_NONE;
    struct plan plan = {.spec = spec, .given = UINT8_MAX, .family = UINT8_MAX, .other = UINT8_MAX};
    for (size_t i = 0; i < spec->column_count; i++) {
        enum linkage_kind kind = spec->columns[i].kind;
        if (spec->columns[i].ignored)
            continue;
        if (kind == LINKAGE_NAME || kind == LINKAGE_GIVEN)
            TRY(take_field(rows, LINKAGE_GIVEN, &plan.given, error));
        if (kind == LINKAGE_NAME || kind == LINKAGE_FAMILY)
            TRY(take_field(rows, LINKAGE_FAMILY, &plan.family, error));
        if (kind == LINKAGE_NAME || kind == LINKAGE_OTHER)
            TRY(take_field(rows, LINKAGE_OTHER, &plan.other, error));
        if (kind != LINKAGE_NAME)
            TRY(take_field(rows, kind, &plan.fields[i], error));
    }
    *ret_plan = plan;
done:
    return fault;
}

/* The place of a column; NOWHERE where the file has none. */
static uint16_t find_column(const struct linkage_spec *spec, const struct csv_record *first, const char *name)
{
    if (!spec->header) {
        int64_t number = 0;
        bool is_number = str_to_int(str_of(name), 1, CSV_FIELDS_MAX, &number);
        return is_number && (size_t)number <= first->field_count ? (uint16_t)(number - 1) : NOWHERE;
    }
    for (size_t i = 0; i < first->field_count; i++) {
        struct str cell = first->fields[i];
        if (i == 0 && str_starts(cell, STR("\xEF\xBB\xBF"))) /* a byte order mark */
            cell = (struct str){cell.at + 3, cell.len - 3};
        if (str_equal(str_trim(cell), str_of(name)))
            return (uint16_t)i;
    }
    return NOWHERE;
}

enum fault places_find(const struct linkage_spec *spec, const struct csv_record *first,
                       struct places *ret_places, struct linkage_error *error)
{
    struct places places = {.id = NOWHERE};
    for (size_t i = 0; i < spec->column_count + 2; i++) {
        bool column = i < spec->column_count;
        const char *name = column ? spec->columns[i].name : i == spec->column_count ? spec->id : spec->truth;
        uint16_t place = name[0] == '\0' ? NOWHERE : find_column(spec, first, name);
        if (place == NOWHERE && name[0] != '\0' && !(column && spec->columns[i].optional))
            return linkage_error_set(
                error, error->file, first->number, str_of(name),
                "The file has no such column; mend the spec, or say optional after its kind.");
        if (column)
            places.columns[i] = place;
        else if (i == spec->column_count)
            places.id = place;
        else
            places.truth = place;
    }
    *ret_places = places;
    return FAULT_NONE;
}
