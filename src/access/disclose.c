#include "access/disclose.h"

#include "access/disclose_parts.h"
#include "match/number.h"
#include "registry/authority.h"

enum { TEXT_BYTES_MAX = 4096 };

static void put_word(struct buffer *text, struct str word)
{
    if (word.len == 0)
        return;
    if (text->len > 0)
        buffer_put_char(text, ' ');
    buffer_put(text, word);
}

static enum fault join_name(const struct person_name *name, struct arena *arena, struct str *ret)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    put_word(&text, name->given);
    put_word(&text, name->other);
    put_word(&text, name->family);
    return disclosed_text(&text, arena, ret);
}

static enum fault disclose_name(const struct person *person, struct arena *arena, struct name_view *view)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < person->name_count; i++) {
        if (person->names[i].kind == NAME_CURRENT && view->text.at == NULL)
            TRY(join_name(&person->names[i], arena, &view->text));
        if (person->names[i].kind == NAME_KNOWN_AS && view->known_as.at == NULL)
            view->known_as = person->names[i].given;
    }
done:
    return fault;
}

static struct str sex_word(enum sex sex)
{
    switch (sex) {
    case SEX_FEMALE:
        return STR("Girl");
    case SEX_MALE:
        return STR("Boy");
    case SEX_NOT_SPECIFIED:
        return STR("Not specified");
    }
    return STR("Not known");
}

static struct str authority_words(struct str code)
{
    return str_of(authority_name(code));
}

static enum fault join_address(const struct row *row, struct arena *arena, struct str *ret)
{
    static const enum column columns[] = {COLUMN_address_1, COLUMN_address_2, COLUMN_town, COLUMN_postcode};
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (row->at[columns[i]].len == 0)
            continue;
        if (text.len > 0)
            buffer_put(&text, STR(", "));
        buffer_put(&text, row->at[columns[i]]);
    }
    return disclosed_text(&text, arena, ret);
}

static const struct claim *address_claim(const struct child *child)
{
    const struct claim *claim = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_postcode);
    return claim != NULL ? claim : child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_address_1);
}

static enum fault fill_address(const struct claim *claim, struct arena *arena, struct address_view *view)
{
    view->from = disclosed_day(&claim->row, COLUMN_address_from);
    view->source = disclosed_source(claim);
    return join_address(&claim->row, arena, &view->text);
}

/* Earlier claims, and other sources' addresses: each different text once. */
static enum fault disclose_former_addresses(const struct child *child, const struct claim *present,
                                            struct arena *arena, struct child_view *view)
{
    enum fault fault = FAULT_NONE;
    view->former_addresses = arena_take_array(arena, child->claim_count + 1, sizeof *view->former_addresses);
    if (view->former_addresses == NULL)
        return FAULT_MEMORY;
    for (size_t i = child->claim_count; i-- > 0;) {
        const struct claim *claim = &child->claims[i];
        if (claim == present || claim->kind != ROW_CHILD ||
            (claim->row.at[COLUMN_postcode].len == 0 && claim->row.at[COLUMN_address_1].len == 0))
            continue;
        struct address_view *former = &view->former_addresses[view->former_address_count];
        TRY(fill_address(claim, arena, former));
        bool known = str_equal(former->text, view->address.text);
        for (size_t k = 0; k < view->former_address_count && !known; k++)
            known = str_equal(former->text, view->former_addresses[k].text);
        view->former_address_count += !known;
    }
done:
    return fault;
}

static enum fault disclose_whereabouts(const struct child *child, struct arena *arena,
                                       struct child_view *view)
{
    enum fault fault = FAULT_NONE;
    const struct claim *present = address_claim(child);
    view->address_presence = PRESENCE_NONE;
    if (present != NULL && str_equal(present->row.at[COLUMN_address_1], STR("NONE")))
        view->address_presence = PRESENCE_NO_ADDRESS;
    else if (present != NULL) {
        view->address_presence = PRESENCE_VALUE;
        view->address.present = true;
        TRY(fill_address(present, arena, &view->address));
    }
    TRY(disclose_former_addresses(child, present, arena, view));
done:
    return fault;
}

