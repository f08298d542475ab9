-- Security keys, the challenges that they answer, binding them to an account, the terms.

-- name: security_key_get
-- One key by its credential id.
-- binds: credential_tag bytes
-- gives: account_id bytes, state int, counter int, sealed bytes
SELECT account_id, state, counter, sealed FROM security_key WHERE credential_tag = $credential_tag;

-- name: security_key_of_account
-- The keys of an account, whatever their state.
-- binds: account_id bytes
-- gives: credential_tag bytes, state int, counter int, used_day int?, sealed bytes
SELECT credential_tag, state, counter, used_day, sealed FROM security_key WHERE account_id = $account_id ORDER BY credential_tag;

-- name: security_key_insert
-- A new key; nobody has registered its credential id before.
-- binds: credential_tag bytes, account_id bytes, state int, counter int, sealed bytes
INSERT INTO security_key (credential_tag, account_id, state, counter, failures, sealed)
VALUES ($credential_tag, $account_id, $state, $counter, 0, $sealed);

-- name: security_key_used
-- Accepts a counter that has risen, or one that never counts: changes one row, or none.
-- binds: credential_tag bytes, account_id bytes, active int, counter int, used_day int
UPDATE security_key SET counter = $counter, failures = 0, used_day = $used_day
WHERE credential_tag = $credential_tag AND account_id = $account_id AND state = $active
  AND (counter < $counter OR (counter = 0 AND $counter = 0));

-- name: security_key_freeze
-- A key whose counter did not rise: there are two of it.
-- binds: credential_tag bytes, account_id bytes, active int, frozen int, counter int
UPDATE security_key SET state = $frozen
WHERE credential_tag = $credential_tag AND account_id = $account_id AND state = $active AND counter >= $counter;

-- name: security_key_failed
-- Counts a failed second step against every key of an account and disables at the limit those that are in use.
-- binds: account_id bytes, active int, failures_max int, disabled int, retired int
UPDATE security_key SET failures = failures + 1,
       state = CASE WHEN state = $active AND failures + 1 >= $failures_max THEN $disabled ELSE state END
WHERE account_id = $account_id AND state <> $retired;

-- name: security_key_frozen
-- Whose keys were disabled since somebody was told of such last.
-- binds: disabled int, most int
-- gives: account_id bytes
SELECT account_id FROM security_key WHERE state = $disabled ORDER BY account_id LIMIT $most;

-- name: security_key_told
-- Whoever is to know of an account's disabled keys is told.
-- binds: account_id bytes, disabled int, told int
UPDATE security_key SET state = $told WHERE account_id = $account_id AND state = $disabled;

-- name: security_key_retire
-- All keys of an account, when new secrets are bound to it.
-- binds: account_id bytes, retired int
UPDATE security_key SET state = $retired WHERE account_id = $account_id;

-- name: security_key_remove
-- One of an account's keys, which was lost.
-- binds: credential_tag bytes, account_id bytes, retired int
UPDATE security_key SET state = $retired
WHERE credential_tag = $credential_tag AND account_id = $account_id AND state <> $retired;

-- name: challenge_insert
-- A challenge, for one purpose of one session, ticket or enrolment.
-- binds: tag bytes, purpose int, owner_tag bytes, expires_us int
INSERT INTO challenge (tag, purpose, owner_tag, expires_us) VALUES ($tag, $purpose, $owner_tag, $expires_us);

-- name: challenge_get
-- Until when a challenge may be answered, for that purpose and by that owner.
-- binds: tag bytes, purpose int, owner_tag bytes
-- gives: expires_us int
SELECT expires_us FROM challenge WHERE tag = $tag AND purpose = $purpose AND owner_tag = $owner_tag;

-- name: challenge_burn
-- Whoever answers it, it is answered.
-- binds: tag bytes
DELETE FROM challenge WHERE tag = $tag;

-- name: challenge_clean
-- Challenges that nobody can answer any more.
-- binds: before_us int
DELETE FROM challenge WHERE expires_us < $before_us;

-- name: enrolment_insert
-- A request to bind new secrets to an account, or to none.
-- binds: tag bytes, account_id bytes, code_tag bytes, state int, expires_us int
INSERT INTO enrolment (tag, account_id, code_tag, state, expires_us, done_us, sealed)
VALUES ($tag, $account_id, $code_tag, $state, $expires_us, NULL, NULL);

-- name: enrolment_get
-- One request, expired or not.
-- binds: tag bytes
-- gives: account_id bytes, state int, expires_us int, sealed bytes?
SELECT account_id, state, expires_us, sealed FROM enrolment WHERE tag = $tag;

-- name: enrolment_by_code
-- The open request of an account that shows this code.
-- binds: account_id bytes, code_tag bytes, asked int, key_asked int, now_us int
-- gives: tag bytes, state int
SELECT tag, state FROM enrolment
WHERE account_id = $account_id AND code_tag = $code_tag AND (state = $asked OR state = $key_asked) AND expires_us > $now_us;

-- name: enrolment_approve
-- By a second person; once.
-- binds: tag bytes, asked int, approved int, expires_us int, sealed bytes
UPDATE enrolment SET state = $approved, expires_us = $expires_us, sealed = $sealed
WHERE tag = $tag AND state = $asked;

-- name: enrolment_done
-- Its holder has chosen new secrets, or registered the one key that it is for; once.
-- binds: tag bytes, approved int, done int, done_us int
UPDATE enrolment SET state = $done, done_us = $done_us WHERE tag = $tag AND state = $approved;

-- name: enrolment_withdraw
-- An account's other open requests, when one of them is done.
-- binds: account_id bytes, done int, key_done int
DELETE FROM enrolment WHERE account_id = $account_id AND state <> $done AND state <> $key_done;

-- name: enrolments_done
-- What was bound anew, latest first.
-- binds: account_id bytes, done int, key_done int, most int
-- gives: tag bytes, state int, done_us int?, sealed bytes?
SELECT tag, state, done_us, sealed FROM enrolment WHERE account_id = $account_id AND (state = $done OR state = $key_done)
ORDER BY done_us DESC NULLS LAST LIMIT $most;

-- name: enrolment_clean
-- Requests that nobody can use any more; those that are done stay.
-- binds: before_us int, done int, key_done int
DELETE FROM enrolment WHERE expires_us < $before_us AND state <> $done AND state <> $key_done;

-- name: authenticator_forget
-- All authenticators of an account, before new ones take their place.
-- binds: account_id bytes
DELETE FROM authenticator WHERE account_id = $account_id;

-- name: terms_get
-- When an account's holder last said that they know the terms.
-- binds: account_id bytes
-- gives: accepted_us int
SELECT accepted_us FROM terms WHERE account_id = $account_id;

-- name: terms_put
-- They say so now.
-- binds: account_id bytes, accepted_us int
INSERT INTO terms (account_id, accepted_us) VALUES ($account_id, $accepted_us)
ON CONFLICT (account_id) DO UPDATE SET accepted_us = excluded.accepted_us;
