/* The control socket of a serving process, from both ends (R2). */
#include "cli/control_server.h"

#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/instance.h"
#include "cli/wire.h"
#include "service/staff.h"
#include "yard.h"

/* A serving process without pages: operated by the login that runs this test. */
struct serving {
    struct yard yard;
    char login[64];
    char path[CONTROL_PATH_BYTES];
    struct service *service;
    struct control_server *server;
    struct instance *instance;
};

static int set_up(void **state)
{
    static struct serving serving;
    const struct passwd *entry = getpwuid(getuid());
    assert_non_null(entry);
    serving = (struct serving){0};
    yard_open(&serving.yard, 40, true);
    serving.service = yard_service(&serving.yard);
    assert_int_equal(instance_control_path(serving.yard.state, serving.path), FAULT_NONE);
    assert_int_equal(control_server_open(serving.path, serving.service, &serving.server), FAULT_NONE);
    assert_int_equal(instance_open(serving.yard.state, NULL, &serving.instance), FAULT_NONE);
    *state = &serving;
    return 0;
}

static int tear_down(void **state)
{
    struct serving *serving = *state;
    instance_close(serving->instance);
    assert_true(control_server_close(serving->server));
    assert_int_not_equal(access(serving->path, F_OK), 0);
    service_close(serving->service);
    yard_close(&serving->yard);
    return 0;
}

static int dial(const struct serving *serving)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, serving->path, strlen(serving->path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct work_result ask(const struct serving *serving, const struct work *work)
{
    const struct work_listener deaf = instance_deaf();
    struct work_result result;
    instance_do(serving->instance, work, &deaf, serving->yard.arena, &result);
    return result;
}

static struct work person(const char *user_name)
{
    struct work work = {.kind = WORK_DEMONSTRATION_ACCOUNT, .fd = -1};
    work.field[FIELD_USER_NAME] = str_of(user_name);
    work.field[FIELD_FULL_NAME] = STR("Siân O'Neill-Łuczak");
    work.field[FIELD_JOB] = STR("Teacher");
    work.field[FIELD_PHONE] = STR("01632 960301");
    work.field[FIELD_EMAIL] = STR("sian@example.org");
    work.field[FIELD_ROLES] = STR("practitioner, data_officer");
    work.field[FIELD_ORGANISATION_NAME] = STR("Beck Hill Primary School");
    work.field[FIELD_ORGANISATION_PHONE] = STR("01632 960300");
    work.field[FIELD_ORGANISATION_AUTHORITY] = STR("E08000032");
    work.field[FIELD_ORGANISATION_BODY] = STR("education");
    work.field[FIELD_ORGANISATION_SERVICE] = STR("school");
    return work;
}

static void test_socket_is_ours_alone(void **state)
{
    const struct serving *serving = *state;
    struct stat status;
    assert_int_equal(stat(serving->path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_account_and_token(void **state)
{
    const struct serving *serving = *state;
    struct work work = person("teacher");
    struct work_result result = ask(serving, &work);
    assert_int_equal(result.fault, FAULT_NONE);
    assert_true(result.text[TEXT_PASSWORD].len >= 12);
    assert_int_equal(result.text[TEXT_PIN].len, 6);
    assert_int_equal(result.text[TEXT_ORGANISATION].len, ID_TEXT_LEN);
    result = ask(serving, &work);
    assert_int_equal(result.fault, FAULT_DUPLICATE);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "used before"));
    work = (struct work){.kind = WORK_TOKEN, .fd = -1};
    work.field[FIELD_USER_NAME] = STR("teacher");
    result = ask(serving, &work);
    assert_int_equal(result.fault, FAULT_NONE);
    assert_int_equal(result.text[TEXT_CODE].len, 6);
    work.field[FIELD_USER_NAME] = STR("nobody");
    result = ask(serving, &work);
    assert_int_equal(result.fault, FAULT_ABSENT);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "nobody has this user name"));
}

static void test_fields_are_checked(void **state)
{
    const struct serving *serving = *state;
    static const struct {
        enum work_field field;
        const char *value;
        const char *says;
    } all[] = {
        {FIELD_ROLES, "practitioner,wizard", "a role is not one that is known"},
        {FIELD_ROLES, "", "give at least one role"},
        {FIELD_ORGANISATION, "short", "26 letters and digits"},
        {FIELD_ORGANISATION_BODY, "circus", "body must be"},
        {FIELD_ORGANISATION_SERVICE, "sexual_health", "kind of service is not one"},
        {FIELD_USER_NAME, "A B", ""},
        {FIELD_FULL_NAME, "", "full name"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct work work = person("somebody");
        work.field[all[i].field] = str_of(all[i].value);
        struct work_result result = ask(serving, &work);
        assert_int_equal(result.fault, FAULT_INVALID);
        assert_true(result.text[TEXT_MESSAGE].len > 0);
        assert_non_null(strstr(result.text[TEXT_MESSAGE].at, all[i].says));
        assert_int_equal(result.text[TEXT_PASSWORD].len, 0);
    }
}

/* R2: whoever connects is named by the kernel; a login that operates nothing here loads nothing. */
static void test_a_stranger_loads_nothing(void **state)
{
    const struct serving *serving = *state;
    struct work work = {.kind = WORK_FEED_LOAD};
    work.fd = open(yard_feed(&serving->yard, "health.csv"), O_RDONLY | O_CLOEXEC);
    assert_true(work.fd >= 0);
    struct work_result result = ask(serving, &work);
    (void)close(work.fd);
    assert_int_equal(result.fault, FAULT_SIGN_IN);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "no operator's here"));
    assert_int_equal(result.source, SOURCE_NONE);
}

