#include "access/inside.h"

enum { FORMAT = 1, TEXT_BYTES_MAX = 200 };

static struct seal_place place_of(const struct organisation_id *organisation, uint64_t version)
{
    return (struct seal_place){
        .table = "organisation", .column = "sealed", .row = id_bytes(&organisation->id), .version = version};
}

/* Body and service rest by name, as roles do. */
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
    if (!reader.ok || format != FORMAT)
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
    return FAULT_NONE;
}

enum fault access_organisation_insert(struct access *access, struct db_tx *tx,
                                      const struct organisation *organisation)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct arena *arena = NULL;
    struct bytes sealed;
    enum fault fault;
    TRY(check(organisation));
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(put(&clear, organisation));
    struct seal_place place = place_of(&organisation->organisation, 1);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {
        [BIND_organisation_insert_organisation_id] = value_id(organisation->organisation.id),
        [BIND_organisation_insert_state] =
            value_int(organisation->active ? ORGANISATION_ACTIVE : ORGANISATION_SUSPENDED),
        [BIND_organisation_insert_version] = value_int(1),
        [BIND_organisation_insert_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_organisation_insert, in, NULL)));
done:
    arena_close(arena);
    buffer_close(&clear);
    return fault;
}

enum fault organisation_open(struct access *access, int64_t state, struct bytes sealed, struct arena *arena,
                             struct organisation *organisation)
{
    struct seal_place place = place_of(&organisation->organisation, organisation->version);
    struct bytes clear;
    enum fault fault;
    organisation->active = state == ORGANISATION_ACTIVE;
    TRY(access_unseal(access, &place, sealed, arena, &clear));
    TRY(take(clear, organisation));
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
