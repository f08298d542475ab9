#include "registry/row.h"

#include "match/number.h"

static const struct column_row columns[] = {
#define CHILD                                     ROW_CHILD
#define INVOLVEMENT                               ROW_INVOLVEMENT
#define BOTH                                      ROW_BOTH
#define COLUMN(name, kind, bytes_max, rows, help) {#name, COLUMN_##kind, bytes_max, rows, help},
#include "registry/layout.def"
#undef COLUMN
#undef CHILD
#undef INVOLVEMENT
#undef BOTH
};

static const struct {
    const char *name;
    const char *text;
} problems[] = {
    [ROW_FINE] = {"FINE", ""},
#define PROBLEM(name, text) [ROW_##name] = {#name, text},
#include "registry/problems.def"
#undef PROBLEM
};

static const struct {
    enum column column;
    enum number_scheme scheme;
} number_columns[] = {
    {COLUMN_nhs_number, NUMBER_nhs},
    {COLUMN_upn, NUMBER_upn},
    {COLUMN_uln, NUMBER_uln},
    {COLUMN_child_benefit, NUMBER_child_benefit},
    {COLUMN_youth_justice, NUMBER_youth_justice},
    {COLUMN_social_care, NUMBER_social_care},
};

enum { NUMBER_COLUMNS = sizeof number_columns / sizeof number_columns[0] };

const struct column_row *row_column(enum column column)
{
    must(column < COLUMNS_END);
    return &columns[column];
}

const char *row_problem_name(enum row_problem problem)
{
    must(problem < ROW_PROBLEMS_END);
    return problems[problem].name;
}

const char *row_problem_text(enum row_problem problem)
{
    must(problem < ROW_PROBLEMS_END);
    return problems[problem].text;
}

enum row_kind row_kind(const struct row *row)
{
    return str_equal(row->at[COLUMN_type], STR("involvement")) ? ROW_INVOLVEMENT : ROW_CHILD;
}

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return true;
    return false;
}

/* Bounds, control characters and the form of dates, whatever the column means. */
static enum row_problem check_columns(const struct row *row)
{
    for (size_t i = 0; i < COLUMNS_END; i++) {
        struct day day;
        if (row->at[i].len > columns[i].bytes_max)
            return ROW_TOO_LONG;
        if (has_control(row->at[i]))
            return ROW_CONTROL;
        if (columns[i].kind == COLUMN_DATE && !day_parse(row->at[i], &day))
            return i == COLUMN_birth_date ? ROW_BIRTH_IMPOSSIBLE : ROW_DATE_IMPOSSIBLE;
    }
    return ROW_FINE;
}

static bool is_yes_or_no(struct str text)
{
    return text.len == 0 || str_equal(text, STR("yes")) || str_equal(text, STR("no"));
}

/* The outer shape alone: 5 to 7 letters and digits besides blanks, letter first, ending digit letter letter.
 */
static bool is_postcode(struct str text)
{
    char packed[8];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (len == 7 || !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return false;
        packed[len++] = c;
    }
    return len >= 5 && packed[0] >= 'A' && packed[len - 3] <= '9' && packed[len - 2] >= 'A' &&
           packed[len - 1] >= 'A';
}

static enum row_problem check_birth(struct str text, struct day today)
{
    enum { OLDEST_YEARS = 25 };
    struct day birth;
    if (!day_parse(text, &birth))
        return ROW_BIRTH_IMPOSSIBLE;
    if (birth.precision == DAY_UNKNOWN)
        return ROW_BIRTH_MISSING;
    int age = day_age_years(birth, today);
    return age < 0 || age > OLDEST_YEARS ? ROW_BIRTH_RANGE : ROW_FINE;
}

static enum row_problem check_child(const struct row *row, struct day today)
{
    if (row->at[COLUMN_family].len == 0 && row->at[COLUMN_given].len == 0)
        return ROW_NAME_MISSING;
    struct str sex = row->at[COLUMN_sex];
    if (sex.len > 0 && memchr("FMU", sex.at[0], 3) == NULL)
        return ROW_SEX;
    if (row->at[COLUMN_postcode].len > 0 && !is_postcode(row->at[COLUMN_postcode]))
        return ROW_POSTCODE;
    for (size_t i = 0; i < NUMBER_COLUMNS; i++) {
        char number[NUMBER_BYTES_MAX];
        size_t len;
        struct str typed = row->at[number_columns[i].column];
        if (typed.len > 0 && !number_normalise(number_columns[i].scheme, typed, number, &len))
            return ROW_NUMBER_CHECK;
    }
    return check_birth(row->at[COLUMN_birth_date], today);
}

