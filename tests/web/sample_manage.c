/* Views of what officers work on, made by hand. */
#include "sample_views.h"

static struct id id_of(uint8_t first)
{
    return (struct id){{first, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
}

static struct instant at(uint8_t number)
{
    struct instant instant = instant_of_day((struct day){2026, 11, number, DAY_EXACT});
    instant.us += INT64_C(1000000) * 3600 * 9;
    return instant;
}

static struct sample *add(struct samples *samples, const char *name, enum operation operation,
                          const struct sample_texts *texts)
{
    must(samples->count < sizeof samples->at / sizeof samples->at[0]);
    struct sample *sample = &samples->at[samples->count++];
    *sample = (struct sample){.name = name, .operation = operation, .status = 200};
    sample->answer.signed_in = true;
    sample->answer.role = ROLE_shielding_officer;
    sample->answer.caller_name = texts->person;
    sample->answer.demonstration = true;
    sample->answer.form_token = STR("abc123");
    sample->ask = (struct ask){.operation = operation, .path_ids = {id_of(7)}, .path_id_count = 1};
    return sample;
}

static void add_errors(struct samples *samples, struct sample *sample, const struct field_error *errors,
                       uint8_t count)
{
    sample->status = 422;
    sample->answer.fault = FAULT_INVALID;
    for (uint8_t i = 0; i < count; i++)
        sample->answer.errors[i] = errors[i];
    sample->answer.error_count = count;
    sample->ask.fields = samples->fields;
    sample->ask.field_count = samples->field_count;
}

static void make(struct manage_samples *s, struct samples *samples, const struct sample_texts *texts)
{
    s->steps[0] = (struct step_view){.at = at(2),
                                     .what = STR("Asked"),
                                     .who = texts->person,
                                     .role = STR("Practitioner"),
                                     .ground = STR("A ground"),
                                     .text = texts->typed};
    s->steps[1] = (struct step_view){.at = at(4),
                                     .what = STR("Confirmed"),
                                     .who = texts->person,
                                     .role = STR("Shielding officer"),
                                     .ground = STR("A ground"),
                                     .text = texts->typed,
                                     .more = texts->typed};
    s->steps[2] = (struct step_view){.at = at(5), .what = STR("Moved to another authority")};
    s->asked = (struct matter_view){.matter = id_of(7),
                                    .state = STR("To be decided"),
                                    .opened = at(2),
                                    .due = at(7),
                                    .overdue = true,
                                    .child = &samples->child,
                                    .others = &samples->shielded,
                                    .steps = s->steps,
                                    .step_count = 1,
                                    .asker = texts->person,
                                    .to_decide = true};
    s->kept = s->lifting = s->asked;
    s->kept.to_decide = s->lifting.to_decide = s->kept.overdue = false;
    s->kept.to_review = s->lifting.to_second = true;
    s->kept.step_count = s->lifting.step_count = 3;
    s->lifting.wanted = STR("lift the shield");
    s->over = s->lifting;
    s->over.child = s->over.others = NULL;
    s->over.to_second = false;
    s->over.own = true;
    s->link = (struct identity_link_view){STR("CP-7K4M2-X9QRT-5"), STR("CP-2222A-BCDEF-G"), NULL};
    s->opened = s->over;
    s->opened.link = &s->link;
    for (int i = 0; i < 2; i++)
        s->lines[i] = (struct matter_line){.matter = id_of((uint8_t)(i + 1)),
                                           .state = STR("To be decided"),
                                           .who = texts->person,
                                           .opened = at(2),
                                           .due = at(7),
                                           .age_minutes = i == 0 ? 14 : 5000,
                                           .overdue = i == 0};
    s->several = (struct matters_view){.lines = s->lines, .count = 2, .more = true};
    s->cards[0] = (struct team_card){STR("Shields"), STR("/manage/shields"), 3, 1};
    s->cards[1] = (struct team_card){STR("Overridden shields"), STR("/manage/overrides"), 1, 0};
    s->team = (struct team_view){s->cards, 2, STR("Hartlepool ContactPoint team")};
    s->clear = (struct team_view){NULL, 0, STR("Hartlepool ContactPoint team")};
    s->line = (struct shield_line_view){at(2), STR("The shielding officer has agreed.")};
}

static void make_held(struct manage_samples *s, const struct sample_texts *texts)
{
    s->said[0] = (struct said_view){STR("family"), texts->child};
    s->said[1] = (struct said_view){STR("birth_date"), STR("2012-03-27")};
    s->likeness[0] = (struct likeness_view){STR("name"), STR("exact"), 4000};
    s->likeness[1] = (struct likeness_view){STR("date of birth"), STR("close"), 2000};
    s->held_cards[0] = (struct case_card){.child = {id_of(3)},
                                          .state = RECORD_SHIELDED,
                                          .said = s->said,
                                          .said_count = 2,
                                          .evidence = s->likeness,
                                          .evidence_count = 2};
    s->held_cards[1] = (struct case_card){.child = {id_of(4)}, .state = RECORD_SEALED};
    s->held[0] = (struct case_view){.ref = STR("0102030405060708090abcdefg"),
                                    .source = STR("School census"),
                                    .why = STR("the row waits for an officer"),
                                    .said = s->said,
                                    .said_count = 2,
                                    .cards = s->held_cards,
                                    .card_count = 2};
    s->held[1] = s->held[0];
    s->held[1].pair = s->held[1].second = true;
    s->held_list = (struct cases_view){s->held, 2, STR("0102030405060708090abcdefg")};
}

static const struct choice_view choices[] = {{"harm", "A risk of significant harm"},
                                             {"crime", "A serious crime"}};

static struct sample *with_choices(struct sample *sample)
{
    sample->answer.choices = choices;
    sample->answer.choice_count = sizeof choices / sizeof choices[0];
    return sample;
}

static struct sample *add_matter(struct samples *samples, const char *name, enum operation operation,
                                 const struct sample_texts *texts, struct matter_view *matter)
{
    struct sample *sample = with_choices(add(samples, name, operation, texts));
    sample->answer.matter = matter;
    return sample;
}

/* A practitioner's pages. */
static void add_child(struct samples *samples, struct manage_samples *s, const struct sample_texts *texts)
{
    struct sample *sample = with_choices(add(samples, "shield-new", OP_shield_page, texts));
    sample->answer.role = ROLE_practitioner;
    sample->answer.child = &samples->child;
    sample = with_choices(add(samples, "shield-new-errors", OP_shield_request, texts));
    sample->answer.role = ROLE_practitioner;
    sample->answer.child = &samples->child;
    add_errors(samples, sample, (struct field_error[]){{"ground", "Choose the ground"}, {"text", "Say why"}},
               2);
    sample = add(samples, "override", OP_override_page, texts);
    sample->answer.role = ROLE_override_practitioner;
    sample->answer.child = &samples->shielded;
    sample = add(samples, "overridden", OP_child_view, texts);
    s->overridden = samples->child;
    s->overridden.state = RECORD_SHIELDED;
    s->overridden.opened = true;
    sample->answer.role = ROLE_override_practitioner;
    sample->answer.child = &s->overridden;
    sample->answer.overriding_until = at(9);
    sample->answer.overriding_minutes = 14;
    sample = add(samples, "shielded-asked", OP_child_view, texts);
    sample->answer.role = ROLE_override_practitioner;
    sample->answer.child = &samples->shielded;
    sample->answer.shield_line = &s->line;
    sample->answer.may_override = true;
    sample = add(samples, "contacts-may-shield", OP_child_view, texts);
    sample->answer.role = ROLE_practitioner;
    sample->answer.child = &samples->child;
    sample->answer.may_shield = true;
}

/* R5.7: a second person's approval, from both sides. */
static void add_approvals(struct samples *samples, struct manage_samples *s, const struct sample_texts *texts)
{
    static const char *const names[] = {"more", "more-asked", "more-given"};
    for (int i = 0; i < 3; i++) {
        s->more[i] = (struct more_view){.state = (enum more_state)(MORE_FREE + i),
                                        .asked = at(3),
                                        .until = at(4),
                                        .children_per_hour = 60,
                                        .children_per_day = 200};
        struct sample *sample = add(samples, names[i], OP_more_page, texts);
        sample->answer.role = ROLE_practitioner;
        sample->answer.more = &s->more[i];
    }
    struct sample *wrong = add(samples, "more-errors", OP_more_ask, texts);
    wrong->answer.more = &s->more[0];
    add_errors(samples, wrong, (struct field_error[]){{"text", "Say why"}}, 1);
    add(samples, "approvals", OP_approval_list, texts)->answer.matters = &s->several;
    add(samples, "approvals-none", OP_approval_list, texts)->answer.matters = &s->none;
    (void)add_matter(samples, "approval", OP_approval_view, texts, &s->asked);
    (void)add_matter(samples, "approval-own", OP_approval_view, texts, &s->over);
    add_errors(samples, add_matter(samples, "approval-errors", OP_approval_decide, texts, &s->asked),
               (struct field_error[]){{"verdict", "Choose"}, {"text", "Say why"}}, 2);
    static const struct {
        const char *name;
        enum refusal refusal;
        enum fault fault;
    } refused[] = {{"limit-reached", REFUSAL_LIMIT, FAULT_TOO_MANY},
                   {"own-child", REFUSAL_OWN, FAULT_REFUSED}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct sample *sample = add(samples, refused[i].name, OP_child_view, texts);
        sample->answer.role = ROLE_practitioner;
        sample->answer.refusal = refused[i].refusal;
        sample->answer.fault = refused[i].fault;
        sample->status = fault_status(refused[i].fault);
    }
}

/* R17.7 */
static void add_alarms(struct samples *samples, struct manage_samples *s, const struct sample_texts *texts)
{
    for (int i = 0; i < 2; i++)
        s->alarm_lines[i] = (struct alarm_line){.alarm = id_of((uint8_t)(i + 1)),
                                                .title = STR("Somebody opened a child of their own"),
                                                .addressed = STR("Audit reviewer"),
                                                .raised = at(2),
                                                .due = at(7),
                                                .age_minutes = i == 0 ? 14 : 5000,
                                                .overdue = i == 0};
    s->alarms = (struct alarms_view){.lines = s->alarm_lines, .count = 2, .more = true};
    s->alarm = (struct alarm_view){.line = s->alarm_lines[0],
                                   .words = STR("They have declared the child as family."),
                                   .person = texts->person,
                                   .user_name = texts->typed,
                                   .job = STR("Class teacher"),
                                   .organisation = texts->organisation,
                                   .state = STR("In use")};
    s->alarm_closed = s->alarm_of_nobody = s->alarm;
    s->alarm_closed.closed = true;
    s->alarm_closed.finding = s->steps[0];
    s->alarm_of_nobody.person = s->alarm_of_nobody.user_name = s->alarm_of_nobody.job = STR("");
    s->alarm_of_nobody.organisation = s->alarm_of_nobody.state = STR("");
    add(samples, "alarms", OP_alarm_list, texts)->answer.alarms = &s->alarms;
    add(samples, "alarms-none", OP_alarm_list, texts)->answer.alarms = &s->no_alarms;
    with_choices(add(samples, "alarm", OP_alarm_view, texts))->answer.alarm = &s->alarm;
    add(samples, "alarm-closed", OP_alarm_view, texts)->answer.alarm = &s->alarm_closed;
    with_choices(add(samples, "alarm-of-nobody", OP_alarm_view, texts))->answer.alarm = &s->alarm_of_nobody;
    struct sample *wrong = with_choices(add(samples, "alarm-errors", OP_alarm_close, texts));
    wrong->answer.alarm = &s->alarm;
    add_errors(samples, wrong, (struct field_error[]){{"outcome", "Choose"}, {"text", "Say why"}}, 2);
}

/* R4.1 */
static void add_mediated(struct samples *samples, const struct sample_texts *texts)
{
    add(samples, "mediate", OP_mediate_page, texts)->answer.role = ROLE_practitioner;
    struct sample *sample = add(samples, "mediate-errors", OP_mediate, texts);
    sample->answer.role = ROLE_practitioner;
    add_errors(samples, sample, (struct field_error[]){{"user_name", "Check what was typed"}}, 1);
    sample = add(samples, "find-may-mediate", OP_find_page, texts);
    sample->answer.role = ROLE_practitioner;
    sample->answer.may_mediate = true;
    sample = add(samples, "find-mediated", OP_find_page, texts);
    sample->answer.role = ROLE_practitioner;
    sample->answer.mediated_for = texts->person;
}

static void add_held(struct samples *samples, struct manage_samples *s, const struct sample_texts *texts)
{
    make_held(s, texts);
    add(samples, "held", OP_case_list, texts)->answer.cases = &s->held_list;
    add(samples, "held-none", OP_case_list, texts)->answer.cases = &s->held_none;
    add(samples, "held-row", OP_case_view, texts)->answer.one_case = &s->held[0];
    add(samples, "held-pair", OP_case_view, texts)->answer.one_case = &s->held[1];
    struct sample *wrong = add(samples, "held-row-errors", OP_case_decide, texts);
    wrong->answer.one_case = &s->held[0];
    add_errors(samples, wrong, (struct field_error[]){{"verdict", "Choose"}, {"child", "Choose"}}, 2);
}

void samples_add_manage(struct samples *samples, struct manage_samples *s, const struct sample_texts *texts)
{
    make(s, samples, texts);
    add(samples, "manage", OP_manage_home, texts)->answer.team = &s->team;
    add(samples, "manage-clear", OP_manage_home, texts)->answer.team = &s->clear;
    add(samples, "shields", OP_shield_list, texts)->answer.matters = &s->several;
    add(samples, "shields-none", OP_shield_list, texts)->answer.matters = &s->none;
    add(samples, "overrides", OP_override_list, texts)->answer.matters = &s->several;
    add(samples, "sealings", OP_seal_list, texts)->answer.matters = &s->several;
    (void)add_matter(samples, "shield-asked", OP_shield_view, texts, &s->asked);
    (void)add_matter(samples, "shield-kept", OP_shield_view, texts, &s->kept);
    (void)add_matter(samples, "shield-lifting", OP_shield_view, texts, &s->lifting);
    (void)add_matter(samples, "shield-closed", OP_shield_view, texts, &s->over);
    add_errors(samples, add_matter(samples, "shield-decide-errors", OP_shield_decide, texts, &s->asked),
               (struct field_error[]){
                   {"outcome", "Choose"}, {"ground", "Choose"}, {"text", "Say why"}, {"advice", "Say whose"}},
               4);
    add_errors(samples, add_matter(samples, "shield-lift-errors", OP_shield_lift, texts, &s->kept),
               (struct field_error[]){{"lift_reason", "Say why"}}, 1);
    (void)add_matter(samples, "overriding", OP_override_view, texts, &s->asked);
    (void)add_matter(samples, "overriding-own", OP_override_view, texts, &s->over);
    (void)add_matter(samples, "sealing", OP_seal_view, texts, &s->lifting);
    (void)add_matter(samples, "sealing-opened", OP_seal_second, texts, &s->opened);
    add_held(samples, s, texts);
    add_child(samples, s, texts);
    add_approvals(samples, s, texts);
    add_mediated(samples, texts);
    add_alarms(samples, s, texts);
}
