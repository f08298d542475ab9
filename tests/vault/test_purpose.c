/* What is opened for what: purposes, their permits, and what the keeper counts (security.md §6). */
#include "vault/purpose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/vault.h"

struct house {
    char folder[64];
    char path[96];
    struct vault *vault;
};

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    (void)snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-purpose-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    (void)snprintf(house->path, sizeof house->path, "%s/key", house->folder);
    assert_int_equal(vault_create(house->path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(house->path, &house->vault), FAULT_NONE);
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    char path[128];
    vault_close(house->vault);
    (void)snprintf(path, sizeof path, "%s.state", house->path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(house->path), 0);
    assert_int_equal(rmdir(house->folder), 0);
    free(house);
    return 0;
}

static const struct decision looked = {
    .operation = OP_child_view,
    .permitted = true,
    .sight = {[RECORD_LIVE] = MASK(IDENTITY) | MASK(WHEREABOUTS), [RECORD_SHIELDED] = MASK(IDENTITY)}};
static const struct decision decided = {.operation = OP_case_decide, .permitted = true};
static const struct decision sought = {.operation = OP_case_view, .permitted = true};

static struct permit_child_view may_look(void)
{
    return permit_issue_child_view(&looked, ROLE_practitioner, (struct account_id){{{1}}});
}

static struct permit_case_decide may_decide(void)
{
    return permit_issue_case_decide(&decided, ROLE_data_officer, (struct account_id){{{2}}});
}

static struct permit_case_view may_seek(void)
{
    return permit_issue_case_view(&sought, ROLE_data_officer, (struct account_id){{{2}}});
}

/* Each as a caller would have it, of a record that is live where it asks for one. */
static struct vault_purpose purpose_of(struct vault *vault, enum purpose purpose)
{
    const struct permit_child_view look = may_look();
    const struct permit_case_view seek = may_seek();
    const struct permit_case_decide decide = may_decide();
    const struct permit_staff_facts facts = permit_issue_staff_facts(MISUSE_OWN_CHILD);
    switch (purpose) {
    case PURPOSE_DISPLAY:
        return vault_for_record(vault_for_display(vault, &look.permit), RECORD_LIVE);
    case PURPOSE_CASE:
        return vault_for_record(vault_for_case(vault, &seek.permit), RECORD_LIVE);
    case PURPOSE_WRITING:
        return vault_for_record(vault_for_writing(vault, &decide.permit), RECORD_LIVE);
    case PURPOSE_MISUSE:
        return vault_for_record(vault_for_misuse(vault, &facts), RECORD_LIVE);
    case PURPOSE_LINKAGE:
        return vault_for_linkage(vault).purpose;
    case PURPOSE_AUDIT:
        return vault_for_audit(vault);
    case PURPOSE_OWN:
        return vault_for_own(vault);
    case PURPOSE_NONE:
    case PURPOSE_SEALING:
    case PURPOSES_END:
        break;
    }
    return (struct vault_purpose){.vault = vault, .purpose = PURPOSE_SEALING};
}

static const struct seal_place bundle_place = {
    "child", "linkage", {(const uint8_t *)"0123456789abcdef", 16}, 1};

static enum fault open_at(struct vault *vault, struct vault_purpose purpose, const struct seal_place *place)
{
    struct wrapped_key key;
    struct buffer sealed = buffer_open(4096), clear = buffer_open(4096);
    assert_int_equal(vault_key_new(vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(vault, &key, place, bytes_of(STR("Nia Parry")), &sealed), FAULT_NONE);
    enum fault fault = vault_unseal(purpose, &key, place, buffer_bytes(&sealed), &clear);
    assert_int_equal(clear.len, fault == FAULT_NONE ? 9 : 0);
    buffer_close(&sealed);
    buffer_close(&clear);
    return fault;
}

/* Said again, apart from the tables: which purposes open what stands in a place. */
static const struct {
    const char *table;
    const char *column;
    uint32_t purposes;
} openers[] = {
#define FOR(purpose) ((uint32_t)1 << PURPOSE_##purpose)
    {"child", "linkage", FOR(DISPLAY) | FOR(CASE) | FOR(WRITING) | FOR(MISUSE) | FOR(LINKAGE)},
    {"claim", "sealed", FOR(DISPLAY) | FOR(CASE) | FOR(WRITING) | FOR(MISUSE) | FOR(LINKAGE)},
    {"batch_waiting", "sealed", FOR(CASE) | FOR(WRITING) | FOR(LINKAGE)},
    {"batch_plan", "sealed", FOR(LINKAGE)},
    {"snapshot", "head", FOR(LINKAGE)},
    {"snapshot", "piece", FOR(LINKAGE)},
    {"new_identity", "sealed", FOR(WRITING)},
    {"staff_fact", "sealed", FOR(MISUSE)},
    {"audit_entry", "sealed", FOR(AUDIT)},
    {"account", "sealed", FOR(OWN)},
    {"authenticator", "sealed", FOR(OWN)},
    {"matter_step", "sealed", FOR(OWN)},
    {"message", "words", FOR(OWN)},
    {"search", "sealed", FOR(OWN)},
    {"source_record", "sealed", FOR(OWN)},
    {"child", "sealed", 0},
    {"nothing", "linkage", 0},
#undef FOR
};

static void test_each_purpose_opens_its_own_places(void **state)
{
    struct house *house = *state;
    for (int purpose = 1; purpose < PURPOSES_END; purpose++)
        for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
            const struct seal_place place = {
                openers[i].table, openers[i].column, {(const uint8_t *)"0123456789abcdef", 16}, 1};
            fault_clear_note();
            enum fault fault = open_at(house->vault, purpose_of(house->vault, (enum purpose)purpose), &place);
            if ((openers[i].purposes >> purpose & 1) != 0)
                assert_int_equal(fault, FAULT_NONE);
            else
                assert_int_equal(fault, FAULT_SYSTEM);
            assert_true(fault == FAULT_NONE || fault_last_note() != NULL);
        }
}

