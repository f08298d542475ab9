/* What staff declare of their family rests sealed under a key of its own, and answers one question (R3.8). */
#include "access/staff_fact.h"

#include <stdlib.h>

#include "engine.h"
#include "fixture.h"

struct asking {
    struct fixture *fixture;
    struct account_id account;
    struct staff_facts facts;
    struct person person;
    bool answer;
};

static enum fault give(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    return access_staff_facts_give(asking->fixture->access, tx, asking->account, &asking->facts);
}

static enum fault given(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    return access_staff_facts_given(asking->fixture->access, tx, asking->account, &asking->answer);
}

static enum fault ask(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    const struct permit_staff_facts permit = permit_issue_staff_facts(MISUSE_OWN_CHILD);
    return access_staff_facts_own_child(asking->fixture->access, tx, &permit, asking->account,
                                        &asking->person, &asking->answer);
}

static bool is_own(struct asking *asking, const struct person *person)
{
    asking->person = *person;
    assert_int_equal(db_read(asking->fixture->db, ask, asking), FAULT_NONE);
    return asking->answer;
}

static struct asking asking_of(struct fixture *fixture)
{
    return (struct asking){
        .fixture = fixture,
        .account = fixture_account(fixture, "s.example").account,
        .facts = {
            .postcode = STR("LS6 1AA"),
            .surnames = {STR("Example"), STR("O'Neill")},
            .surname_count = 2,
            .relatives = {{.family = STR("O'Neill"), .given = STR("Zoë"), .birth = {2015, 4, 9, DAY_EXACT}},
                          {.number = STR("7K4M2X9QRT5")}},
            .relative_count = 2}};
}

static struct person person_of(const char *family, const char *given_name, int year)
{
    return (struct person){
        .names = {{.kind = NAME_CURRENT, .family = str_of(family), .given = str_of(given_name)}},
        .name_count = 1,
        .birth = {(uint16_t)year, 4, 9, DAY_EXACT}};
}

static void own_children_are_recognised(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = asking_of(fixture);
    struct person zoe = person_of("ONeill", "Zoe", 2015);
    assert_int_equal(db_read(fixture->db, given, &asking), FAULT_NONE);
    assert_false(asking.answer);
    assert_false(is_own(&asking, &zoe)); /* nothing was declared yet */
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_NONE);
    assert_int_equal(db_read(fixture->db, given, &asking), FAULT_NONE);
    assert_true(asking.answer);
    assert_true(is_own(&asking, &zoe));
    struct person other = person_of("ONeill", "Zoe", 2016);
    assert_false(is_own(&asking, &other));
    other = person_of("Neil", "Zoe", 2015);
    assert_false(is_own(&asking, &other));
    other = person_of("ONeill", "Zara", 2015);
    assert_false(is_own(&asking, &other));
    zoe.names[0] = (struct person_name){.kind = NAME_CURRENT, .family = STR("Marsh"), .given = STR("Zoe")};
    zoe.names[1] = (struct person_name){.kind = NAME_FORMER, .family = STR("O'NEILL"), .given = STR("Zoe")};
    zoe.name_count = 2;
    assert_true(is_own(&asking, &zoe));
    struct person numbered = person_of("Somebody", "Else", 2010);
    numbered.numbers[0] = (struct person_number){NUMBER_contactpoint, STR("7K4M2X9QRT5")};
    numbered.number_count = 1;
    assert_true(is_own(&asking, &numbered));
    numbered.numbers[0].scheme = NUMBER_nhs;
    assert_false(is_own(&asking, &numbered));
}

/* Somebody else's declaration says nothing of me, and a new one takes the place of the old. */
static void a_declaration_is_one_persons_and_the_last(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = asking_of(fixture), other = asking;
    const struct person zoe = person_of("ONeill", "Zoe", 2015);
    other.account = fixture_account(fixture, "t.example").account;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_NONE);
    assert_false(is_own(&other, &zoe));
    asking.facts.relatives[0].birth.year = 2014;
    asking.facts.relative_count = 1;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_NONE);
    assert_false(is_own(&asking, &zoe));
    const struct person older = person_of("ONeill", "Zoe", 2014);
    assert_true(is_own(&asking, &older));
    asking.facts.relatives[0].birth =
        (struct day){1969, 12, 31, DAY_EXACT}; /* before days are counted from */
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_NONE);
    struct person elder = person_of("ONeill", "Zoe", 1969);
    elder.birth = asking.facts.relatives[0].birth;
    assert_true(is_own(&asking, &elder));
}

static void what_is_too_little_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = asking_of(fixture);
    const struct staff_relative wrong[] = {
        {.family = STR("A"), .given = STR("B")},
        {.family = STR("A"), .birth = {2015, 4, 9, DAY_EXACT}},
        {.given = STR("B"), .birth = {2015, 4, 9, DAY_EXACT}},
        {.family = STR("A"), .given = STR("B"), .birth = {2015, 0, 0, DAY_YEAR}}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        asking.facts.relatives[0] = wrong[i];
        assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_INVALID);
    }
    assert_int_equal(db_read(fixture->db, given, &asking), FAULT_NONE);
    assert_false(asking.answer);
}

/* Not in clear, and not under the key of everything else about staff. */
static void it_rests_under_a_key_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = asking_of(fixture);
    static const char *const texts[] = {"LS6 1AA", "O'Neill", "Zo\xc3\xab", "7K4M2X9QRT5"};
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, give, &asking), FAULT_NONE);
    size_t size_bytes;
    char *resting = engine_resting(fixture->db_path, &size_bytes);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null(memmem(resting, size_bytes, texts[i], strlen(texts[i])));
    free(resting);
    const struct person zoe = person_of("ONeill", "Zoe", 2015);
    fixture->access->staff_facts = fixture->access->staff;
    asking.person = zoe;
    assert_int_equal(db_read(fixture->db, ask, &asking), FAULT_CORRUPT);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(own_children_are_recognised),
        IN_A_HOUSE(a_declaration_is_one_persons_and_the_last),
        IN_A_HOUSE(what_is_too_little_is_refused),
        IN_A_HOUSE(it_rests_under_a_key_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
