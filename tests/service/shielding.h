/* What the tests of shields share: a child to hide, who asks and decides, and a shield that stands. */
#ifndef TESTS_SERVICE_SHIELDING_H
#define TESTS_SERVICE_SHIELDING_H

#include "house.h"

#define WORDS "the father has found the last address"

enum { DAY_S = 24 * 3600 };

/* Rhys Ap Huw of Hartlepool, loaded from the health feed. */
struct child_id shielding_rhys(struct house *house);

/* Both shielding officers of Hartlepool, with a key proved. */
struct seat shielding_first(struct house *house);
struct seat shielding_second(struct house *house);

/* Looks by name and date of birth, which finds a shielded child too, and opens it. */
struct child_view *shielding_look(const struct seat *seat, struct child_id child);

/* How many children a search by postcode finds. */
size_t shielding_found(const struct seat *seat);

/* Looks at the child and asks for a shield. */
struct answer *shielding_ask(const struct seat *seat, struct child_id child);

/* What waits there for whom sits there; the only one of them. */
struct matters_view *shielding_list(const struct seat *seat, enum operation operation);
struct id shielding_only(const struct seat *seat, enum operation operation);

/* What one of the house's organisations may. */
void shielding_set_capabilities(struct house *house, size_t organisation, uint32_t capabilities);

/* The only child's, as enum shield. */
int64_t shielding_state(struct house *house);

/* What the service does by itself each minute. */
void shielding_keep(struct house *house);

/* A shield that a teacher has asked for and an officer has decided: its matter. */
struct id shielding_decided(struct house *house, struct child_id child);

#endif