/* Rubbish is refused, and the server goes on answering. */
static void test_rubbish(void **state)
{
    const struct serving *serving = *state;
    struct stream stream = stream_of(5);
    for (int i = 0; i < 300; i++) {
        uint8_t noise[64];
        size_t len = 1 + (size_t)stream_below(&stream, sizeof noise);
        for (size_t k = 0; k < len; k++)
            noise[k] = (uint8_t)stream_next(&stream);
        if (i % 2 == 0 && len > 5) { /* a right head, and nonsense behind it */
            const uint8_t head[5] = {0, 0, 0, (uint8_t)(len - 5), FRAME_WORK};
            memcpy(noise, head, sizeof head);
            if (i % 4 == 0 && len > 7) {
                noise[5] = WIRE_VERSION;
                noise[6] = (uint8_t)(1 + stream_below(&stream, 8));
            }
        }
        int fd = dial(serving);
        assert_int_equal(send(fd, noise, len, MSG_NOSIGNAL), (ssize_t)len);
        (void)shutdown(fd, SHUT_WR);
        char answer[256];
        while (recv(fd, answer, sizeof answer, 0) > 0)
            ;
        (void)close(fd);
    }
    test_socket_is_ours_alone(state);
    struct work work = {.kind = WORK_TOKEN, .fd = -1};
    work.field[FIELD_USER_NAME] = STR("nobody");
    assert_int_equal(ask(serving, &work).fault, FAULT_ABSENT);
}

/* Those who say nothing keep their few places for a few seconds; beyond them, connections are closed at once.
 */
static void test_silent_peers_are_bounded(void **state)
{
    const struct serving *serving = *state;
    int fds[CONTROL_CONNECTIONS_MAX + 4];
    char c;
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        fds[i] = dial(serving);
    size_t closed = 0;
    for (size_t i = sizeof fds / sizeof fds[0]; i-- > 0;) {
        if (closed < 4 && i >= CONTROL_CONNECTIONS_MAX) {
            assert_int_equal(recv(fds[i], &c, 1, 0), 0);
            closed++;
        }
        (void)close(fds[i]);
    }
    assert_int_equal(closed, 4);
}

static void test_frames_that_are_too_long(void **state)
{
    const struct serving *serving = *state;
    const uint8_t head[] = {0xFF, 0xFF, 0xFF, 0xFF, FRAME_WORK};
    char c;
    int fd = dial(serving);
    assert_int_equal(send(fd, head, sizeof head, MSG_NOSIGNAL), sizeof head);
    assert_int_equal(recv(fd, &c, 1, 0), 0);
    (void)close(fd);
}

static void test_another_version_is_told(void **state)
{
    const struct serving *serving = *state;
    const uint8_t content[] = {WIRE_VERSION + 1, 0, 0};
    struct buffer buffer = buffer_open(FRAME_BYTES_MAX);
    struct frame frame;
    struct work_result result;
    int fd = dial(serving);
    assert_int_equal(wire_send(fd, FRAME_WORK, (struct bytes){content, sizeof content}, -1), FAULT_NONE);
    assert_int_equal(wire_receive(fd, 5, &buffer, &frame), FAULT_NONE);
    assert_int_equal(frame.type, FRAME_RESULT);
    assert_int_equal(wire_take_result(frame.content, &result), FAULT_NONE);
    assert_int_equal(result.fault, FAULT_SCHEMA);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "another version"));
    (void)close(fd);
    buffer_close(&buffer);
}

/* A command that brings a file where none belongs, or none where one does. */
static void test_files_belong_to_loads(void **state)
{
    const struct serving *serving = *state;
    struct work work = {.kind = WORK_FEED_LOAD, .fd = -1};
    assert_int_equal(ask(serving, &work).fault, FAULT_MALFORMED);
    work = (struct work){.kind = WORK_TOKEN, .fd = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    assert_int_equal(ask(serving, &work).fault, FAULT_MALFORMED);
    (void)close(work.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_is_ours_alone),     cmocka_unit_test(test_account_and_token),
        cmocka_unit_test(test_fields_are_checked),       cmocka_unit_test(test_a_stranger_loads_nothing),
        cmocka_unit_test(test_frames_that_are_too_long), cmocka_unit_test(test_another_version_is_told),
        cmocka_unit_test(test_files_belong_to_loads),    cmocka_unit_test(test_rubbish),
        cmocka_unit_test(test_silent_peers_are_bounded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