static enum fault disclose_former_names(const struct person *person, struct arena *arena,
                                        struct child_view *view)
{
    enum fault fault = FAULT_NONE;
    view->former_names = arena_take_array(arena, PERSON_NAMES_MAX, sizeof *view->former_names);
    if (view->former_names == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < person->name_count; i++)
        if (person->names[i].kind == NAME_FORMER)
            TRY(join_name(&person->names[i], arena, &view->former_names[view->former_name_count++]));
done:
    return fault;
}

static enum fault add_carer(const struct claim *claim, const enum column columns[4], struct arena *arena,
                            struct child_view *view)
{
    const struct row *row = &claim->row;
    struct person_name name = {NAME_CURRENT, row->at[columns[0]], row->at[columns[1]], {"", 0}};
    if (name.family.len == 0 && name.given.len == 0)
        return FAULT_NONE;
    struct carer_view *carer = &view->carers[view->carer_count++];
    carer->relationship = row->at[columns[2]];
    carer->phone = row->at[columns[3]];
    carer->source = disclosed_source(claim);
    return join_name(&name, arena, &carer->name);
}

/* The carers whom the most authoritative source names. */
static enum fault disclose_carers(const struct child *child, struct arena *arena, struct child_view *view)
{
    static const enum column first[] = {COLUMN_carer1_family, COLUMN_carer1_given, COLUMN_carer1_relationship,
                                        COLUMN_carer1_phone};
    static const enum column second[] = {COLUMN_carer2_family, COLUMN_carer2_given,
                                         COLUMN_carer2_relationship, COLUMN_carer2_phone};
    enum fault fault = FAULT_NONE;
    const struct claim *claim = child_authoritative(child, GROUP_CARERS, COLUMN_carer1_family);
    view->carers_presence = claim == NULL ? PRESENCE_NONE : PRESENCE_VALUE;
    view->carers = arena_take_array(arena, 2, sizeof *view->carers);
    if (view->carers == NULL)
        return FAULT_MEMORY;
    if (claim != NULL) {
        TRY(add_carer(claim, first, arena, view));
        TRY(add_carer(claim, second, arena, view));
    }
done:
    return fault;
}

/* What makes a setting: which columns, whose word counts, which code says that there is none on purpose. */
struct setting {
    enum field_group group;
    enum service_kind kind;
    enum source keeper; /* the source whose silence matters */
    enum column code, name, phone, from;
    const char *none_code;
    enum presence none;
};

static enum presence disclose_setting(const struct disclosure *disclosure, const struct child *child,
                                      const struct setting *setting, struct contact_view *view,
                                      struct instant *silent_since)
{
    struct day today = day_of_instant(disclosure->now);
    if (freshness_is_late(disclosure->freshness, setting->keeper, today))
        *silent_since = instant_of_day(disclosure->freshness->as_of[setting->keeper]);
    const struct claim *claim = child_authoritative(child, setting->group, setting->code);
    if (claim == NULL)
        claim = child_authoritative(child, setting->group, setting->name);
    if (claim == NULL)
        return silent_since->us != 0 ? PRESENCE_SILENT : PRESENCE_NONE;
    if (str_equal(claim->row.at[setting->code], str_of(setting->none_code)))
        return setting->none;
    view->kind = str_of(policy_service_label(setting->kind));
    view->organisation = claim->row.at[setting->name];
    view->phone = claim->row.at[setting->phone];
    view->from = disclosed_day(&claim->row, setting->from);
    view->confirmed = disclosed_confirmed(disclosure, claim);
    view->source = disclosed_source(claim);
    return PRESENCE_VALUE;
}

static bool sees_number(const struct disclosure *disclosure, field_mask mask, enum number_scheme scheme)
{
    enum body body = policy_number_body(scheme);
    if (body == BODY_OURS)
        return mask_sees(mask, GROUP_IDENTITY);
    return mask_sees(mask, GROUP_NUMBERS) ||
           (mask_sees(mask, GROUP_OWN_NUMBERS) && body == disclosure->caller->organisation.body);
}

static enum fault put_number(enum number_scheme scheme, struct str value, struct arena *arena,
                             struct str *ret)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    number_put(&text, scheme, value);
    return disclosed_text(&text, arena, ret);
}