/* What the permit shows nothing of stays shut, and so does a record of which nobody has said its state. */
static void test_a_display_reaches_as_far_as_its_permit(void **state)
{
    struct house *house = *state;
    const struct permit_child_view look = may_look();
    const struct vault_purpose display = vault_for_display(house->vault, &look.permit);
    assert_int_equal(open_at(house->vault, display, &bundle_place), FAULT_SYSTEM);
    for (enum record_state in = RECORD_LIVE; (int)in <= RECORD_STATES; in++) {
        const bool seen = in == RECORD_LIVE || in == RECORD_SHIELDED;
        const struct vault_purpose of_record = vault_for_record(display, in);
        assert_int_equal(vault_opens_record(&of_record), seen);
        assert_int_equal(open_at(house->vault, of_record, &bundle_place), seen ? FAULT_NONE : FAULT_SYSTEM);
    }
}

static void test_a_case_leaves_sealed_records_shut(void **state)
{
    struct house *house = *state;
    const struct permit_case_view seek = may_seek();
    const struct vault_purpose lying_side_by_side = vault_for_case(house->vault, &seek.permit);
    for (enum record_state in = RECORD_LIVE; (int)in <= RECORD_STATES; in++) {
        const struct vault_purpose of_record = vault_for_record(lying_side_by_side, in);
        assert_int_equal(vault_opens_record(&of_record), in != RECORD_SEALED);
    }
}

/* A permit of another kind ends the program: nobody but us has mixed them up. */
static void makes_case(struct vault *vault)
{
    const struct permit_child_view look = may_look();
    (void)vault_for_case(vault, &look.permit);
}

static void makes_writing(struct vault *vault)
{
    const struct permit_case_view seek = may_seek();
    (void)vault_for_writing(vault, &seek.permit);
}

static void makes_display(struct vault *vault)
{
    const struct permit none = {.operation = OP_NONE};
    (void)vault_for_display(vault, &none);
}

static void makes_misuse(struct vault *vault)
{
    const struct permit_staff_facts none = {0};
    (void)vault_for_misuse(vault, &none);
}

static void test_permits_of_another_kind(void **state)
{
    struct house *house = *state;
    void (*const deeds[])(struct vault *) = {makes_case, makes_writing, makes_display, makes_misuse};
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(STDERR_FILENO);
            deeds[i](house->vault);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static uint64_t counted(struct house *house, enum purpose purpose)
{
    struct vault_counts counts;
    assert_int_equal(vault_counts(house->vault, &counts), FAULT_NONE);
    return counts.of[purpose];
}

/* What is at hand for one purpose is asked for again for another, and counted; for the same it is not. */
static void test_each_purpose_is_counted(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(4096), clear = buffer_open(4096);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &bundle_place, bytes_of(STR("x")), &sealed), FAULT_NONE);
    static const enum purpose purposes[] = {PURPOSE_LINKAGE, PURPOSE_DISPLAY, PURPOSE_CASE, PURPOSE_WRITING,
                                            PURPOSE_MISUSE};
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        for (int times = 0; times < 3; times++) {
            assert_int_equal(counted(house, purposes[i]), times == 0 ? 0 : 1);
            assert_int_equal(vault_unseal(purpose_of(house->vault, purposes[i]), &key, &bundle_place,
                                          buffer_bytes(&sealed), &clear),
                             FAULT_NONE);
        }
    assert_int_equal(vault_seal(house->vault, &key, &bundle_place, bytes_of(STR("x")), &sealed), FAULT_NONE);
    assert_int_equal(counted(house, PURPOSE_SEALING), 0); /* any of them will do to seal */
    assert_int_equal(counted(house, PURPOSE_AUDIT) + counted(house, PURPOSE_OWN), 0);
    buffer_close(&sealed);
    buffer_close(&clear);
}

/* Nor is a purpose that nobody has stated. */
static void test_what_is_refused_is_not_asked(void **state)
{
    struct house *house = *state;
    const struct vault_purpose none = {.vault = house->vault};
    assert_int_equal(open_at(house->vault, none, &bundle_place), FAULT_SYSTEM);
    assert_int_equal(open_at(house->vault, vault_for_own(house->vault), &bundle_place), FAULT_SYSTEM);
    assert_int_equal(counted(house, PURPOSE_OWN), 0);
}

static void test_every_purpose_has_words(void **state)
{
    (void)state;
    for (int purpose = 1; purpose < PURPOSES_END; purpose++)
        assert_true(strlen(vault_purpose_words((enum purpose)purpose)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_purpose_opens_its_own_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_display_reaches_as_far_as_its_permit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_case_leaves_sealed_records_shut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_permits_of_another_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_purpose_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_refused_is_not_asked, set_up, tear_down),
        cmocka_unit_test(test_every_purpose_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
