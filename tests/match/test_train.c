/* match/train.c: what is learnt from records that somebody else's hand made: children whom two sources know.
 */
#include "people.h"

#include <stdio.h>

#include "base/random.h"
#include "match/train.h"

enum { CHILDREN = 3000, NAMES = 40 };

static const char *const FAMILIES[NAMES] = {
    "Abbott",  "Barlow",    "Cartwright", "Dunstan",  "Eastwood", "Fairfax", "Garland",  "Hartley",
    "Ingram",  "Jessop",    "Kemp",       "Lockwood", "Marlow",   "Norwood", "Oakley",   "Prescott",
    "Quigley", "Radcliffe", "Stanhope",   "Thorpe",   "Upton",    "Vaughan", "Whitaker", "Yardley",
    "Ashby",   "Bramley",   "Colbert",    "Draper",   "Elwood",   "Fenton",  "Grantham", "Holbrook",
    "Irving",  "Judd",      "Kirby",      "Langley",  "Mercer",   "Nesbitt", "Orton",    "Pickering"};
static const char *const GIVENS[NAMES] = {
    "Aaron",  "Beth",     "Callum", "Daisy",  "Edwin",  "Fiona", "Gavin",   "Holly",   "Ian",    "Jodie",
    "Keith",  "Laura",    "Martin", "Nadia",  "Owen",   "Paula", "Quentin", "Rosa",    "Simon",  "Tessa",
    "Ursula", "Victor",   "Wendy",  "Xenia",  "Yvonne", "Zoe",   "Adrian",  "Bridget", "Conrad", "Denise",
    "Ernest", "Felicity", "Gregor", "Hester", "Isaac",  "Joyce", "Karl",    "Leonie",  "Magnus", "Nora"};

/* Both sources' records of a child; the second slips in the date of every twentieth, the sex of every
 * fiftieth. */
static void add_child(struct match_train *train, struct stream *stream, int number)
{
    char postcode[2][16];
    struct day birth = day_of_number(13514 + (int32_t)stream_below(stream, 6000));
    const char *family = FAMILIES[stream_below(stream, NAMES)];
    const char *given = GIVENS[stream_below(stream, NAMES)];
    enum sex sex = stream_below(stream, 2) == 0 ? SEX_FEMALE : SEX_MALE;
    for (int i = 0; i < 2; i++)
        (void)snprintf(postcode[i], sizeof postcode[i], "LS%u %u%cB", (unsigned)stream_below(stream, 20) + 1,
                       (unsigned)stream_below(stream, 10), (char)('A' + stream_below(stream, 8)));
    for (int source = 0; source < 2; source++) {
        struct person person = person_of(family, given, "", sex);
        bool slips = source == 1 && number % 20 == 0;
        person.birth = slips ? day_of_number(day_number(birth) + 400) : birth;
        if (source == 1 && number % 50 == 0)
            person.sex = sex == SEX_FEMALE ? SEX_MALE : SEX_FEMALE;
        add_place(&person, true, postcode[source == 1 && number % 5 == 0], "E08000035");
        assert_int_equal(train_add(train, &person), FAULT_NONE);
    }
}

static void train_on(int children, struct buffer *ret_text, struct model_file *ret_model)
{
    struct match_train *train;
    struct train_report report;
    struct stream stream = stream_of(7);
    const struct train_order order = {.seed = 3, .pairs = 400000, .made = STR("a test")};
    assert_int_equal(train_open(NULL, &train), FAULT_NONE);
    for (int i = 0; i < children; i++)
        add_child(train, &stream, i);
    assert_int_equal(train_run(train, &order, ret_model, &report), FAULT_NONE);
    assert_int_equal(report.records, 2 * children);
    assert_true(report.matches > (uint64_t)children);
    train_close(train);
    *ret_text = buffer_open(MODEL_TEXT_BYTES_MAX);
    model_file_write(ret_text, ret_model);
    assert_int_equal(buffer_fault(ret_text), FAULT_NONE);
}

static void the_same_records_give_the_same_model(void **state)
{
    (void)state;
    struct buffer texts[2];
    struct model_file models[2], again;
    uint32_t line;
    for (int i = 0; i < 2; i++)
        train_on(CHILDREN, &texts[i], &models[i]);
    assert_true(str_equal(buffer_str(&texts[0]), buffer_str(&texts[1])));
    assert_int_equal(model_file_read(buffer_str(&texts[0]), &again, &line), FAULT_NONE);
    assert_memory_equal(&again.weights, &models[0].weights, sizeof(again.weights));
    model_file_close(&again);
    for (int i = 0; i < 2; i++) {
        buffer_close(&texts[i]);
        model_file_close(&models[i]);
    }
}

static void weights_follow_the_records(void **state)
{
    (void)state;
    struct buffer text;
    struct model_file model;
    train_on(CHILDREN, &text, &model);
    const struct match_model *w = &model.weights;
    assert_true(w->birth_exact > w->birth_one_digit && w->birth_one_digit > w->birth_not);
    assert_true(w->sex_same > 0 && w->sex_not < 0);
    assert_true(w->postcode_same > w->postcode_district && w->postcode_not < 0);
    /* One in fifty has another sex: about log2(0.02 / 0.5). */
    assert_in_range(-w->sex_not, 3 * 1024, 6 * 1024);
    /* Every one of forty names is common here: about log2(40) bits. */
    assert_in_range(model_file_share(&model, STR("abbott"), PART_FAMILY), 5 * 1024 - 300, 5 * 1024 + 1000);
    assert_int_equal(model_file_share(&model, STR("smith"), PART_FAMILY), 0);
    buffer_close(&text);
    model_file_close(&model);
}

static void too_little_is_refused(void **state)
{
    (void)state;
    struct match_train *train;
    struct model_file model;
    struct train_report report;
    struct stream stream = stream_of(7);
    const struct train_order order = {.seed = 3, .pairs = 1000, .made = STR("a test")};
    assert_int_equal(train_open(NULL, &train), FAULT_NONE);
    fault_clear_note();
    assert_int_equal(train_run(train, &order, &model, &report), FAULT_INVALID);
    for (int i = 0; i < 100; i++)
        add_child(train, &stream, i);
    assert_int_equal(train_run(train, &order, &model, &report), FAULT_INVALID);
    assert_true(strlen(fault_last_note()) > 20);
    train_close(train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_records_give_the_same_model),
        cmocka_unit_test(weights_follow_the_records),
        cmocka_unit_test(too_little_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
