-- Accounts, authenticators, tickets between the two steps of signing in, sessions, one-time codes, organisations.

-- name: account_get
-- One account by id.
-- binds: account_id bytes
-- gives: organisation_id bytes?, state int, version int, failures int, used_day int?, sealed bytes
SELECT organisation_id, state, version, failures, used_day, sealed FROM account WHERE account_id = $account_id;

-- name: account_by_name
-- One account by the tag of its user name.
-- binds: name_tag bytes
-- gives: account_id bytes, organisation_id bytes?, state int, version int, used_day int?, sealed bytes
SELECT account_id, organisation_id, state, version, used_day, sealed FROM account WHERE name_tag = $name_tag;

-- name: account_without_organisation
-- Operators and national administrators: few, so that they may be opened one by one.
-- gives: account_id bytes, state int, version int, used_day int?, sealed bytes
SELECT account_id, state, version, used_day, sealed FROM account WHERE organisation_id IS NULL;

-- name: account_insert
-- A new account; the user name was never used before.
-- binds: account_id bytes, name_tag bytes, organisation_id bytes?, state int, version int, sealed bytes
INSERT INTO account (account_id, name_tag, organisation_id, state, version, failures, sealed)
VALUES ($account_id, $name_tag, $organisation_id, $state, $version, 0, $sealed);

-- name: account_state_set
-- A new state, where nobody changed the account since it was read.
-- binds: account_id bytes, version int, state int, new_version int, sealed bytes
UPDATE account SET state = $state, version = $new_version, sealed = $sealed
WHERE account_id = $account_id AND version = $version;

-- name: account_failures_add
-- Counts a wrong password; run for every attempt, against nobody's row where there is nothing to count.
-- binds: account_id bytes
UPDATE account SET failures = failures + 1 WHERE account_id = $account_id;

-- name: account_failures_clear
-- After a whole sign-in.
-- binds: account_id bytes
UPDATE account SET failures = 0 WHERE account_id = $account_id;

-- name: authenticator_get
-- One authenticator of an account: kind 1 password, kind 2 PIN and TOTP.
-- binds: account_id bytes, kind int
-- gives: state int, last_step int, failures int, version int, sealed bytes
SELECT state, last_step, failures, version, sealed FROM authenticator
WHERE account_id = $account_id AND kind = $kind;

-- name: authenticator_insert
-- A new authenticator.
-- binds: account_id bytes, kind int, state int, version int, sealed bytes
INSERT INTO authenticator (account_id, kind, state, last_step, failures, version, sealed)
VALUES ($account_id, $kind, $state, 0, 0, $version, $sealed);

-- name: authenticator_wait
-- Passwords offered before this instant (microseconds, in last_step) are not judged.
-- binds: account_id bytes, kind int, until_us int
UPDATE authenticator SET last_step = $until_us WHERE account_id = $account_id AND kind = $kind;

-- name: authenticator_step
-- Accepts a TOTP step once, and none before it (RFC 6238 §5.2): changes one row, or none.
-- binds: account_id bytes, kind int, active int, step int
UPDATE authenticator SET last_step = $step, failures = 0
WHERE account_id = $account_id AND kind = $kind AND state = $active AND last_step < $step;

-- name: authenticator_failed
-- Counts a failed second step and disables at the limit what is in use.
-- binds: account_id bytes, kind int, active int, failures_max int, disabled int
UPDATE authenticator SET failures = failures + 1,
       state = CASE WHEN state = $active AND failures + 1 >= $failures_max THEN $disabled ELSE state END
WHERE account_id = $account_id AND kind = $kind;

-- name: authenticator_frozen
-- Whose authenticators were disabled since somebody was told of such last.
-- binds: disabled int, most int
-- gives: account_id bytes
SELECT account_id FROM authenticator WHERE state = $disabled ORDER BY account_id LIMIT $most;

-- name: authenticator_told
-- Whoever is to know of an account's disabled authenticator is told.
-- binds: account_id bytes, disabled int, told int
UPDATE authenticator SET state = $told WHERE account_id = $account_id AND state = $disabled;

-- name: authenticator_revoke
-- Somebody else has taken it away: changes one row, or none.
-- binds: account_id bytes, kind int, revoked int
UPDATE authenticator SET state = $revoked WHERE account_id = $account_id AND kind = $kind AND state <> $revoked;