static enum fault disclose_numbers(const struct disclosure *disclosure, const struct child *child,
                                   field_mask mask, struct child_view *view)
{
    enum fault fault = FAULT_NONE;
    view->numbers = arena_take_array(disclosure->arena, PERSON_NUMBERS_MAX, sizeof *view->numbers);
    if (view->numbers == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < child->person.number_count; i++) {
        const struct person_number *number = &child->person.numbers[i];
        if (number->scheme == NUMBER_contactpoint || !sees_number(disclosure, mask, number->scheme))
            continue;
        struct labelled_view *row = &view->numbers[view->number_count++];
        row->label = str_of(policy_number_label(number->scheme));
        if (mask_sees(mask, GROUP_NUMBERS))
            row->source = str_of(policy_body_label(policy_number_body(number->scheme)));
        TRY(put_number(number->scheme, number->value, disclosure->arena, &row->text));
    }
done:
    return fault;
}

static enum fault disclose_identity(const struct disclosure *disclosure, const struct child *child,
                                    struct child_view *view)
{
    enum fault fault;
    view->child = child->child;
    view->state = child->state;
    view->sex = sex_word(child->person.sex);
    view->birth = child->person.birth;
    view->age_years = day_age_years(view->birth, day_of_instant(disclosure->now));
    TRY(disclose_name(&child->person, disclosure->arena, &view->name));
    TRY(put_number(NUMBER_contactpoint, child->number, disclosure->arena, &view->number));
    struct buffer team = buffer_open(TEXT_BYTES_MAX);
    struct str authority = authority_words(disclosure->caller->organisation.authority);
    buffer_put(&team, authority.len > 0 ? authority : STR("Your local"));
    buffer_put(&team, STR(" ContactPoint team"));
    TRY(disclosed_text(&team, disclosure->arena, &view->local_team)); /* always the asker's */
done:
    return fault;
}

/* TOUR 6: a record goes in, a view comes out; what the mask does not name is never copied. */
enum fault disclose_child(const struct disclosure *disclosure, const struct child *child,
                          struct child_view **ret_view)
{
    static const struct setting school = {
        GROUP_EDUCATION,     SERVICE_school,     SOURCE_education, COLUMN_school_code, COLUMN_school_name,
        COLUMN_school_phone, COLUMN_school_from, "HOME",           PRESENCE_HOME};
    static const struct setting practice = {GROUP_PRIMARY_CARE, SERVICE_gp,     SOURCE_health,
                                            COLUMN_gp_code,     COLUMN_gp_name, COLUMN_gp_phone,
                                            COLUMN_gp_from,     "NONE",         PRESENCE_UNREGISTERED};
    field_mask mask = disclosure->sight[child->state];
    enum fault fault;
    if (!mask_sees(mask, GROUP_IDENTITY))
        return FAULT_ABSENT;
    struct child_view *view = arena_take(disclosure->arena, sizeof *view);
    if (view == NULL)
        return FAULT_MEMORY;
    TRY(disclose_identity(disclosure, child, view));
    view->opened = child->state == RECORD_SHIELDED && (mask & ~(MASK(IDENTITY) | MASK(OWN_SERVICES))) != 0;
    if (mask_sees(mask, GROUP_FORMER_NAMES))
        TRY(disclose_former_names(&child->person, disclosure->arena, view));
    if (mask_sees(mask, GROUP_WHEREABOUTS))
        TRY(disclose_whereabouts(child, disclosure->arena, view));
    if (mask_sees(mask, GROUP_CARERS))
        TRY(disclose_carers(child, disclosure->arena, view));
    if (mask_sees(mask, GROUP_EDUCATION))
        view->school_presence =
            disclose_setting(disclosure, child, &school, &view->school, &view->school_since);
    if (mask_sees(mask, GROUP_PRIMARY_CARE))
        view->gp_presence = disclose_setting(disclosure, child, &practice, &view->gp, &view->gp_since);
    TRY(disclose_services(disclosure, child, mask, view));
    TRY(disclose_numbers(disclosure, child, mask, view));
    if (mask_sees(mask, GROUP_AUTHORITY))
        view->authority = authority_words(child->authority);
    if (mask_sees(mask, GROUP_CUSTODY))
        TRY(disclose_custody(disclosure, child, view));
    *ret_view = view;
done:
    return fault;
}

