/* Non-interference (R5.5, R6.4, R8.4, R9.3): pairs of instances that differ only in what a looker may not
 * see, asked all that the looker can ask: as a practitioner each time, and in turn as nobody and as every
 * other role.  A pair is told by its number, whichever others are run.
 *
 *     CONTACTPOINT_PAIRS=20000 CONTACTPOINT_FIRST=0 CONTACTPOINT_SEED=7 test_service_interference */
#include <stdio.h>
#include <stdlib.h>

#include "interference.h"

enum { PAIRS = 100, PAIRS_A_HOUSE = 25, SEED_STEP = 1000000 };

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static int open_street(void **state)
{
    struct street *street = calloc(1, sizeof *street);
    if (street == NULL)
        return -1;
    twins_open(&street->twins);
    *state = street;
    return 0;
}

static int close_street(void **state)
{
    struct street *street = *state;
    twins_close(&street->twins);
    free(street);
    return 0;
}

static void run_pair(struct street *street, uint64_t seed, enum looker other, bool last)
{
    struct twins *twins = &street->twins;
    twins_begin(twins, seed);
    struct pair pair = pair_draw(street, seed, last);
    if (!pair_differ(&pair)) {
        street->left_out++;
        return;
    }
    twins->viewer = &street->seats[TEACHER];
    look_all(&pair);
    ask_every(&pair, TEACHER);
    for (enum looker looker = TEACHER + 1; looker < LOOKERS_END; looker++)
        if ((last || looker == other) && !pair_is_seen_by(&pair, looker))
            ask_every(&pair, looker);
}

/* The last of them is asked about by everybody, who then leave. */
static void run_house(struct street *street, uint64_t first, uint64_t count)
{
    street_build(street, first / PAIRS_A_HOUSE % 2 == 1);
    for (uint64_t i = 0; i < count; i++)
        run_pair(street, first + i, (enum looker)(TEACHER + 1 + (first + i) % (LOOKERS_END - 1)),
                 i + 1 == count);
    for (enum looker looker = TEACHER; looker < LOOKERS_END; looker++)
        ask_last(street, looker);
    street_leave(street);
}

static void case_37_38_what_is_hidden_changes_nothing(void **state)
{
    const uint64_t pairs = number_of("CONTACTPOINT_PAIRS", PAIRS), seed = number_of("CONTACTPOINT_SEED", 1),
                   first = number_of("CONTACTPOINT_FIRST", 0);
    struct street *street = *state;
    for (uint64_t i = 0; i < pairs; i += PAIRS_A_HOUSE)
        run_house(street, seed * SEED_STEP + first + i,
                  pairs - i < PAIRS_A_HOUSE ? pairs - i : (uint64_t)PAIRS_A_HOUSE);
    if (pairs >= 2 * PAIRS_A_HOUSE) /* at home, and elsewhere */
        assert_all_asked(&street->twins);
    assert_true(street->left_out <= 1 + pairs / 1000);
    print_message("pairs %ju, left out %ju, requests %ju, seed %ju\n", (uintmax_t)pairs,
                  (uintmax_t)street->left_out, (uintmax_t)street->twins.asked, (uintmax_t)seed);
    print_message("timing.auc %.3f (0.5: nobody can tell by the time that an answer takes)\n",
                  twins_timing(&street->twins));
}

/* One more pair, which differs by that. */
static struct pair next_pair(struct street *street, enum difference difference)
{
    const uint64_t seed = street->twins.seed + 1;
    twins_begin(&street->twins, seed);
    struct pair pair = pair_draw(street, seed, false);
    pair.difference = difference;
    assert_true(pair_differ(&pair));
    return pair;
}

static void assert_seen(const struct pair *pair, enum looker looker, enum operation operation, struct id id)
{
    const struct request request = {
        .operation = operation, .path_ids = {id}, .path_id_count = id_is_zero(id) ? 0 : 1};
    pair->twins->viewer = &pair->street->seats[looker];
    if (twins_differ(pair->twins, &request) == NULL)
        fail_msg("%s shows no difference, and should", policy_operation(operation)->name);
}

/* The same comparison sees what may be seen: by the team of the child, and by who manages accounts. */
static void what_may_be_seen_differs(void **state)
{
    const struct id none = {{0}};
    struct street *street = *state;
    street_build(street, true);
    struct pair pair = next_pair(street, QUESTION_ASKED);
    while (strcmp(pair.hidden[0].authority, "E06000001") != 0)
        pair = next_pair(street, QUESTION_ASKED);
    assert_seen(&pair, SHIELDER, OP_manage_home, none);
    assert_seen(&pair, SHIELDER, OP_request_list, none);
    assert_seen(&pair, SHIELDER, OP_request_view, pair.secret);
    pair = next_pair(street, OVERRIDDEN);
    while (strcmp(pair.hidden[0].authority, "E06000001") != 0)
        pair = next_pair(street, OVERRIDDEN);
    assert_seen(&pair, REVIEWER, OP_override_list, none);
    assert_seen(&pair, REVIEWER, OP_override_view, pair.secret);
    pair = next_pair(street, STAFF_ELSEWHERE);
    assert_seen(&pair, ADMINISTRATOR, OP_user_view,
                house_staff(street->twins.house[0], "second.data")->account.id);
    street_leave(street);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_may_be_seen_differs, open_street, close_street),
        cmocka_unit_test_setup_teardown(case_37_38_what_is_hidden_changes_nothing, open_street,
                                        close_street)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
