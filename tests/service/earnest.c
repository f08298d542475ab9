#include "earnest.h"

#include "access/argon.h"
#include "access/inside.h"

struct password_job {
    struct house *house;
    struct authenticator_order order;
    struct bytes sealed;
};

static enum fault put_password(struct db_tx *tx, void *context)
{
    const struct password_job *job = context;
    return authenticator_insert(job->house->service->access, tx, &job->order, AUTHENTICATOR_PASSWORD,
                                job->sealed);
}

static enum fault drop_password(struct house *house, struct account_id account)
{
    return house_past_child(house, "DELETE FROM authenticator WHERE kind = 1 AND account_id = $1",
                            (struct child_id){account.id}) == 1
               ? FAULT_NONE
               : FAULT_ABSENT;
}

void earnest_password(struct house *house, const char *user_name)
{
    struct password_job job = {.house = house,
                               .order = {.account = house_staff(house, user_name)->account.id, .version = 1}};
    assert_int_equal(drop_password(house, house_staff(house, user_name)->account), FAULT_NONE);
    argon_cost_for_tests((struct argon_cost){0});
    house_stop(house);
    house_start(house); /* which makes the one that stands for whoever does not exist */
    assert_int_equal(authenticator_seal_password(house->service->access, &job.order, house_password,
                                                 house->arena, &job.sealed),
                     FAULT_NONE);
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, put_password, &job), FAULT_NONE);
}

void earnest_forgive(struct house *house)
{
    (void)house_past(house, "UPDATE account SET failures = 0");
}
