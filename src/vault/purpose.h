/* What something sealed is opened for.  Nothing opens without a purpose, and a purpose is made by the
 * functions below alone, each of which asks for what entitles to it: showing a child's fields to people takes
 * a permit, which only the conductor issues (policy/permit.h).  What a purpose may open stands in
 * purposes.def and places.def; who may state it in tools/check-source.  The keeper counts keys by purpose,
 * and the counts are entered in the audit log.
 */
#ifndef VAULT_PURPOSE_H
#define VAULT_PURPOSE_H

#include "policy/permit.h"

struct vault;

enum purpose {
    PURPOSE_NONE = 0,
#define PURPOSE(name, words) PURPOSE_##name,
#define OPENS(purpose, kind)
#include "vault/purposes.def"
#undef PURPOSE
#undef OPENS
    PURPOSES_END
};

/* Its content is src/vault/'s; good for as long as the vault is open. */
struct vault_purpose {
    struct vault *vault;
    enum purpose purpose;
    enum record_state state;             /* of the record that is being opened; 0 where none is yet */
    field_mask sight[RECORD_STATES + 1]; /* of the permit; all, where the purpose is bound to none */
};

/* To show records, as far as the permit's sight reaches: those in a state of which it shows nothing stay
 * shut. */
struct vault_purpose vault_for_display(struct vault *vault, const struct permit *permit);

/* To lay side by side who may be one child: the permit is of an operation about a case.  Sealed records stay
 * shut (R9.8), other hidden ones do not: rules.md, column C. */
struct vault_purpose vault_for_case(struct vault *vault, const struct permit *permit);

/* To change what is written: the permit is of an operation that writes. */
struct vault_purpose vault_for_writing(struct vault *vault, const struct permit *permit);

/* To compare one record with what somebody has declared of their family; it is shown to nobody. */
struct vault_purpose vault_for_misuse(struct vault *vault, const struct permit_staff_facts *permit);

/* The entries of the log, which are checked and shown by src/audit/. */
struct vault_purpose vault_for_audit(struct vault *vault);

/* What the service keeps for itself: opens nobody's record. */
struct vault_purpose vault_for_own(struct vault *vault);

/* Of linkage: many records, hidden fields too, so that rows find their children and the index is filled.  A
 * type of its own, so that what shows records to people cannot open many at once. */
struct vault_linkage {
    struct vault_purpose purpose;
};
struct vault_linkage vault_for_linkage(struct vault *vault);

/* The same purpose, of one record, whose state is known. */
struct vault_purpose vault_for_record(struct vault_purpose purpose, enum record_state state);

/* Whether it may open that record at all. */
bool vault_opens_record(const struct vault_purpose *purpose);

/* "for display" */
const char *vault_purpose_words(enum purpose purpose);

#endif
