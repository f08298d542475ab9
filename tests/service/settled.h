/* A house with a child whom three sources know, Rhys, and one beside him, Niamh. */
#ifndef TESTS_SERVICE_SETTLED_H
#define TESTS_SERVICE_SETTLED_H

#include "house.h"

/* Loads both.  Rhys has a school, a doctor, a carer, a service and one that has ended. */
struct child_id settled_rhys(struct house *house);

/* The page, with a reason given for it; must succeed. */
struct child_view *settled_open(const struct seat *seat, struct child_id child);

/* R9.3: nothing of what a shield hides stands in the view. */
void settled_hides(const struct child_view *view);

#endif
