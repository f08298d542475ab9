/* Teams and the people in them.  A practitioner follows from authority, service and place in the team alone.
 */
#ifndef GENERATE_STAFF_H
#define GENERATE_STAFF_H

#include "generate/names.h"
#include "generate/places.h"
#include "policy/policy.h"

/* One row of involvements.def. */
struct service_offer {
    enum service_kind service;
    enum source source;
    int age_from;
    int age_to;
    uint32_t per_thousand;
    uint32_t caseload;
    const char *job;
    const char *team;
    uint32_t lead_per_thousand;
    uint32_t assessment_per_thousand;
};

const struct service_offer *staff_offers(size_t *ret_count);

/* How many people an authority's team has. */
uint32_t staff_team_size(const struct places *places, uint32_t authority, const struct service_offer *offer);

struct practitioner {
    struct text organisation_code;
    struct text organisation;
    struct text name;
    struct text phone;
    struct text email;
};

struct staff_post {
    uint32_t authority;
    uint32_t place; /* in the team, from 0 */
    uint64_t seed;
};

void staff_draw(const struct names *names, const struct places *places, const struct service_offer *offer,
                const struct staff_post *post, struct practitioner *ret_practitioner);

/* A team's code, name and desk telephone. */
void staff_team(const struct places *places, uint32_t authority, const struct service_offer *offer,
                struct practitioner *ret_team);

#endif
