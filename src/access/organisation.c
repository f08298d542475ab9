#include "access/inside.h"
#include "access/organisations.h"

/* Those of format 1 had no accreditation: they must be renewed before their people may act. */
enum { FORMAT = 2, FORMAT_WITHOUT_ACCREDITATION = 1, TEXT_BYTES_MAX = 200 };

static struct seal_place place_of(const struct organisation_id *organisation, uint64_t version)
{
    return (struct seal_place){
        .table = "organisation", .column = "sealed", .row = id_bytes(&organisation->id), .version = version};
}

static void put_accreditation(struct buffer *buffer, const struct organisation *organisation)
{
    unsigned held = 0;
    for (int capability = 1; capability < CAPABILITIES_END; capability++)
        held += organisation->capabilities >> capability & 1;
    buffer_put_u8(buffer, (uint8_t)held);
    for (int capability = 1; capability < CAPABILITIES_END; capability++)
        if ((organisation->capabilities >> capability & 1) != 0)
            buffer_put_field(buffer, bytes_of(str_of(policy_capability_name((enum capability)capability))));
    buffer_put_u32(buffer, (uint32_t)day_number(organisation->accredited_until));
    buffer_put_u32(buffer, organisation->users_max);
    buffer_put_u32(buffer, organisation->staff);
}

/* A capability that this program does not know gives nothing. */
static void take_accreditation(struct reader *reader, struct organisation *organisation)
{
    uint8_t held = reader_take_u8(reader);
    const struct day last = {2199, 12, 31, DAY_EXACT};
    for (size_t i = 0; i < held && reader->ok; i++) {
        enum capability capability = policy_capability_of(str_of_bytes(reader_take_field(reader)));
        if (capability != CAPABILITY_NONE)
            organisation->capabilities |= 1u << capability;
    }
    uint32_t until = reader_take_u32(reader);
    if (until <= (uint32_t)day_number(last))
        organisation->accredited_until = day_of_number((int32_t)until);
    organisation->users_max = reader_take_u32(reader);
    organisation->staff = reader_take_u32(reader);
}

/* Body, service and capabilities rest by name, as roles do. */
static enum fault put(struct buffer *buffer, const struct organisation *organisation)
{
    buffer_put_u8(buffer, FORMAT);
    buffer_put_field(buffer, bytes_of(organisation->name));
    buffer_put_field(buffer, bytes_of(organisation->phone));
    buffer_put_field(buffer, bytes_of(organisation->authority));
    buffer_put_field(buffer, bytes_of(str_of(policy_body_name(organisation->body))));
    if (organisation->service == SERVICE_NONE)
        buffer_put_field(buffer, (struct bytes){0});
    else
        buffer_put_field(buffer, bytes_of(str_of(policy_service_name(organisation->service))));
    put_accreditation(buffer, organisation);
    return buffer_fault(buffer);
}

static enum fault take(struct bytes clear, struct organisation *organisation)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    organisation->name = str_of_bytes(reader_take_field(&reader));
    organisation->phone = str_of_bytes(reader_take_field(&reader));
    organisation->authority = str_of_bytes(reader_take_field(&reader));
    organisation->body = policy_body_of(str_of_bytes(reader_take_field(&reader)));
    organisation->service = policy_service_of(str_of_bytes(reader_take_field(&reader)));
    if (format != FORMAT_WITHOUT_ACCREDITATION)
        take_accreditation(&reader, organisation);
    if (!reader.ok || (format != FORMAT && format != FORMAT_WITHOUT_ACCREDITATION))
        return fault_note(FAULT_CORRUPT, "an organisation is not in a form that this program knows");
    return FAULT_NONE;
}

