/* Somebody's browser before a house: signs in, sets up how it signs in, answers with a security key in
 * software. */
#ifndef TESTS_SERVICE_BROWSER_H
#define TESTS_SERVICE_BROWSER_H

#include "access/enrolment.h"
#include "house.h"
#include "soft_key.h"

struct browser {
    struct house *house;
    struct str cookie;
    struct str ticket;
    struct str source;
};
struct browser browser_of(struct house *house);

extern const char browser_site[];
extern const char browser_password[]; /* what browser_choose sets */

/* One form or page; names and values in turn, NULL at the end.  Keeps the cookies that come back. */
struct answer *browser_ask(struct browser *browser, enum operation operation, const char *const *fields);
struct answer *browser_offer_password(struct browser *browser, const char *user_name, const char *password);

/* A request to bind anew, up to where the holder may choose; then the choice, with the PIN 860214. */
void browser_ask_and_approve(struct browser *holder, const char *user_name, const char *manager,
                             enum role role);
void browser_choose(struct browser *holder);

/* The token's secret that the ticket leads to, and the code that it shows now. */
void browser_secret(const struct browser *holder, uint8_t secret[TOTP_SECRET_BYTES]);
const char *browser_code(struct house *house, const uint8_t *secret);

/* A key, in a request that allows keys. */
struct answer *browser_register_key(struct browser *holder, struct soft_key *key);

/* A house where somebody has set up everything anew, with that key; another browser of theirs. */
struct browser browser_with_key(struct house *house, const char *user_name, struct soft_key *key);

/* Both steps of signing in as a practitioner; or one by one, with an answer that is not right. */
struct answer *browser_sign_in_with(struct browser *browser, struct soft_key *key, const char *user_name);
const struct key_view *browser_offer_key(struct browser *browser, const char *user_name,
                                         const char *password);
struct soft_question browser_question(struct house *house, const struct key_view *view);
struct answer *browser_answer_key(struct browser *browser, struct soft_key *key,
                                  const struct webauthn_assertion *said, enum operation operation);

/* In the house's arena. */
const char *browser_text(struct house *house, struct str text);
struct bytes browser_decode(struct house *house, struct str text);
const char *browser_encode(struct house *house, struct bytes bytes);

#endif
