/* Passwords of a house that cost what they cost in earnest: a house makes cheap ones. */
#ifndef TESTS_SERVICE_EARNEST_H
#define TESTS_SERVICE_EARNEST_H

#include "house.h"

/* From now on `user_name`'s password, and the one that stands for whoever does not exist, cost as much to
 * check as in production.  Starts the service anew. */
void earnest_password(struct house *house, const char *user_name);

/* Wrong passwords that were counted are forgotten. */
void earnest_forgive(struct house *house);

#endif
