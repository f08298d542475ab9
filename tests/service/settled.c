#include "settled.h"

static struct row rhys_of_health(void)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_other, "Emrys");
    row = row_with(row, COLUMN_known_as, "Rhyso");
    row = row_with(row, COLUMN_former_family, "Quillfeather");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_upn, "");
    row = row_with(row, COLUMN_address_1, "7 Harbour Terrace");
    row = row_with(row, COLUMN_town, "Hartlepool");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_authority, "E06000001");
    row = row_with(row, COLUMN_carer1_family, "Ap Huw");
    row = row_with(row, COLUMN_carer1_given, "Ffion");
    row = row_with(row, COLUMN_carer1_relationship, "mother");
    row = row_with(row, COLUMN_carer1_phone, "07700 900123");
    row = row_with(row, COLUMN_gp_code, "A81001");
    row = row_with(row, COLUMN_gp_name, "Seaview Surgery");
    return row_with(row, COLUMN_gp_phone, "01632 960200");
}

static struct row rhys_of_school(void)
{
    struct row row = house_child("e1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_upn, "P207000016049");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_carer1_family, "Ap Huw");
    row = row_with(row, COLUMN_carer1_given, "Ffion");
    row = row_with(row, COLUMN_school_code, "111555");
    row = row_with(row, COLUMN_school_name, "Northgate Primary School");
    row = row_with(row, COLUMN_school_phone, "01632 960101");
    return row_with(row, COLUMN_school_from, "2018-09-03");
}

struct child_id settled_rhys(struct house *house)
{
    const struct row health[] = {
        rhys_of_health(),
        row_with(row_with(house_child("h2", "Ó Briain", "Niamh", "2016-02-29"), COLUMN_postcode, "LS1 4AB"),
                 COLUMN_authority, "E08000035")};
    const struct row school[] = {rhys_of_school()};
    const struct row social[] = {
        row_with(row_with(house_child("s1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "TS24 7AA"),
                 COLUMN_nhs_number, "943 476 5919"),
        row_with(house_involvement("s1", "i1", "social_work", "Riverside Children's Team"), COLUMN_lead,
                 "yes"),
        row_with(house_involvement("s1", "i2", "family_support", "Bridge House"), COLUMN_to, "2026-05-01")};
    assert_int_equal(house_load(house, SOURCE_health, health, 2).created, 2);
    assert_int_equal(house_load(house, SOURCE_education, school, 1).updated, 1);
    assert_int_equal(house_load(house, SOURCE_social_care, social, 3).updated, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

struct child_view *settled_open(const struct seat *seat, struct child_id child)
{
    struct answer *answer = house_look(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_non_null(answer->child);
    return answer->child;
}

void settled_hides(const struct child_view *view)
{
    assert_int_equal(view->former_name_count, 0);
    assert_int_equal(view->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->address.text.len, 0);
    assert_int_equal(view->former_address_count, 0);
    assert_int_equal(view->carers_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->carer_count, 0);
    assert_int_equal(view->school_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->school.organisation.len, 0);
    assert_int_equal(view->gp_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->gp.organisation.len, 0);
    assert_int_equal(view->past_service_count, 0);
    assert_false(view->sensitive_mark);
    assert_int_equal(view->number_count, 0);
    assert_int_equal(view->authority.len, 0);
    assert_int_equal(view->school_since.us, 0);
    assert_int_equal(view->gp_since.us, 0);
}
