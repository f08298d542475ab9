#include "access/staff_fact.h"

#include "access/inside.h"
#include "match/normalise.h"

enum { FORMAT = 1 };

static struct seal_place place_of(const struct account_id *account, uint64_t version)
{
    return (struct seal_place){
        .table = "staff_fact", .column = "sealed", .row = id_bytes(&account->id), .version = version};
}

static bool is_short(struct str text)
{
    return text.len <= STAFF_FACT_TEXT_BYTES_MAX;
}

static enum fault check_relative(const struct staff_relative *relative)
{
    bool named =
        relative->family.len > 0 && relative->given.len > 0 && relative->birth.precision == DAY_EXACT;
    if (relative->number.len == 0 && !named)
        return fault_note(FAULT_INVALID,
                          "a child is declared by a ContactPoint number, or by both names and date of birth");
    if (!is_short(relative->number) || !is_short(relative->family) || !is_short(relative->given))
        return fault_note(FAULT_INVALID, "a name has at most 200 bytes");
    return FAULT_NONE;
}

static enum fault check(const struct staff_facts *facts)
{
    enum fault fault = FAULT_NONE;
    must(facts->surname_count <= STAFF_SURNAMES_MAX && facts->relative_count <= STAFF_RELATIVES_MAX);
    if (!is_short(facts->postcode))
        return fault_note(FAULT_INVALID, "a postcode has at most 200 bytes");
    for (size_t i = 0; i < facts->surname_count; i++)
        if (!is_short(facts->surnames[i]))
            return fault_note(FAULT_INVALID, "a surname has at most 200 bytes");
    for (size_t i = 0; i < facts->relative_count; i++)
        TRY(check_relative(&facts->relatives[i]));
done:
    return fault;
}

static enum fault put(struct buffer *buffer, const struct staff_facts *facts)
{
    buffer_put_u8(buffer, FORMAT);
    buffer_put_field(buffer, bytes_of(facts->postcode));
    buffer_put_u8(buffer, facts->surname_count);
    for (size_t i = 0; i < facts->surname_count; i++)
        buffer_put_field(buffer, bytes_of(facts->surnames[i]));
    buffer_put_u8(buffer, facts->relative_count);
    for (size_t i = 0; i < facts->relative_count; i++) {
        const struct staff_relative *relative = &facts->relatives[i];
        buffer_put_field(buffer, bytes_of(relative->number));
        buffer_put_field(buffer, bytes_of(relative->family));
        buffer_put_field(buffer, bytes_of(relative->given));
        buffer_put_u32(buffer, relative->birth.precision == DAY_EXACT
                                   ? (uint32_t)(day_number(relative->birth) - INT32_MIN)
                                   : 0);
    }
    return buffer_fault(buffer);
}

/* Day numbers before 1970 are negative: what rests is their distance from the least; 0 stands for none. */
static struct day take_day(struct reader *reader)
{
    const struct day first = {1900, 1, 1, DAY_EXACT}, last = {2199, 12, 31, DAY_EXACT};
    uint32_t rests = reader_take_u32(reader);
    int64_t number = (int64_t)rests + INT32_MIN;
    if (rests == 0 || number < day_number(first) || number > day_number(last))
        return (struct day){0};
    return day_of_number((int32_t)number);
}

static enum fault take(struct bytes clear, struct staff_facts *facts)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    facts->postcode = str_of_bytes(reader_take_field(&reader));
    facts->surname_count = reader_take_u8(&reader);
    for (size_t i = 0; i < facts->surname_count && i < STAFF_SURNAMES_MAX; i++)
        facts->surnames[i] = str_of_bytes(reader_take_field(&reader));
    facts->relative_count = reader_take_u8(&reader);
    for (size_t i = 0; i < facts->relative_count && i < STAFF_RELATIVES_MAX; i++) {
        struct staff_relative *relative = &facts->relatives[i];
        relative->number = str_of_bytes(reader_take_field(&reader));
        relative->family = str_of_bytes(reader_take_field(&reader));
        relative->given = str_of_bytes(reader_take_field(&reader));
        relative->birth = take_day(&reader);
    }
    if (!reader.ok || format != FORMAT || facts->surname_count > STAFF_SURNAMES_MAX ||
        facts->relative_count > STAFF_RELATIVES_MAX)
        return fault_note(FAULT_CORRUPT, "what staff declared is not in a form that this program knows");
    return FAULT_NONE;
}

/* FAULT_ABSENT where nothing was given. */
static enum fault read_row(struct access *access, struct db_tx *tx, struct account_id account,
                           struct arena *arena, struct value out[GIVES_staff_fact_get])
{
    const struct value in[] = {[BIND_staff_fact_get_account_id] = value_id(account.id)};
    return access_count(access, db_one(tx, SQL_staff_fact_get, in, arena, out));
}