static enum fault check(const struct organisation *organisation)
{
    if (organisation->name.len == 0 || organisation->name.len > TEXT_BYTES_MAX ||
        organisation->phone.len > TEXT_BYTES_MAX || organisation->authority.len > TEXT_BYTES_MAX)
        return fault_note(FAULT_INVALID, "an organisation needs a name; its texts have at most 200 bytes");
    if (organisation->body < BODY_OTHER || organisation->body > BODY_OURS ||
        organisation->service >= SERVICES_END)
        return fault_note(FAULT_INVALID, "say to which body the organisation belongs, such as health");
    if (organisation->accredited_until.precision != DAY_EXACT ||
        day_number(organisation->accredited_until) <= 0)
        return fault_note(FAULT_INVALID, "say until when the organisation is accredited");
    if (organisation->users_max > ORGANISATION_USERS_MAX || organisation->staff > ORGANISATION_STAFF_MAX)
        return fault_note(FAULT_INVALID, "an organisation has at most 2000 accounts and 1000000 staff");
    return FAULT_NONE;
}

static int64_t state_of(const struct organisation *organisation)
{
    return organisation->suspended ? ORGANISATION_SUSPENDED : ORGANISATION_ACTIVE;
}

enum fault access_organisation_insert(struct access *access, struct db_tx *tx,
                                      const struct organisation *organisation)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct organisation made = *organisation;
    struct arena *arena = NULL;
    struct bytes sealed;
    enum fault fault;
    if (made.users_max == 0)
        made.users_max = ORGANISATION_USERS_USUAL;
    TRY(check(&made));
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(put(&clear, &made));
    struct seal_place place = place_of(&organisation->organisation, 1);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {[BIND_organisation_insert_organisation_id] =
                                   value_id(organisation->organisation.id),
                               [BIND_organisation_insert_state] = value_int(state_of(organisation)),
                               [BIND_organisation_insert_version] = value_int(1),
                               [BIND_organisation_insert_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_organisation_insert, in, NULL)));
done:
    arena_close(arena);
    buffer_close(&clear);
    return fault;
}

enum fault access_organisation_change(struct access *access, struct db_tx *tx,
                                      const struct organisation *organisation)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct arena *arena = NULL;
    struct bytes sealed;
    int64_t changes = 0;
    enum fault fault;
    TRY(check(organisation));
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(put(&clear, organisation));
    struct seal_place place = place_of(&organisation->organisation, organisation->version + 1);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {
        [BIND_organisation_set_organisation_id] = value_id(organisation->organisation.id),
        [BIND_organisation_set_version] = value_int((int64_t)organisation->version),
        [BIND_organisation_set_state] = value_int(state_of(organisation)),
        [BIND_organisation_set_new_version] = value_int((int64_t)organisation->version + 1),
        [BIND_organisation_set_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_organisation_set, in, &changes)));
    if (changes != 1)
        fault =
            fault_note(FAULT_CONFLICT, "this organisation was changed at the same moment: look at it again");
done:
    arena_close(arena);
    buffer_close(&clear);
    return fault;
}

/* R3.5: to the end of the day before. */
static bool is_accredited(const struct access *access, const struct organisation *organisation)
{
    return organisation->accredited_until.precision == DAY_EXACT &&
           day_number(day_of_instant(access_now(access))) < day_number(organisation->accredited_until);
}

enum fault organisation_open(struct access *access, int64_t state, struct bytes sealed, struct arena *arena,
                             struct organisation *organisation)
{
    struct seal_place place = place_of(&organisation->organisation, organisation->version);
    struct bytes clear;
    enum fault fault;
    organisation->suspended = state != ORGANISATION_ACTIVE;
    TRY(access_unseal(access, &place, sealed, arena, &clear));
    TRY(take(clear, organisation));
    organisation->active = !organisation->suspended && is_accredited(access, organisation);
done:
    return fault;
}

enum fault access_organisation_get(struct access *access, struct db_tx *tx, struct organisation_id id,
                                   struct arena *arena, struct organisation *ret_organisation)
{
    struct organisation organisation = {.organisation = id};
    const struct value in[] = {[BIND_organisation_get_organisation_id] = value_id(id.id)};
    struct value out[GIVES_organisation_get];
    enum fault fault;
    TRY(access_count(access, db_one(tx, SQL_organisation_get, in, arena, out)));
    organisation.version = (uint64_t)out[GIVE_organisation_get_version].number;
    TRY(organisation_open(access, out[GIVE_organisation_get_state].number,
                          out[GIVE_organisation_get_sealed].bytes, arena, &organisation));
    *ret_organisation = organisation;
done:
    return fault;
}
