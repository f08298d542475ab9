#include "cli/wire.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "yard.h"

static struct work sample(void)
{
    static const char *const texts[] = {"", "a", "Łucja", "two\nlines"};
    struct work work = {.kind = WORK_ACCOUNT_CREATE, .fd = -1};
    for (size_t i = 0; i < WORK_FIELDS_END; i++)
        work.field[i] = str_of(texts[i % 4]);
    return work;
}

static void test_work_there_and_back(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct work work = sample(), back = {.kind = WORK_TOKEN};
    wire_put_work(&buffer, &work);
    assert_int_equal(wire_take_work(buffer_bytes(&buffer), &back), FAULT_NONE);
    assert_int_equal(back.kind, work.kind);
    assert_int_equal(back.fd, -1);
    for (size_t i = 0; i < WORK_FIELDS_END; i++)
        assert_true(str_equal(back.field[i], work.field[i]));
    buffer_close(&buffer);
}

/* Nothing shorter or longer is work, and what is no work is left untouched. */
static void test_every_cut_is_refused(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct work work = sample(), back = {.kind = WORK_TOKEN};
    wire_put_work(&buffer, &work);
    for (size_t len = 0; len < buffer.len; len++)
        assert_int_equal(wire_take_work((struct bytes){buffer_bytes(&buffer).at, len}, &back),
                         FAULT_MALFORMED);
    buffer_put_u8(&buffer, 0);
    assert_int_equal(wire_take_work(buffer_bytes(&buffer), &back), FAULT_MALFORMED);
    assert_int_equal(back.kind, WORK_TOKEN);
    buffer_close(&buffer);
}

/* Fields have bounds and are UTF-8 without NUL. */
static void test_bad_fields(void **state)
{
    (void)state;
    static char longest[4097];
    memset(longest, 'x', sizeof longest);
    const struct str bad[] = {{longest, sizeof longest}, {"\xFF", 1}, {"a\0b", 3}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
        struct work work = sample(), back;
        work.field[FIELD_JOB] = bad[i];
        wire_put_work(&buffer, &work);
        assert_int_equal(wire_take_work(buffer_bytes(&buffer), &back), FAULT_MALFORMED);
        buffer_close(&buffer);
    }
}

static void test_result_there_and_back(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct work_result result = {.fault = FAULT_CONFLICT,
                                 .source = SOURCE_social_care,
                                 .sequence = 7,
                                 .rows = INT64_C(20000000000),
                                 .counts = {1, 2, 3, 4, 5, 6}};
    struct work_result back = {0};
    result.text[TEXT_MESSAGE] = STR("send it again");
    result.text[TEXT_CODE] = STR("123456");
    wire_put_result(&buffer, &result);
    assert_int_equal(wire_take_result(buffer_bytes(&buffer), &back), FAULT_NONE);
    assert_int_equal(back.fault, FAULT_CONFLICT);
    assert_int_equal(back.source, SOURCE_social_care);
    assert_int_equal(back.rows, result.rows);
    assert_memory_equal(&back.counts, &result.counts, sizeof back.counts);
    assert_true(str_equal(back.text[TEXT_CODE], STR("123456")));
    for (size_t len = 1; len < buffer.len; len++)
        assert_int_equal(wire_take_result((struct bytes){buffer_bytes(&buffer).at, len}, &back),
                         FAULT_MALFORMED);
    buffer_close(&buffer);
}

static void test_a_file_comes_along(void **state)
{
    (void)state;
    int ends[2];
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct frame frame;
    char c;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_true(zero >= 0);
    assert_int_equal(wire_send(ends[0], FRAME_WORK, (struct bytes){(const uint8_t *)"hello", 5}, zero),
                     FAULT_NONE);
    assert_int_equal(wire_receive(ends[1], 5, &buffer, &frame), FAULT_NONE);
    assert_int_equal(frame.type, FRAME_WORK);
    assert_int_equal(frame.content.len, 5);
    assert_true(frame.fd >= 0 && frame.fd != zero);
    assert_int_equal(read(frame.fd, &c, 1), 1);
    assert_int_equal(fcntl(frame.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    (void)close(frame.fd);
    assert_int_equal(wire_send(ends[0], FRAME_PROGRESS, (struct bytes){NULL, 0}, -1), FAULT_NONE);
    assert_int_equal(wire_receive(ends[1], 5, &buffer, &frame), FAULT_NONE);
    assert_int_equal(frame.content.len, 0);
    assert_int_equal(frame.fd, -1);
    (void)close(ends[0]);
    assert_int_equal(wire_receive(ends[1], 5, &buffer, &frame), FAULT_CANCELLED);
    assert_int_equal(wire_send(ends[1], FRAME_RESULT, (struct bytes){NULL, 0}, -1), FAULT_CANCELLED);
    (void)close(ends[1]);
    (void)close(zero);
    buffer_close(&buffer);
}

/* A peer that stops in the middle of a frame, or never begins one, is waited for and then left. */
static void test_slow_peers(void **state)
{
    (void)state;
    int ends[2];
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct frame frame;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(wire_receive(ends[1], 0, &buffer, &frame), FAULT_CANCELLED);
    int64_t started_us = clock_monotonic_us();
    assert_int_equal(write(ends[0], "\0\0", 2), 2);
    assert_int_equal(wire_receive(ends[1], 1, &buffer, &frame), FAULT_CANCELLED);
    assert_true(clock_monotonic_us() - started_us < 3 * INT64_C(1000000) * FRAME_SECONDS_MAX);
    (void)close(ends[0]);
    (void)close(ends[1]);
    buffer_close(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_work_there_and_back), cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_bad_fields),          cmocka_unit_test(test_result_there_and_back),
        cmocka_unit_test(test_a_file_comes_along),  cmocka_unit_test(test_slow_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