/* What a reason about the birth is about, where the question or the record tells no day; and whether it
 * agrees as well as it can. */
static struct str birth_noun(const struct match_query *asked, struct day held, bool *ret_fits)
{
    const bool by_age = asked != NULL && asked->birth_earliest.precision != DAY_UNKNOWN;
    const enum day_precision sought = asked == NULL ? DAY_EXACT : asked->birth.precision;
    *ret_fits = true;
    if (by_age)
        return STR("age");
    if (sought == DAY_YEAR || held.precision == DAY_YEAR)
        return STR("year of birth");
    if (sought == DAY_MONTH || held.precision == DAY_MONTH)
        return STR("month of birth");
    *ret_fits = false;
    return sought == DAY_ABOUT || held.precision == DAY_ABOUT ? STR("year of birth") : STR("date of birth");
}

static void put_reason(struct buffer *text, const struct match_reason *reason,
                       const struct match_query *asked, struct day held)
{
    static const char *const nouns[EVIDENCE_END] = {
        [EVIDENCE_NAME] = "name",
        [EVIDENCE_KNOWN_AS] = "known-as name",
        [EVIDENCE_FORMER_NAME] = "former name",
        [EVIDENCE_BIRTH] = "date of birth",
        [EVIDENCE_POSTCODE] = "postcode",
        [EVIDENCE_FORMER_POSTCODE] = "former postcode",
        [EVIDENCE_AUTHORITY] = "area",
        [EVIDENCE_NUMBER] = "number",
    };
    if (nouns[reason->evidence] == NULL || reason->agreement == AGREE_MISSING ||
        reason->agreement == AGREE_NOT)
        return;
    bool fits = false;
    struct str noun = str_of(nouns[reason->evidence]);
    if (reason->evidence == EVIDENCE_BIRTH)
        noun = birth_noun(asked, held, &fits);
    buffer_put(text, text->len > 0 ? STR(", ") : STR(""));
    buffer_put(text, reason->agreement == AGREE_EXACT || fits ? STR("same ") : STR("similar "));
    buffer_put(text, noun);
}

static enum fault why_words(const struct match_candidate *candidate, const struct match_query *asked,
                            struct day birth, struct arena *arena, struct str *ret)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    for (size_t i = 0; i < candidate->reason_count; i++)
        put_reason(&text, &candidate->reasons[i], asked, birth);
    if (text.len > 0)
        text.at[0] = (char)(text.at[0] - 'a' + 'A');
    return disclosed_text(&text, arena, ret);
}

enum fault disclose_result(const struct disclosure *disclosure, const struct child *child,
                           const struct match_candidate *candidate, const struct match_query *asked,
                           struct result_view *ret_row)
{
    field_mask mask = disclosure->sight[child->state];
    struct result_view row = {.child = child->child, .state = child->state, .exact = candidate->exact};
    enum fault fault;
    if (!mask_sees(mask, GROUP_IDENTITY))
        return FAULT_ABSENT;
    TRY(disclose_name(&child->person, disclosure->arena, &row.name));
    row.sex = sex_word(child->person.sex);
    row.birth = child->person.birth;
    row.age_years = day_age_years(row.birth, day_of_instant(disclosure->now));
    if (mask_sees(mask, GROUP_AUTHORITY))
        row.area = authority_words(child->authority);
    else if (child->state == RECORD_SHIELDED)
        row.area = STR("Shielded");
    TRY(why_words(candidate, asked, row.birth, disclosure->arena, &row.why));
    *ret_row = row;
done:
    return fault;
}

enum fault disclose_shown(field_mask mask, struct arena *arena, struct str *ret_text)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    for (int group = 1; group < GROUPS_END; group++)
        if (mask_sees(mask, (enum field_group)group))
            put_word(&text, str_of(policy_group_name((enum field_group)group)));
    return disclosed_text(&text, arena, ret_text);
}

struct match_sight disclose_match_sight(const struct disclosure *disclosure)
{
    struct match_sight sight = {0};
    memcpy(sight.mask, disclosure->sight, sizeof sight.mask);
    for (int scheme = 1; scheme < NUMBERS_END; scheme++)
        sight.own_scheme[scheme] =
            policy_number_body((enum number_scheme)scheme) == disclosure->caller->organisation.body;
    return sight;
}