static enum row_problem check_involvement(const struct row *row)
{
    if (row->at[COLUMN_involvement].len == 0)
        return ROW_INVOLVEMENT_MISSING;
    enum service_kind kind = policy_service_of(row->at[COLUMN_service_kind]);
    if (kind == SERVICE_NONE)
        return ROW_SERVICE_KIND;
    if (policy_service_sensitive(kind)) /* R8.1: not before consent can be recorded */
        return ROW_SERVICE_SENSITIVE;
    if (row->at[COLUMN_service].len == 0)
        return ROW_SERVICE_MISSING;
    if (!is_yes_or_no(row->at[COLUMN_lead]) || !is_yes_or_no(row->at[COLUMN_assessment]))
        return ROW_YES_OR_NO;
    return ROW_FINE;
}

enum row_problem row_check(const struct row *row, struct day today)
{
    bool involvement = str_equal(row->at[COLUMN_type], STR("involvement"));
    if (!involvement && !str_equal(row->at[COLUMN_type], STR("child")))
        return ROW_TYPE;
    enum row_problem problem = check_columns(row);
    if (problem != ROW_FINE)
        return problem;
    if (row->at[COLUMN_record].len == 0)
        return ROW_RECORD_MISSING;
    return involvement ? check_involvement(row) : check_child(row, today);
}

void row_pack(struct buffer *buffer, const struct row *row)
{
    for (size_t i = 0; i < COLUMNS_END; i++) {
        if (row->at[i].len == 0)
            continue;
        buffer_put_u8(buffer, (uint8_t)i);
        buffer_put_u16(buffer, (uint16_t)row->at[i].len);
        buffer_put(buffer, row->at[i]);
    }
}

enum fault row_unpack(struct bytes packed, struct row *ret_row)
{
    struct row row = {0};
    struct reader reader = reader_of(packed);
    while (reader.ok && reader.rest.len > 0) {
        uint8_t column = reader_take_u8(&reader);
        uint16_t len = reader_take_u16(&reader);
        struct str text = str_of_bytes(reader_take_bytes(&reader, len));
        if (!reader.ok || column >= COLUMNS_END)
            return FAULT_CORRUPT;
        row.at[column] = text;
    }
    *ret_row = row;
    return FAULT_NONE;
}

/* One that is displayed takes the place of one that is not. */
static struct person_name *room_for(struct person *person, enum name_kind kind)
{
    if (person->name_count < PERSON_NAMES_MAX)
        return &person->names[person->name_count++];
    return kind == NAME_KNOWN_AS ? &person->names[PERSON_NAMES_MAX - 1] : NULL;
}

static bool has_kind(const struct person *person, enum name_kind kind)
{
    for (size_t i = 0; i < person->name_count; i++)
        if (person->names[i].kind == kind)
            return true;
    return false;
}

static void add_name(struct person *person, enum name_kind kind, struct str family, struct str given,
                     struct str other)
{
    if (family.len == 0 && given.len == 0)
        return;
    for (size_t i = 0; i < person->name_count; i++) {
        const struct person_name *held = &person->names[i];
        bool covered = held->kind == kind || (kind == NAME_VARIANT && held->kind != NAME_FORMER);
        if (covered && str_equal(held->family, family) && str_equal(held->given, given) &&
            (other.len == 0 || str_equal(held->other, other)))
            return;
    }
    struct person_name *name = room_for(person, kind);
    if (name != NULL)
        *name = (struct person_name){kind, family, given, other};
}

