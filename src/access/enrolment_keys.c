/* Security keys of a request: registered while somebody sets up how they sign in, or added to those that they
 * have; and taken away one by one. */
#include "access/enrolment_inside.h"

/* While it lives, whoever has chosen their secrets; and once, whom somebody lets add a key to those they
 * have.
 */
static bool may_add(const struct enrolment *enrolment)
{
    return enrolment->state == ENROLMENT_DONE || enrolment->state == ENROLMENT_KEY_APPROVED;
}

enum fault access_enrolment_key_offer(struct access *access, struct db_tx *tx, const struct enrolment_at *at,
                                      struct str origin, struct arena *arena, struct key_view *ret_view)
{
    struct enrolment enrolment;
    struct account_found found;
    enum fault fault;
    TRY(enrolment_read(access, tx, at, arena, &enrolment));
    TRY(account_read(access, tx, enrolment.account, arena, &found));
    if (!may_add(&enrolment) || !found.found) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    const struct new_key order = {
        .owner = {CHALLENGE_ENROLMENT, enrolment.tag}, .origin = origin, .account = &found.account};
    TRY(key_offer_new(access, tx, &order, arena, ret_view));
done:
    return fault;
}

struct enrolment_key {
    bool right;
    struct webauthn_made made;
    struct str rp_id;
};

enum fault access_enrolment_key_check(struct access *access, struct str origin,
                                      const struct key_answer *answer, struct arena *arena,
                                      struct enrolment_key **ret_key)
{
    struct webauthn_registration registration = {0};
    struct enrolment_key *key = arena_take(arena, sizeof *key);
    struct webauthn_site site = key_site(access, origin);
    enum fault fault;
    if (key == NULL)
        return FAULT_MEMORY;
    TRY(base64_bytes(answer->client_data, CLIENT_DATA_BYTES_MAX, arena, &registration.client_data));
    TRY(base64_bytes(answer->attestation, ATTESTATION_BYTES_MAX, arena, &registration.attestation));
    enum webauthn_flaw flaw = webauthn_registration_check(&site, &registration, &key->made);
    if (flaw == FLAW_MEMORY) {
        fault = FAULT_MEMORY;
        goto done;
    }
    key->right = flaw == FLAW_NONE;
    TRY(arena_copy(arena, webauthn_rp_id(origin), &key->rp_id));
    *ret_key = key;
done:
    return fault;
}

/* The one key that was approved. */
static enum fault finish_one(struct access *access, struct db_tx *tx, const struct enrolment *enrolment)
{
    const struct value in[] = {[BIND_enrolment_done_tag] = value_tag(enrolment->tag),
                               [BIND_enrolment_done_approved] = value_int(ENROLMENT_KEY_APPROVED),
                               [BIND_enrolment_done_done] = value_int(ENROLMENT_KEY_DONE),
                               [BIND_enrolment_done_done_us] = value_int(access_now(access).us)};
    int64_t changes = 0;
    enum fault fault = access_count(access, db_run(tx, SQL_enrolment_done, in, &changes));
    return fault == FAULT_NONE && changes != 1 ? FAULT_SIGN_IN : fault;
}

enum fault access_enrolment_key_add(struct access *access, struct db_tx *tx, const struct enrolment_at *at,
                                    const struct enrolment_key *key, struct arena *arena)
{
    struct enrolment enrolment;
    struct security_key held[KEYS_MAX];
    size_t count = 0;
    bool valid = false;
    bool known = false;
    enum fault fault;
    TRY(enrolment_read(access, tx, at, arena, &enrolment));
    const struct challenge_owner owner = {CHALLENGE_ENROLMENT, enrolment.tag};
    TRY(challenge_use(access, tx, &owner, key->made.proof.challenge, arena, &valid));
    if (!valid || !key->right || !may_add(&enrolment)) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    TRY(keys_of_account(access, tx, enrolment.account, arena, held, &count));
    if (count == KEYS_MAX) {
        fault = fault_note(FAULT_INVALID, "this account has as many security keys as it may have");
        goto done;
    }
    struct security_key made = {.tag = credential_tag(access, key->made.credential),
                                .account = enrolment.account,
                                .counter = key->made.proof.counter,
                                .credential = key->made.credential,
                                .key = key->made.key,
                                .rp_id = key->rp_id,
                                .made = access_now(access)};
    memcpy(made.model, key->made.model, sizeof made.model);
    TRY(key_read(access, tx, &made.tag, arena, &held[0], &known)); /* §7.1 step 26 */
    if (known) {
        fault = fault_note(FAULT_DUPLICATE, "this security key is registered already: use another");
        goto done;
    }
    if (enrolment.state == ENROLMENT_KEY_APPROVED)
        TRY(finish_one(access, tx, &enrolment));
    TRY(key_insert(access, tx, &made, arena));
done:
    return fault;
}

enum fault access_enrolment_ask_key(struct access *access, struct db_tx *tx, const struct account *account,
                                    struct arena *arena, struct str *ret_ticket)
{
    struct security_key held[KEYS_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(keys_of_account(access, tx, account->account.id, arena, held, &count));
    if (count == KEYS_MAX)
        TRY(fault_note(FAULT_INVALID, "you have as many security keys as one may have: remove one first"));
    TRY(enrolment_begin(access, tx, account->account.id, ENROLMENT_KEY_ASKED, arena, ret_ticket));
done:
    return fault;
}

enum fault access_key_remove(struct access *access, struct db_tx *tx, const struct account *account,
                             struct id key)
{
    const struct value in[] = {[BIND_security_key_remove_credential_tag] = value_id(key),
                               [BIND_security_key_remove_account_id] = value_id(account->account.id),
                               [BIND_security_key_remove_retired] = value_int(KEY_RETIRED)};
    int64_t changes = 0;
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_security_key_remove, in, &changes)));
    if (changes != 1)
        TRY(FAULT_ABSENT);
    TRY(access_sign_out_everywhere(access, tx, account));
done:
    return fault;
}
