#include "shielding.h"

#include "registry/shield.h"
#include "service/manage.h"

struct child_id shielding_rhys(struct house *house)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_address_1, "7 Harbour Terrace");
    row = row_with(row, COLUMN_former_family, "Quillfeather");
    row = row_with(row, COLUMN_authority, "E06000001");
    (void)house_load(house, SOURCE_health, &row, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

struct seat shielding_first(struct house *house)
{
    return house_officer(house, "shielder", ROLE_shielding_officer);
}

struct seat shielding_second(struct house *house)
{
    return house_officer(house, "second.shielder", ROLE_shielding_officer);
}

struct child_view *shielding_look(const struct seat *seat, struct child_id child)
{
    (void)house_list(seat, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "birth_day", "27",
                                  "birth_month", "3", "birth_year", "2014"));
    struct answer *answer = house_view(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->child;
}

size_t shielding_found(const struct seat *seat)
{
    return house_list(seat, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA"))->count;
}

struct answer *shielding_ask(const struct seat *seat, struct child_id child)
{
    (void)shielding_look(seat, child);
    return house_ask_of(seat, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
}

struct matters_view *shielding_list(const struct seat *seat, enum operation operation)
{
    struct answer *answer = house_ask(seat, &(struct request){.operation = operation});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->matters;
}

struct id shielding_only(const struct seat *seat, enum operation operation)
{
    const struct matters_view *view = shielding_list(seat, operation);
    assert_int_equal(view->count, 1);
    return view->lines[0].matter;
}

void shielding_set_capabilities(struct house *house, size_t organisation, uint32_t capabilities)
{
    struct organisation changed = house_organisation(house, organisation);
    changed.capabilities = capabilities;
    house_change_organisation(house, changed);
}

int64_t shielding_state(struct house *house)
{
    return house_count(house, "SELECT shield FROM child");
}

void shielding_keep(struct house *house)
{
    assert_int_equal(manage_keep(house->service), FAULT_NONE);
}

struct id shielding_decided(struct house *house, struct child_id child)
{
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_ask(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielding_first(house);
    const struct id matter = shielding_only(&seat, OP_shield_list);
    const struct answer *answer = house_ask_of(&seat, OP_shield_decide, matter,
                                               FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS,
                                                      "advice", "police, Inspector Sample, 20 November"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    return matter;
}
