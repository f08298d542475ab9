/* Our partials, each filled in from the options of a fixture; where it does not offer what they ask for, the
 * fixture is unsupported. */
#ifndef TESTS_WEB_PARTIALS_H
#define TESTS_WEB_PARTIALS_H

#include "fixture.h"

/* partials_forms.c */
void partial_button(struct fixture *fixture, struct buffer *html);
void partial_error_message(struct fixture *fixture, struct buffer *html);
void partial_error_summary(struct fixture *fixture, struct buffer *html);
void partial_hint(struct fixture *fixture, struct buffer *html);
void partial_input(struct fixture *fixture, struct buffer *html);
void partial_label(struct fixture *fixture, struct buffer *html);
void partial_radios(struct fixture *fixture, struct buffer *html);
void partial_checkboxes(struct fixture *fixture, struct buffer *html);
void partial_date_input(struct fixture *fixture, struct buffer *html);
void partial_select(struct fixture *fixture, struct buffer *html);
void partial_textarea(struct fixture *fixture, struct buffer *html);

/* partials_page.c */
void partial_back_link(struct fixture *fixture, struct buffer *html);
void partial_details(struct fixture *fixture, struct buffer *html);
void partial_generic_header(struct fixture *fixture, struct buffer *html);
void partial_inset_text(struct fixture *fixture, struct buffer *html);
void partial_phase_banner(struct fixture *fixture, struct buffer *html);
void partial_service_navigation(struct fixture *fixture, struct buffer *html);
void partial_skip_link(struct fixture *fixture, struct buffer *html);
void partial_summary_list(struct fixture *fixture, struct buffer *html);
void partial_table(struct fixture *fixture, struct buffer *html);
void partial_tag(struct fixture *fixture, struct buffer *html);
void partial_warning_text(struct fixture *fixture, struct buffer *html);

#endif