/* One "known as" is displayed: the first. */
static void add_names(const struct row *row, struct person *person)
{
    add_name(person, person->name_count == 0 ? NAME_CURRENT : NAME_VARIANT, row->at[COLUMN_family],
             row->at[COLUMN_given], row->at[COLUMN_other]);
    add_name(person, has_kind(person, NAME_KNOWN_AS) ? NAME_VARIANT : NAME_KNOWN_AS, (struct str){"", 0},
             row->at[COLUMN_known_as], (struct str){"", 0});
    struct str former_family = row->at[COLUMN_former_family];
    struct str former_given = row->at[COLUMN_former_given];
    if (former_family.len > 0 || former_given.len > 0)
        add_name(person, NAME_FORMER, former_family.len > 0 ? former_family : row->at[COLUMN_family],
                 former_given.len > 0 ? former_given : row->at[COLUMN_given], (struct str){"", 0});
}

static bool same_postcode(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.len && a.at[i] == ' ')
            i++;
        while (k < b.len && b.at[k] == ' ')
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if ((a.at[i++] | 0x20) != (b.at[k++] | 0x20))
            return false;
    }
}

/* Sources disagree about where a child lives; the first said is the present one, the others count as earlier.
 */
static void add_place(const struct row *row, struct person *person)
{
    struct person_place place = {person->place_count == 0, row->at[COLUMN_postcode],
                                 row->at[COLUMN_address_1], row->at[COLUMN_authority]};
    if ((place.postcode.len == 0 && place.line.len == 0) || person->place_count == PERSON_PLACES_MAX)
        return;
    for (size_t i = 0; i < person->place_count; i++)
        if (same_postcode(person->places[i].postcode, place.postcode) &&
            (place.postcode.len > 0 || str_equal(person->places[i].line, place.line)))
            return;
    person->places[person->place_count++] = place;
}

static enum fault add_numbers(const struct row *row, struct arena *arena, struct person *person)
{
    for (size_t i = 0; i < NUMBER_COLUMNS; i++) {
        char text[NUMBER_BYTES_MAX];
        size_t len;
        struct str typed = row->at[number_columns[i].column];
        if (typed.len == 0 || person->number_count == PERSON_NUMBERS_MAX ||
            !number_normalise(number_columns[i].scheme, typed, text, &len))
            continue;
        bool held = false;
        for (size_t k = 0; k < person->number_count && !held; k++)
            held = person->numbers[k].scheme == number_columns[i].scheme &&
                   str_equal(person->numbers[k].value, (struct str){text, len});
        if (held)
            continue;
        struct person_number *number = &person->numbers[person->number_count];
        number->scheme = number_columns[i].scheme;
        if (arena_copy(arena, (struct str){text, len}, &number->value) != FAULT_NONE)
            return FAULT_MEMORY;
        person->number_count++;
    }
    return FAULT_NONE;
}

static void add_phone(struct str phone, struct person *person)
{
    if (phone.len == 0 || person->phone_count == PERSON_PHONES_MAX)
        return;
    for (size_t i = 0; i < person->phone_count; i++)
        if (str_equal(person->phones[i], phone))
            return;
    person->phones[person->phone_count++] = phone;
}

static void add_carer(struct str family, struct str given, struct person *person)
{
    if ((family.len == 0 && given.len == 0) || person->carer_count == PERSON_CARERS_MAX)
        return;
    for (size_t i = 0; i < person->carer_count; i++)
        if (str_equal(person->carers[i].family, family) && str_equal(person->carers[i].given, given))
            return;
    person->carers[person->carer_count++] = (struct person_name){NAME_CURRENT, family, given, {"", 0}};
}

enum fault row_to_person(const struct row *row, struct arena *arena, struct person *person)
{
    add_names(row, person);
    struct str sex = row->at[COLUMN_sex];
    if (person->sex == 0 && sex.len == 1)
        person->sex = sex.at[0] == 'F' ? SEX_FEMALE : sex.at[0] == 'M' ? SEX_MALE : SEX_NOT_SPECIFIED;
    struct day birth;
    if (day_parse(row->at[COLUMN_birth_date], &birth) &&
        (person->birth.precision == DAY_UNKNOWN ||
         (person->birth.precision != DAY_EXACT && birth.precision == DAY_EXACT)))
        person->birth = birth;
    add_place(row, person);
    add_carer(row->at[COLUMN_carer1_family], row->at[COLUMN_carer1_given], person);
    add_carer(row->at[COLUMN_carer2_family], row->at[COLUMN_carer2_given], person);
    add_phone(row->at[COLUMN_carer1_phone], person);
    add_phone(row->at[COLUMN_carer2_phone], person);
    return add_numbers(row, arena, person);
}
