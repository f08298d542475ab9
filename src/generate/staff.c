#include "generate/staff.h"

static const struct service_offer offers[] = {
#define INVOLVED(service, source, age_from, age_to, per_thousand, caseload, job, team, lead, assessment)     \
    {SERVICE_##service, SOURCE_##source, age_from, age_to, per_thousand, caseload, job, team, lead,          \
     assessment},
#include "generate/involvements.def"
#undef INVOLVED
};

const struct service_offer *staff_offers(size_t *ret_count)
{
    *ret_count = sizeof offers / sizeof offers[0];
    return offers;
}

/* Children of a hundred thousand that a source covers, for the size of teams. */
static uint64_t covered(enum source source)
{
    switch (source) {
    case SOURCE_health:
        return 98500;
    case SOURCE_education:
        return 73000;
    case SOURCE_social_care:
        return 3000;
    case SOURCE_youth_justice:
        return 400;
    case SOURCE_child_benefit:
    case SOURCE_NONE:
    case SOURCES_END:
        return 0;
    }
    return 0;
}

uint32_t staff_team_size(const struct places *places, uint32_t authority, const struct service_offer *offer)
{
    uint64_t years = (uint64_t)(offer->age_to - offer->age_from + 1);
    uint64_t cases = places->authorities[authority].children * covered(offer->source) / 100000 *
                     offer->per_thousand / 1000 * years / 18;
    return (uint32_t)(cases / offer->caseload) + 2;
}

/* "Leeds" as "leeds", "Newcastle upon Tyne" as "newcastle-upon-tyne". */
static void put_slug(struct text *text, struct str name)
{
    struct text plain = {0};
    text_put(&plain, name);
    text_fold(&plain);
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.at[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter)
            text_put(text, (struct str){&c, 1});
        else if (text->len > 0 && text->at[text->len - 1] != '-' && text->at[text->len - 1] != '@' &&
                 c != '\'')
            text_put_literal(text, "-");
    }
}

void staff_team(const struct places *places, uint32_t authority, const struct service_offer *offer,
                struct practitioner *ret_team)
{
    const struct authority *place = &places->authorities[authority];
    *ret_team = (struct practitioner){0};
    text_put(&ret_team->organisation_code, (struct str){place->code, sizeof place->code});
    text_put_literal(&ret_team->organisation_code, "-");
    text_put_literal(&ret_team->organisation_code, policy_service_name(offer->service));
    text_put(&ret_team->organisation, place->name);
    text_put_literal(&ret_team->organisation, " ");
    text_put_literal(&ret_team->organisation, offer->team);
    uint64_t key = text_mix(authority, (uint64_t)offer->service, 0x6465736B);
    places_landline(key, place->kind == AREA_LONDON, &ret_team->phone);
}

void staff_draw(const struct names *names, const struct places *places, const struct service_offer *offer,
                const struct staff_post *post, struct practitioner *ret_practitioner)
{
    const struct authority *authority = &places->authorities[post->authority];
    uint64_t key =
        text_mix(text_mix(post->seed, post->authority, 0x7374616666), (uint64_t)offer->service, post->place);
    struct stream stream = stream_of(key);
    struct text given;
    struct text family;
    staff_team(places, post->authority, offer, ret_practitioner);
    enum origin origin = origin_draw(authority->kind, &stream);
    struct given_wish wish = {origin, stream_below(&stream, 100) < 78 ? SEX_FEMALE : SEX_MALE, GROWN_UP};
    names_given(names, wish, &stream, &given);
    names_family(names, origin, post->authority, &stream, &family);
    text_put(&ret_practitioner->name, text_str(&given));
    text_put_literal(&ret_practitioner->name, " ");
    text_put(&ret_practitioner->name, text_str(&family));
    if (stream_below(&stream, 2) == 0)
        places_mobile(key, &ret_practitioner->phone);
    else
        places_landline(key, authority->kind == AREA_LONDON, &ret_practitioner->phone);
    put_slug(&ret_practitioner->email, text_str(&given));
    text_put_literal(&ret_practitioner->email, ".");
    put_slug(&ret_practitioner->email, text_str(&family));
    text_put_number(&ret_practitioner->email, post->place + 1, 1);
    text_put_literal(&ret_practitioner->email, "@");
    put_slug(&ret_practitioner->email, authority->name);
    text_put_literal(&ret_practitioner->email, ".example");
}
