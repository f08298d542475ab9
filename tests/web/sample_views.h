/* Views made by hand, as service_conduct would hand them over, with one text in the place of every name and
 * of all else that people type. */
#ifndef TESTS_WEB_SAMPLE_VIEWS_H
#define TESTS_WEB_SAMPLE_VIEWS_H

#include "service/service.h"

/* What stands in the places that people fill. */
struct sample_texts {
    struct str child;
    struct str known_as;
    struct str person;
    struct str organisation;
    struct str typed; /* in forms */
};

/* One page to render. */
struct sample {
    const char *name; /* of its file */
    enum operation operation;
    int status;
    struct answer answer;
    struct ask ask;
};

/* Of accounts and organisations: sample_staff.c. */
struct staff_samples {
    struct user_row rows[8];
    struct users_view users, no_users;
    struct user_view user, suspended, closed, revoking[2];
    struct organisation_row lines[3];
    struct organisations_view organisations, no_organisations;
    struct organisation_view organisation, fresh;
    struct setting_view settings[1];
};

/* Of what officers work on: sample_manage.c. */
struct manage_samples {
    struct step_view steps[3];
    struct matter_view asked, kept, lifting, over, opened;
    struct identity_link_view link;
    struct matter_line lines[2];
    struct matters_view several, none;
    struct team_card cards[2];
    struct team_view team, clear;
    struct shield_line_view line;
    struct child_view overridden;
    struct said_view said[2];
    struct likeness_view likeness[2];
    struct case_card held_cards[2];
    struct case_view held[2];
    struct cases_view held_list, held_none;
    struct more_view more[3];
    struct alarm_line alarm_lines[2];
    struct alarms_view alarms, no_alarms;
    struct alarm_view alarm, alarm_closed, alarm_of_nobody;
};

/* Of messages and questions to a team: sample_messages.c. */
struct message_samples {
    struct ask_view fresh, checks, asked;
    struct message_line lines[2];
    struct messages_view several, none;
    struct message_view question, read;
    struct request_service_view services[2];
    struct request_view waits, over;
};

struct samples {
    struct sample at[192];
    size_t count;
    struct child_view child;
    struct child_view bare; /* nothing is recorded */
    struct child_view shielded;
    struct results_view several, one, nobody, many;
    struct account_view account, fresh;
    struct key_view key;
    struct enrolment_view waiting, choosing, adding, one_more, one_added;
    struct security_view security, bare_security;
    struct involvement_view involvement;
    struct contact_view services[4], past[1];
    struct carer_view carers[2];
    struct address_view former[1];
    struct str former_names[1];
    struct labelled_view numbers[2];
    struct look_view looks[3];
    struct authority_view authorities[3];
    struct ask_field fields[24];
    uint8_t field_count;
    struct staff_samples staff;
    struct manage_samples manage;
    struct message_samples messages;
};

/* To be called last: the pages of one's own account need it. */
void samples_add_staff(struct samples *samples, struct staff_samples *staff,
                       const struct sample_texts *texts);

/* Likewise. */
void samples_add_manage(struct samples *samples, struct manage_samples *manage,
                        const struct sample_texts *texts);

/* After those of officers. */
void samples_add_messages(struct samples *samples, struct message_samples *messages,
                          const struct sample_texts *texts);

void samples_make(struct samples *samples, const struct sample_texts *texts);

#endif
