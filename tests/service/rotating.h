/* What tests of exchanging the master key share. */
#ifndef TESTS_SERVICE_ROTATING_H
#define TESTS_SERVICE_ROTATING_H

#include "house.h"
#include "service/rotate.h"

/* A feed's rows of so many children; the same each time, until the program ends. */
enum { ROTATING_CHILDREN = 300 };
const struct row *rotating_rows(void);

/* service_vault_rotate by that login of the machine. */
enum fault rotate_as(struct house *house, const char *login, const struct rotation_teller *teller,
                     struct rotation_report *ret_report);

/* How many masters the key file has, and the number of the newest. */
int masters_in_file(const struct house *house, unsigned *ret_newest);

/* Opens the bundle of each child: there are as many as `people`, or the test fails.  How many keys are under
 * another master than `under` (0: any is right). */
int64_t read_everybody(struct house *house, int64_t people, unsigned under);

#endif
