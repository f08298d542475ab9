/* Making and suspending accounts from the command line, and the first steps of an instance. */
#ifndef SERVICE_STAFF_H
#define SERVICE_STAFF_H

#include "access/access.h"
#include "service/service.h"

/* Who answers for it: signed in on the spot, as strongly as on the page (R3.2). */
struct sponsor {
    struct str user_name;
    struct str password;
    struct str pin;
    struct str code;
    enum role role; /* user_manager or national_administrator */
};

/* A user manager makes practitioners of its own organisation; a national administrator makes user managers
 * and officers, together with their organisation, whose id the caller has drawn, where `organisation` is not
 * NULL.  The account is asked for only, until its checks are recorded (R3.1), and has nothing to sign in with
 * until its holder has chosen that at /enrol (case 19).  The sponsor's sign-in leaves its own entries, the
 * change one, also where it is refused. */
MUST_USE enum fault service_account_create(struct service *service, const struct ask *ask,
                                           const struct sponsor *sponsor,
                                           const struct organisation *organisation,
                                           const struct account_order *order, struct arena *arena);
MUST_USE enum fault service_account_suspend(struct service *service, const struct ask *ask,
                                            const struct sponsor *sponsor, struct str user_name,
                                            struct arena *arena);

/* Two people with one-time codes (R2); the operator's login comes in ask->unix_user.  The administrator
 * chooses at /enrol what they sign in with, and the operator lets them (service_administrator_approve). */
MUST_USE enum fault service_administrator_first(struct service *service, const struct ask *ask,
                                                struct str one, struct str other,
                                                const struct account_order *order, struct arena *arena);

/* Two new one-time codes, for the operator to hand to two people, where no national administrator may act:
 * with them service_administrator_first makes one.  FAULT_REFUSED elsewhere. */
MUST_USE enum fault service_administrator_codes(struct service *service, const struct ask *ask,
                                                struct arena *arena, struct str ret_codes[2]);

/* Lets a national administrator set up a security key, while none has one: the operator is the second person.
 * FAULT_REFUSED, FAULT_ABSENT, FAULT_INVALID. */
MUST_USE enum fault service_administrator_approve(struct service *service, const struct ask *ask,
                                                  struct str user_name, struct str code, struct arena *arena);

/* Makes a new instance in an empty or absent folder and an empty database: key file, tables, the operator's
 * account for `unix_user`, the two one-time codes.  FAULT_DUPLICATE where there is one already.  The note
 * says what to do. */
struct init_order {
    const char *state;
    const char
        *database; /* as db_open takes it, written into the settings; NULL: contactpoint.db in the folder */
    const char *unix_user;
    bool demonstration;
    struct clock clock;
    struct entropy entropy;
};
MUST_USE enum fault service_init(const struct init_order *order, struct arena *arena,
                                 struct str ret_codes[2]);

/* Makes a state folder that has its vault.key (contactpoint vault take) another server of an instance: looks
 * whether the keys fit the database and writes the settings.  FAULT_ABSENT, FAULT_KEY, the store's; the note
 * says what to do.
 */
MUST_USE enum fault service_join(const char *state, const char *database);

/* Demonstrations only: FAULT_REFUSED elsewhere. */
MUST_USE enum fault service_demonstration_account(struct service *service,
                                                  const struct organisation *organisation,
                                                  const struct account_order *order, struct arena *arena,
                                                  struct account_secrets *ret_secrets);
MUST_USE enum fault service_demonstration_code(struct service *service, struct str user_name,
                                               struct arena *arena, struct str *ret_code);

#endif
