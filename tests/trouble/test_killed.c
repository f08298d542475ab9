/* Case 58 as people meet it: a server dies under load and comes back, and nobody who was told something has
 * to do anything again. */
#include <poll.h>
#include <stdio.h>

#include "base/random.h"
#include "crowd.h"

enum {
    CHILDREN = 120,
    SEARCHERS = 4,
    KILLS = 6,
    LIVES_MS_MAX = 400,
    CLIENT_PATIENCE_US = 20 * 1000000,
};

static const char *program;
static struct site site;
static struct crowd crowd;

static int set_up(void **state)
{
    (void)state;
    site_open(&site, &(struct site_order){.program = program, .children = CHILDREN, .lease_s = 2});
    assert_true(server_start(&site, 0));
    crowd_open(&crowd, &site, 0, CLIENT_PATIENCE_US);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    crowd_close(&crowd);
    site_close(&site);
    return 0;
}

static int64_t claims(void)
{
    return site_count(&site, "SELECT count(*) FROM claim");
}

/* Whoever has no answer when the server dies asks again at the next one, with the same form. */
static void case_58_a_server_dies_under_its_users(void **state)
{
    (void)state;
    struct stream stream = stream_of(58);
    int64_t before = claims(), recorded = 0;
    for (int i = 0; i < KILLS; i++) {
        crowd_begin(&crowd, SEARCHERS);
        (void)poll(NULL, 0, (int)stream_below(&stream, LIVES_MS_MAX));
        assert_int_equal(server_kill(&site.servers[0]), -9);
        assert_true(server_start(&site, 0));
        (void)poll(NULL, 0, 200);
        struct seen seen = crowd_end(&crowd);
        seen_print("killed", &seen);
        assert_int_equal(seen.wrong, 0);
        assert_int_equal(seen.hung, 0);
        assert_true(seen.answered > 0);
        recorded += seen.recorded;
    }
    crowd_check_lists(&crowd);
    assert_int_equal(claims(), before + recorded);
    assert_int_equal(server_stop(&site.servers[0]), 0);
    site_check(&site);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(case_58_a_server_dies_under_its_users, set_up, tear_down)};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: test_killed CONTACTPOINT\n");
        return 2;
    }
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
