#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/permit.h"

static struct decision decided(enum operation operation, bool permitted)
{
    struct decision decision = {.operation = operation, .permitted = permitted};
    decision.sight[RECORD_LIVE] = permitted ? MASK(IDENTITY) : 0;
    return decision;
}

static const struct account_id somebody = {{{[15] = 7}}};

static void a_permit_carries_who_what_and_sight(void **state)
{
    (void)state;
    struct decision decision = decided(OP_child_view, true);
    struct permit_child_view permit = permit_issue_child_view(&decision, ROLE_practitioner, somebody);
    assert_int_equal(permit.permit.operation, OP_child_view);
    assert_int_equal(permit.permit.role, ROLE_practitioner);
    assert_true(id_equal(permit.permit.account.id, somebody.id));
    assert_int_equal(permit.permit.sight[RECORD_LIVE], MASK(IDENTITY));
    assert_int_equal(permit.permit.sight[RECORD_SHIELDED], 0);
}

/* How a child process ends that asks for a permit to view. */
static int end_of_issuing(struct decision decision)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)permit_issue_child_view(&decision, ROLE_practitioner, somebody);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_permit_without_its_decision_stops_the_process(void **state)
{
    (void)state;
    int status = end_of_issuing(decided(OP_child_view, false));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = end_of_issuing(decided(OP_child_details, true));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = end_of_issuing(decided(OP_child_view, true));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permit_carries_who_what_and_sight),
        cmocka_unit_test(a_permit_without_its_decision_stops_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
