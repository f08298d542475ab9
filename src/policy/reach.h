/* What a role can do and see, as text that is committed under docs/reach/: a change of power shows in the
 * diff. */
#ifndef POLICY_REACH_H
#define POLICY_REACH_H

#include "base/buffer.h"
#include "policy/policy.h"

/* The same bytes for the same tables, every line ended. */
void policy_reach_put(struct buffer *buffer, enum role role);

#endif
