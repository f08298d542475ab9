/* Recording and ending one's own involvement (R7). */
#ifndef REGISTRY_INVOLVEMENT_H
#define REGISTRY_INVOLVEMENT_H

#include "policy/permit.h"
#include "registry/change.h"
#include "registry/child.h"

/* A practitioner's involvement as claim columns: service_kind, service, practitioner, job, phone, email,
 * from, to; with the consent where it is a sensitive service's. */
struct involvement_order {
    struct account_id recorder;
    struct organisation_id organisation; /* the recorder's */
    struct claim_id claim; /* the new claim's id; where that is there, the order was carried out before */
    struct instant at;
    struct row row;
    struct consent consent;
};

/* Adds the claim and notes the change, inside the transaction of its audit entry.  FAULT_DUPLICATE where the
 * same account already has an involvement in force with the same service; FAULT_INVALID for a sensitive kind
 * without a whole consent (R8.1), or another kind with one. */
MUST_USE enum fault involvement_record(struct db_tx *tx, struct noting *noting,
                                       const struct permit_involvement_record *permit,
                                       const struct child *child, const struct involvement_order *order);

/* Those in force that one account has recorded, for whoever closes it (R3.4, R7.5). */
struct open_involvement {
    struct claim_id claim;
    struct child_id child; /* may have been taken into another record since */
};
MUST_USE enum fault involvement_open_of(struct db_tx *tx, struct vault *vault, struct account_id recorder,
                                        size_t most, struct arena *arena, struct open_involvement **ret_open,
                                        size_t *ret_count);
MUST_USE enum fault involvement_open_count(struct db_tx *tx, struct vault *vault, struct account_id recorder,
                                           int64_t *ret_count);

/* R7.5: somebody leaves, and whoever closes the account ends this involvement on a day; where an heir is
 * named the same service goes on with them from that day.  Where the involvement is no longer there (`child`
 * NULL: the record neither), it is only forgotten. */
struct involvement_leaving {
    struct account_id leaver;
    struct claim_id claim;
    struct claim_id ended; /* id of the claim that says so */
    struct instant at;
    struct str day;         /* "2026-11-21" */
    struct account_id heir; /* zero: none */
    struct claim_id begun;  /* id of the heir's claim */
    struct str practitioner;
    struct str job;
    struct str phone;
    struct str email;
};
MUST_USE enum fault involvement_leave(struct db_tx *tx, struct noting *noting,
                                      const struct permit_user_close *permit, const struct child *child,
                                      const struct involvement_leaving *leaving);

/* The recorder's own involvement in force with that claim id, or NULL. */
const struct claim *involvement_own(const struct child *child, struct account_id recorder,
                                    struct claim_id claim);

/* Ends it on a day: the old claim is superseded by one that has an end.  FAULT_ABSENT where it is not the
 * recorder's or no longer in force; FAULT_INVALID where the day lies before its start. */
MUST_USE enum fault involvement_end(struct db_tx *tx, struct noting *noting,
                                    const struct permit_involvement_end *permit, const struct child *child,
                                    const struct involvement_order *order, struct claim_id old);

/* R8.2: takes the consent back.  From this commit on nothing shows the involvement, its earlier claims
 * included; it has ended on the order's day.  FAULT_ABSENT where it is not the recorder's, no longer in
 * force, or no sensitive service's. */
MUST_USE enum fault involvement_withdraw(struct db_tx *tx, struct noting *noting,
                                         const struct permit_consent_withdraw *permit,
                                         const struct child *child, const struct involvement_order *order,
                                         struct claim_id old);

#endif