enum fault access_staff_facts_given(struct access *access, struct db_tx *tx, struct account_id account,
                                    bool *ret_given)
{
    struct arena *arena = NULL;
    struct value out[GIVES_staff_fact_get];
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    fault = read_row(access, tx, account, arena, out);
    if (fault == FAULT_NONE || fault == FAULT_ABSENT) {
        *ret_given = fault == FAULT_NONE;
        fault = FAULT_NONE;
    }
done:
    arena_close(arena);
    return fault;
}

static enum fault write_row(struct access *access, struct db_tx *tx, struct account_id account,
                            uint64_t version, struct bytes sealed)
{
    int64_t changes = 0;
    const struct value in[] = {[BIND_staff_fact_put_account_id] = value_id(account.id),
                               [BIND_staff_fact_put_version] = value_int((int64_t)version),
                               [BIND_staff_fact_put_new_version] = value_int((int64_t)version + 1),
                               [BIND_staff_fact_put_sealed] = value_bytes(sealed)};
    enum fault fault = access_count(access, db_run(tx, SQL_staff_fact_put, in, &changes));
    if (fault == FAULT_NONE && changes != 1)
        fault = fault_note(FAULT_CONFLICT, "others were given at the same moment: give them once more");
    return fault;
}

enum fault access_staff_facts_give(struct access *access, struct db_tx *tx, struct account_id account,
                                   const struct staff_facts *facts)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(CLEAR_BYTES_MAX + 4096);
    struct arena *arena = NULL;
    struct value out[GIVES_staff_fact_get];
    uint64_t version = 0;
    enum fault fault;
    TRY(check(facts));
    TRY(arena_open(SCRATCH_BYTES, &arena));
    fault = read_row(access, tx, account, arena, out);
    if (fault == FAULT_NONE)
        version = (uint64_t)out[GIVE_staff_fact_get_version].number;
    if (fault != FAULT_ABSENT)
        TRY(fault);
    TRY(put(&clear, facts));
    struct seal_place place = place_of(&account, version + 1);
    TRY(vault_seal(access->vault, &access->staff_facts, &place, buffer_bytes(&clear), &sealed));
    TRY(write_row(access, tx, account, version, buffer_bytes(&sealed)));
done:
    arena_close(arena);
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

static bool same_name(struct str one, struct str other, enum name_part part)
{
    struct name a, b;
    if (one.len == 0 || other.len == 0)
        return false;
    normalise_name(one, part, &a);
    normalise_name(other, part, &b);
    return a.flat_len > 0 && a.flat_len == b.flat_len && memcmp(a.flat, b.flat, a.flat_len) == 0;
}

/* Family and given name may come from two names of the person: known-as names have no family name of their
 * own. */
static bool is_named(const struct person *person, const struct staff_relative *relative)
{
    bool family = false, given = false;
    for (size_t i = 0; i < person->name_count; i++) {
        family = family || same_name(person->names[i].family, relative->family, PART_FAMILY);
        given = given || same_name(person->names[i].given, relative->given, PART_GIVEN);
    }
    return family && given && day_equal(person->birth, relative->birth);
}

static bool is_numbered(const struct person *person, const struct staff_relative *relative)
{
    for (size_t i = 0; i < person->number_count; i++)
        if (person->numbers[i].scheme == NUMBER_contactpoint &&
            str_equal(person->numbers[i].value, relative->number))
            return true;
    return false;
}

static bool is_declared(const struct staff_facts *facts, const struct person *person)
{
    for (size_t i = 0; i < facts->relative_count; i++) {
        const struct staff_relative *relative = &facts->relatives[i];
        if (relative->number.len > 0 ? is_numbered(person, relative) : is_named(person, relative))
            return true;
    }
    return false;
}

enum fault access_staff_facts_own_child(struct access *access, struct db_tx *tx,
                                        const struct permit_staff_facts *permit, struct account_id account,
                                        const struct person *person, bool *ret_own)
{
    must(permit->question == MISUSE_OWN_CHILD);
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX + 4096);
    struct staff_facts facts = {0};
    struct arena *arena = NULL;
    struct value out[GIVES_staff_fact_get];
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    fault = read_row(access, tx, account, arena, out);
    if (fault == FAULT_ABSENT) {
        *ret_own = false;
        fault = FAULT_NONE;
        goto done;
    }
    TRY(fault);
    struct seal_place place = place_of(&account, (uint64_t)out[GIVE_staff_fact_get_version].number);
    TRY(vault_unseal(vault_for_misuse(access->vault, permit), &access->staff_facts, &place,
                     out[GIVE_staff_fact_get_sealed].bytes, &clear));
    TRY(take(buffer_bytes(&clear), &facts));
    *ret_own = is_declared(&facts, person);
done:
    arena_close(arena);
    buffer_close(&clear);
    return fault;
}
