#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/route.h"

#define ID "0123456789abcdefghjkmnpqrs"

static struct route find(const char *method, const char *target)
{
    return route_find(str_of(method), str_of(target));
}

static void every_operation_of_the_table_is_reached(void **state)
{
    (void)state;
    struct id id;
    assert_true(id_parse(STR(ID), &id));
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        const struct operation_row *row = policy_operation(operation);
        if (row->door != DOOR_WEB)
            continue;
        struct buffer target = buffer_open(256);
        struct str left = str_of(row->path);
        struct str piece;
        uint8_t ids = 0;
        for (bool first = true; str_split(&left, '/', &piece); first = false) {
            if (!first)
                buffer_put_char(&target, '/');
            bool is_id = piece.len > 0 && piece.at[0] == ':';
            buffer_put(&target, is_id ? STR(ID) : piece);
            ids = (uint8_t)(ids + is_id);
        }
        struct route route =
            route_find(row->method == METHOD_GET ? STR("GET") : STR("POST"), buffer_str(&target));
        assert_int_equal(route.status, 0);
        assert_int_equal(route.operation, operation);
        assert_int_equal(route.id_count, ids);
        for (uint8_t i = 0; i < ids; i++)
            assert_true(id_equal(route.ids[i], id));
        buffer_put(&target, STR("//"));
        assert_int_equal(route_find(STR("GET"), buffer_str(&target)).status, 404);
        buffer_close(&target);
    }
}

static void other_methods_name_those_that_the_path_has(void **state)
{
    (void)state;
    assert_int_equal(find("POST", "/").status, 405);
    assert_string_equal(find("POST", "/").allow, "GET");
    assert_string_equal(find("GET", "/sign-out").allow, "POST");
    assert_string_equal(find("TRACE", "/find").allow, "GET, POST");
    assert_string_equal(find("HEAD", "/children/" ID "/involvements/new").allow, "GET, POST");
    assert_int_equal(find("get", "/").status, 405);
}

static void unknown_paths_are_404(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",
                                          "//",
                                          "/Find",
                                          "/find/",
                                          "/find/" ID "/",
                                          "/find?x=y",
                                          "/?",
                                          "/children",
                                          "/children/",
                                          "/children//details",
                                          "/children/" ID "/details/",
                                          "find",
                                          "/account/first",
                                          "account first",
                                          "/assets/x",
                                          "/%66ind"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        if (find("GET", unknown[i]).status != 404)
            fail_msg("%s", unknown[i]);
}

static void a_malformed_id_becomes_nobodys(void **state)
{
    (void)state;
    static const char *const malformed[] = {"/children/x",
                                            "/children/0123456789ABCDEFGHJKMNPQRS",
                                            "/children/" ID "0",
                                            "/children/0123456789abcdefghjkmnpqrl",
                                            "/children/zzzzzzzzzzzzzzzzzzzzzzzzzz",
                                            "/children/new"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct route route = find("GET", malformed[i]);
        assert_int_equal(route.status, 0);
        assert_int_equal(route.operation, OP_child_view);
        assert_int_equal(route.id_count, 1);
        assert_true(id_is_zero(route.ids[0]));
    }
    /* a literal piece comes before an id */
    assert_int_equal(find("GET", "/children/" ID "/involvements/new").operation, OP_involvement_page);
    assert_int_equal(find("POST", "/children/" ID "/involvements/new").operation, OP_involvement_record);
    assert_int_equal(find("POST", "/children/" ID "/involvements/old").operation, OP_involvement_end);
    assert_int_equal(find("POST", "/children/" ID "/involvements/" ID).id_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_of_the_table_is_reached),
        cmocka_unit_test(other_methods_name_those_that_the_path_has),
        cmocka_unit_test(unknown_paths_are_404),
        cmocka_unit_test(a_malformed_id_becomes_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
