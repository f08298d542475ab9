/* What the files about enrolment share; nobody else includes it, tests excepted. */
#ifndef ACCESS_ENROLMENT_INSIDE_H
#define ACCESS_ENROLMENT_INSIDE_H

#include "access/enrolment.h"
#include "access/keys_inside.h"

enum { ENROLMENT_WAIT_SECONDS = 3600, ENROLMENT_CHOOSE_SECONDS = 1800 };

/* A live request. */
struct enrolment {
    struct id id; /* in the holder's browser alone */
    struct tag tag;
    struct id account; /* a decoy's where nobody has the name */
    enum enrolment_state state;
    struct instant until;
};

/* FAULT_SIGN_IN where there is none, or its time is over. */
MUST_USE enum fault enrolment_read(struct access *access, struct db_tx *tx, const struct enrolment_at *at,
                                   struct arena *arena, struct enrolment *ret_enrolment);

/* A new request of either kind. */
MUST_USE enum fault enrolment_begin(struct access *access, struct db_tx *tx, struct id account,
                                    enum enrolment_state state, struct arena *arena, struct str *ret_ticket);

/* The token's secret, which follows from the ticket and is kept nowhere until it is bound. */
void enrolment_secret(struct access *access, const struct id *id, uint8_t secret[TOTP_SECRET_BYTES]);

#endif