-- name: ticket_insert
-- A ticket to the second step of signing in, right or wrong.
-- binds: tag bytes, expires_us int, sealed bytes
INSERT INTO sign_in_ticket (tag, expires_us, sealed) VALUES ($tag, $expires_us, $sealed);

-- name: ticket_get
-- One ticket, expired or not.
-- binds: tag bytes
-- gives: expires_us int, sealed bytes
SELECT expires_us, sealed FROM sign_in_ticket WHERE tag = $tag;

-- name: ticket_burn
-- A ticket that has led to a session.
-- binds: tag bytes
DELETE FROM sign_in_ticket WHERE tag = $tag;

-- name: ticket_clean
-- Tickets that nobody can use any more.
-- binds: before_us int
DELETE FROM sign_in_ticket WHERE expires_us < $before_us;

-- name: session_insert
-- A new session; its id itself is in the browser only.
-- binds: tag bytes, account_id bytes, role int, strength int, started_us int, seen_us int, first_tag bytes, wrote bytes?
-- binds: other_account_id bytes?, other_role int?
INSERT INTO session (tag, account_id, role, strength, started_us, seen_us, ended_us, first_tag, wrote, other_account_id, other_role)
VALUES ($tag, $account_id, $role, $strength, $started_us, $seen_us, NULL, $first_tag, $wrote, $other_account_id, $other_role);

-- name: session_get
-- One session, ended or not, with its account and that account's organisation as they are now.
-- binds: tag bytes
-- gives: account_id bytes, role int, strength int, started_us int, seen_us int, ended_us int?, wrote bytes?
-- gives: first_tag bytes?, other_account_id bytes?, other_role int?
-- gives: account_state int?, account_version int?, account bytes?
-- gives: organisation_id bytes?, organisation_state int?, organisation_version int?, organisation bytes?
SELECT session.account_id, session.role, session.strength, session.started_us, session.seen_us, session.ended_us,
       session.wrote, session.first_tag, session.other_account_id, session.other_role, account.state AS account_state, account.version AS account_version, account.sealed AS account,
       account.organisation_id, organisation.state AS organisation_state, organisation.version AS organisation_version,
       organisation.sealed AS organisation
FROM session
LEFT JOIN account ON account.account_id = session.account_id
LEFT JOIN organisation ON organisation.organisation_id = account.organisation_id
WHERE session.tag = $tag;

-- name: session_touch
-- Never backwards: a clock set back lengthens no session.
-- binds: tag bytes, seen_us int
UPDATE session SET seen_us = $seen_us WHERE tag = $tag AND ended_us IS NULL AND seen_us < $seen_us;

-- name: session_wrote
-- The last change that this session made.
-- binds: tag bytes, wrote bytes
UPDATE session SET wrote = $wrote WHERE tag = $tag;

-- name: session_end
-- Ends one session.
-- binds: tag bytes, ended_us int
UPDATE session SET ended_us = $ended_us WHERE tag = $tag AND ended_us IS NULL;

-- name: session_end_all
-- Every session of an account (R3.3).
-- binds: account_id bytes, ended_us int
UPDATE session SET ended_us = $ended_us WHERE account_id = $account_id AND ended_us IS NULL;

-- name: session_clean
-- Sessions too old to be used by anybody.
-- binds: before_us int
DELETE FROM session WHERE started_us < $before_us;

-- name: code_insert
-- A one-time code.
-- binds: tag bytes, purpose int, expires_us int
INSERT INTO one_time_code (tag, purpose, expires_us, used_us) VALUES ($tag, $purpose, $expires_us, NULL);

-- name: code_use
-- Changes one row where the code exists, is unused and has not expired.
-- binds: tag bytes, purpose int, now_us int
UPDATE one_time_code SET used_us = $now_us
WHERE tag = $tag AND purpose = $purpose AND used_us IS NULL AND expires_us > $now_us;

-- name: code_withdraw
-- Unused codes of a purpose, before new ones are given out.
-- binds: purpose int
DELETE FROM one_time_code WHERE purpose = $purpose AND used_us IS NULL;

-- name: organisation_insert
-- A new organisation.
-- binds: organisation_id bytes, state int, version int, sealed bytes
INSERT INTO organisation (organisation_id, state, version, sealed)
VALUES ($organisation_id, $state, $version, $sealed);

-- name: organisation_get
-- One organisation by id.
-- binds: organisation_id bytes
-- gives: state int, version int, sealed bytes
SELECT state, version, sealed FROM organisation WHERE organisation_id = $organisation_id;
