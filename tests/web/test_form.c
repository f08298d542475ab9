#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/form.h"

static struct arena *arena;
static struct form form;

static int start(void **state)
{
    (void)state;
    return arena_open(1024 * 1024, &arena) == FAULT_NONE ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static int read_str(struct str body)
{
    arena_reset(arena);
    return form_read(OP_child_find, STR("application/x-www-form-urlencoded"), body, arena, &form);
}

static int read_text(const char *body)
{
    return read_str(str_of(body));
}

static void assert_value(size_t index, const char *name, const char *value)
{
    assert_true(index < form.field_count);
    assert_true(str_equal(form.fields[index].name, str_of(name)));
    assert_true(str_equal(form.fields[index].value, str_of(value)));
}

static void fields_are_decoded(void **state)
{
    (void)state;
    assert_int_equal(
        read_text("family=O%27Neill&given=Mair+Non&form_token=0a1b&sex=&reason_text=a%0D%0Ab%3D%26c"), 0);
    assert_int_equal(form.field_count, 4);
    assert_value(0, "family", "O'Neill");
    assert_value(1, "given", "Mair Non");
    assert_value(2, "sex", "");
    assert_value(3, "reason_text", "a\r\nb=&c");
    assert_true(str_equal(form.token, STR("0a1b")));
    assert_int_equal(read_text("family=%C5%81ukasz%2b%f0%9f%98%80&f%61mily=x"), 400);
    assert_int_equal(read_text("f%61mily=%C5%81ukasz%2b"), 0);
    assert_value(0, "family", "\xc5\x81ukasz+");
    assert_int_equal(read_text(""), 0);
    assert_int_equal(form.field_count, 0);
    assert_null(form.token.at);
}

static void what_is_not_a_form_of_ours_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "family=a&family=b",         /* twice */
        "form_token=a&form_token=b", /* twice */
        "undeclared=a",              /* of no operation */
        "password=a",                /* of another operation */
        "family",                    /* no value */
        "=a",                        /* no name */
        "&",                         /* nothing twice */
        "family=a&",                 /* nothing at the end */
        "&family=a",                 /* nothing at first */
        "family=%",
        "family=%4",
        "family=%4g",
        "family=%zz",
        "%=a",
        "family=%00", /* NUL */
        "family=a%00b",
        "fam%00ily=a",
        "family=%ff", /* no UTF-8 */
        "family=%c3",
        "family=%ed%a0%80",
        "family=%c0%80",
        "family=\xc3\xa9", /* browsers encode it */
        "family=a b",
        "family=a\r\n",
        "family=\x01",
        "FAMILY=a",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (read_text(bodies[i]) != 400)
            fail_msg("%s", bodies[i]);
    assert_int_equal(read_str((struct str){"family=a\0b", 10}), 400);
}

static void another_content_type_is_415(void **state)
{
    (void)state;
    static const char *const fine[] = {"application/x-www-form-urlencoded",
                                       "APPLICATION/X-WWW-Form-Urlencoded",
                                       "application/x-www-form-urlencoded; charset=UTF-8",
                                       "application/x-www-form-urlencoded;charset=utf-8"};
    static const char *const other[] = {"",
                                        "text/plain",
                                        "multipart/form-data; boundary=x",
                                        "application/json",
                                        "application/x-www-form-urlencoded; charset=iso-8859-1",
                                        "application/x-www-form-urlencoded; charset=utf-8; x=y",
                                        "application/x-www-form-urlencodedx",
                                        "application/x-www-form-urlencoded;"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        assert_int_equal(form_read(OP_child_find, str_of(fine[i]), STR("family=a"), arena, &form), 0);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_int_equal(form_read(OP_child_find, str_of(other[i]), STR("family=a"), arena, &form), 415);
    assert_int_equal(form_read(OP_child_find, (struct str){NULL, 0}, STR("family=a"), arena, &form), 415);
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    static char body[FORM_BYTES_MAX + 1];
    memset(body, 'a', sizeof body);
    memcpy(body, "family=", 7);
    assert_int_equal(read_str((struct str){body, FORM_BYTES_MAX}), 0);
    assert_int_equal(form.fields[0].value.len, FORM_BYTES_MAX - 7);
    assert_int_equal(read_str((struct str){body, FORM_BYTES_MAX + 1}), 413);
    struct arena *small = NULL;
    assert_int_equal(arena_open(64, &small), FAULT_NONE);
    assert_int_equal(form_read(OP_child_find, STR("application/x-www-form-urlencoded"),
                               (struct str){body, 1000}, small, &form),
                     503);
    arena_close(small);
}

/* Every operation takes exactly what forms.def declares for it. */
static void each_operation_takes_its_own_fields(void **state)
{
    (void)state;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        size_t count = 0;
        const struct input_row *rows = policy_inputs(operation, &count);
        struct buffer body = buffer_open(FORM_BYTES_MAX);
        buffer_put(&body, STR("form_token=t"));
        for (size_t i = 0; i < count; i++) {
            buffer_put_char(&body, '&');
            buffer_put(&body, str_of(rows[i].field));
            buffer_put(&body, STR("=1"));
        }
        struct str type = STR("application/x-www-form-urlencoded");
        assert_int_equal(form_read(operation, type, buffer_str(&body), arena, &form), 0);
        assert_int_equal(form.field_count, count);
        buffer_put(&body, STR("&more=1"));
        assert_int_equal(form_read(operation, type, buffer_str(&body), arena, &form), 400);
        buffer_close(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded),
        cmocka_unit_test(what_is_not_a_form_of_ours_is_refused),
        cmocka_unit_test(another_content_type_is_415),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(each_operation_takes_its_own_fields),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
