-- Made by tools/copy-sql from copy.def and schema.sql: what carries an index from one database to another.

-- name: copy_lanes
-- What each lane has committed, which tells whether anybody has written.
-- gives: lane_id bytes, commits int
SELECT lane_id, commits FROM lane ORDER BY lane_id;

-- name: copy_end
-- The copy is whole: it is no longer said to be one.
-- binds: name text
DELETE FROM meta WHERE name = $name;

-- name: copy_read_meta
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- binds: name text
-- gives: name text, content text
SELECT name, content FROM meta
WHERE name >= $name ORDER BY name;

-- name: copy_read_house_key
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- binds: name text
-- gives: name text, wrapped bytes
SELECT name, wrapped FROM house_key
WHERE name >= $name ORDER BY name;

-- name: copy_write_house_key
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: name text, wrapped bytes
INSERT INTO house_key (name, wrapped)
VALUES ($name, $wrapped);

-- name: copy_last_house_key
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: name text
SELECT name FROM house_key ORDER BY name DESC LIMIT 1;

-- name: copy_read_child
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes
-- gives: child_id bytes, state int, shield int, authority text?, version int, linkage bytes, merged_into bytes?, parts int?
SELECT child_id, state, shield, authority, version, linkage, merged_into, parts FROM child
WHERE child_id >= $child_id ORDER BY child_id;

-- name: copy_write_child
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, state int, shield int, authority text?, version int, linkage bytes, merged_into bytes?, parts int?
INSERT INTO child (child_id, state, shield, authority, version, linkage, merged_into, parts)
VALUES ($child_id, $state, $shield, $authority, $version, $linkage, $merged_into, $parts);

-- name: copy_last_child
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: child_id bytes
SELECT child_id FROM child ORDER BY child_id DESC LIMIT 1;

-- name: copy_read_child_key
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes
-- gives: child_id bytes, wrapped bytes
SELECT child_id, wrapped FROM child_key
WHERE child_id >= $child_id ORDER BY child_id;

-- name: copy_write_child_key
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, wrapped bytes
INSERT INTO child_key (child_id, wrapped)
VALUES ($child_id, $wrapped);

-- name: copy_last_child_key
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: child_id bytes
SELECT child_id FROM child_key ORDER BY child_id DESC LIMIT 1;

-- name: copy_read_claim
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, claim_id bytes
-- gives: child_id bytes, claim_id bytes, version int, superseded_month int?, sealed bytes
SELECT child_id, claim_id, version, superseded_month, sealed FROM claim
WHERE (child_id, claim_id) >= ($child_id, $claim_id) ORDER BY child_id, claim_id;

-- name: copy_write_claim
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, claim_id bytes, version int, superseded_month int?, sealed bytes
INSERT INTO claim (child_id, claim_id, version, superseded_month, sealed)
VALUES ($child_id, $claim_id, $version, $superseded_month, $sealed);

-- name: copy_last_claim
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: child_id bytes, claim_id bytes
SELECT child_id, claim_id FROM claim ORDER BY child_id DESC, claim_id DESC LIMIT 1;

-- name: copy_read_identifier_owner
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, child_id bytes
SELECT tag, child_id FROM identifier_owner
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_identifier_owner
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, child_id bytes
INSERT INTO identifier_owner (tag, child_id)
VALUES ($tag, $child_id);

-- name: copy_last_identifier_owner
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM identifier_owner ORDER BY tag DESC LIMIT 1;

-- name: copy_read_source_record
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, number int
-- gives: source int, number int, sealed bytes
SELECT source, number, sealed FROM source_record
WHERE (source, number) >= ($source, $number) ORDER BY source, number;

-- name: copy_write_source_record
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, number int, sealed bytes
INSERT INTO source_record (source, number, sealed)
VALUES ($source, $number, $sealed);

-- name: copy_last_source_record
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: source int, number int
SELECT source, number FROM source_record ORDER BY source DESC, number DESC LIMIT 1;

-- name: copy_read_batch
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int
-- gives: source int, sequence int, digest bytes, mode int, state int, as_of text, row_count int, started_us int, finished_us int?, created int, updated int, unchanged int, waiting int, quarantined int, ended int, applied int
SELECT source, sequence, digest, mode, state, as_of, row_count, started_us, finished_us, created, updated, unchanged, waiting, quarantined, ended, applied FROM batch
WHERE (source, sequence) >= ($source, $sequence) ORDER BY source, sequence;

-- name: copy_write_batch
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int, digest bytes, mode int, state int, as_of text, row_count int, started_us int, finished_us int?, created int, updated int, unchanged int, waiting int, quarantined int, ended int, applied int
INSERT INTO batch (source, sequence, digest, mode, state, as_of, row_count, started_us, finished_us, created, updated, unchanged, waiting, quarantined, ended, applied)
VALUES ($source, $sequence, $digest, $mode, $state, $as_of, $row_count, $started_us, $finished_us, $created, $updated, $unchanged, $waiting, $quarantined, $ended, $applied);

-- name: copy_last_batch
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: source int, sequence int
SELECT source, sequence FROM batch ORDER BY source DESC, sequence DESC LIMIT 1;

-- name: copy_read_batch_plan
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int, row_number int
-- gives: source int, sequence int, row_number int, sealed bytes
SELECT source, sequence, row_number, sealed FROM batch_plan
WHERE (source, sequence, row_number) >= ($source, $sequence, $row_number) ORDER BY source, sequence, row_number;

-- name: copy_write_batch_plan
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int, row_number int, sealed bytes
INSERT INTO batch_plan (source, sequence, row_number, sealed)
VALUES ($source, $sequence, $row_number, $sealed);

-- name: copy_last_batch_plan
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: source int, sequence int, row_number int
SELECT source, sequence, row_number FROM batch_plan ORDER BY source DESC, sequence DESC, row_number DESC LIMIT 1;

-- name: copy_read_batch_waiting
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int, row_number int
-- gives: source int, sequence int, row_number int, queue int, reason int, sealed bytes, record int?, follows int?
SELECT source, sequence, row_number, queue, reason, sealed, record, follows FROM batch_waiting
WHERE (source, sequence, row_number) >= ($source, $sequence, $row_number) ORDER BY source, sequence, row_number;

-- name: copy_write_batch_waiting
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: source int, sequence int, row_number int, queue int, reason int, sealed bytes, record int?, follows int?
INSERT INTO batch_waiting (source, sequence, row_number, queue, reason, sealed, record, follows)
VALUES ($source, $sequence, $row_number, $queue, $reason, $sealed, $record, $follows);

-- name: copy_last_batch_waiting
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: source int, sequence int, row_number int
SELECT source, sequence, row_number FROM batch_waiting ORDER BY source DESC, sequence DESC, row_number DESC LIMIT 1;

-- name: copy_read_organisation
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: organisation_id bytes
-- gives: organisation_id bytes, state int, version int, sealed bytes
SELECT organisation_id, state, version, sealed FROM organisation
WHERE organisation_id >= $organisation_id ORDER BY organisation_id;

-- name: copy_write_organisation
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: organisation_id bytes, state int, version int, sealed bytes
INSERT INTO organisation (organisation_id, state, version, sealed)
VALUES ($organisation_id, $state, $version, $sealed);

-- name: copy_last_organisation
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: organisation_id bytes
SELECT organisation_id FROM organisation ORDER BY organisation_id DESC LIMIT 1;

-- name: copy_read_account
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes
-- gives: account_id bytes, name_tag bytes, organisation_id bytes?, state int, version int, failures int, sealed bytes, used_day int?
SELECT account_id, name_tag, organisation_id, state, version, failures, sealed, used_day FROM account
WHERE account_id >= $account_id ORDER BY account_id;

-- name: copy_write_account
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes, name_tag bytes, organisation_id bytes?, state int, version int, failures int, sealed bytes, used_day int?
INSERT INTO account (account_id, name_tag, organisation_id, state, version, failures, sealed, used_day)
VALUES ($account_id, $name_tag, $organisation_id, $state, $version, $failures, $sealed, $used_day);

-- name: copy_last_account
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_id bytes
SELECT account_id FROM account ORDER BY account_id DESC LIMIT 1;

-- name: copy_read_authenticator
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes, kind int
-- gives: account_id bytes, kind int, state int, last_step int, failures int, version int, sealed bytes
SELECT account_id, kind, state, last_step, failures, version, sealed FROM authenticator
WHERE (account_id, kind) >= ($account_id, $kind) ORDER BY account_id, kind;

-- name: copy_write_authenticator
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes, kind int, state int, last_step int, failures int, version int, sealed bytes
INSERT INTO authenticator (account_id, kind, state, last_step, failures, version, sealed)
VALUES ($account_id, $kind, $state, $last_step, $failures, $version, $sealed);

-- name: copy_last_authenticator
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_id bytes, kind int
SELECT account_id, kind FROM authenticator ORDER BY account_id DESC, kind DESC LIMIT 1;

-- name: copy_read_sign_in_ticket
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, expires_us int, sealed bytes
SELECT tag, expires_us, sealed FROM sign_in_ticket
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_sign_in_ticket
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, expires_us int, sealed bytes
INSERT INTO sign_in_ticket (tag, expires_us, sealed)
VALUES ($tag, $expires_us, $sealed);

-- name: copy_last_sign_in_ticket
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM sign_in_ticket ORDER BY tag DESC LIMIT 1;

-- name: copy_read_session
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, account_id bytes, role int, strength int, started_us int, seen_us int, ended_us int?, wrote bytes?, first_tag bytes?, other_account_id bytes?, other_role int?
SELECT tag, account_id, role, strength, started_us, seen_us, ended_us, wrote, first_tag, other_account_id, other_role FROM session
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_session
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, account_id bytes, role int, strength int, started_us int, seen_us int, ended_us int?, wrote bytes?, first_tag bytes?, other_account_id bytes?, other_role int?
INSERT INTO session (tag, account_id, role, strength, started_us, seen_us, ended_us, wrote, first_tag, other_account_id, other_role)
VALUES ($tag, $account_id, $role, $strength, $started_us, $seen_us, $ended_us, $wrote, $first_tag, $other_account_id, $other_role);

-- name: copy_last_session
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM session ORDER BY tag DESC LIMIT 1;

-- name: copy_read_one_time_code
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, purpose int, expires_us int, used_us int?
SELECT tag, purpose, expires_us, used_us FROM one_time_code
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_one_time_code
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, purpose int, expires_us int, used_us int?
INSERT INTO one_time_code (tag, purpose, expires_us, used_us)
VALUES ($tag, $purpose, $expires_us, $used_us);

-- name: copy_last_one_time_code
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM one_time_code ORDER BY tag DESC LIMIT 1;

-- name: copy_read_search
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: search_id bytes
-- gives: search_id bytes, session_tag bytes, stated_us int, opened_child bytes?, sealed bytes, account_tag bytes?
SELECT search_id, session_tag, stated_us, opened_child, sealed, account_tag FROM search
WHERE search_id >= $search_id ORDER BY search_id;

-- name: copy_write_search
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: search_id bytes, session_tag bytes, stated_us int, opened_child bytes?, sealed bytes, account_tag bytes?
INSERT INTO search (search_id, session_tag, stated_us, opened_child, sealed, account_tag)
VALUES ($search_id, $session_tag, $stated_us, $opened_child, $sealed, $account_tag);

-- name: copy_last_search
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: search_id bytes
SELECT search_id FROM search ORDER BY search_id DESC LIMIT 1;

-- name: copy_read_incarnation
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: incarnation_id bytes
-- gives: incarnation_id bytes, started_us int
SELECT incarnation_id, started_us FROM incarnation
WHERE incarnation_id >= $incarnation_id ORDER BY incarnation_id;

-- name: copy_write_incarnation
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: incarnation_id bytes, started_us int
INSERT INTO incarnation (incarnation_id, started_us)
VALUES ($incarnation_id, $started_us);

-- name: copy_last_incarnation
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: incarnation_id bytes
SELECT incarnation_id FROM incarnation ORDER BY incarnation_id DESC LIMIT 1;

-- name: copy_read_audit_entry
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: incarnation_id bytes, number int
-- gives: incarnation_id bytes, number int, entry_id bytes, commitment bytes, child_id bytes?, month int, actor_tag bytes?, at_us int, sealed bytes
SELECT incarnation_id, number, entry_id, commitment, child_id, month, actor_tag, at_us, sealed FROM audit_entry
WHERE (incarnation_id, number) >= ($incarnation_id, $number) ORDER BY incarnation_id, number;

-- name: copy_write_audit_entry
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: incarnation_id bytes, number int, entry_id bytes, commitment bytes, child_id bytes?, month int, actor_tag bytes?, at_us int, sealed bytes
INSERT INTO audit_entry (incarnation_id, number, entry_id, commitment, child_id, month, actor_tag, at_us, sealed)
VALUES ($incarnation_id, $number, $entry_id, $commitment, $child_id, $month, $actor_tag, $at_us, $sealed);

-- name: copy_last_audit_entry
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: incarnation_id bytes, number int
SELECT incarnation_id, number FROM audit_entry ORDER BY incarnation_id DESC, number DESC LIMIT 1;

-- name: copy_read_alarm
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: alarm_id bytes
-- gives: alarm_id bytes, kind int, addressed_role int, authority text?, raised_us int, due_us int, acknowledged_us int?, version int, sealed bytes
SELECT alarm_id, kind, addressed_role, authority, raised_us, due_us, acknowledged_us, version, sealed FROM alarm
WHERE alarm_id >= $alarm_id ORDER BY alarm_id;

-- name: copy_write_alarm
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: alarm_id bytes, kind int, addressed_role int, authority text?, raised_us int, due_us int, acknowledged_us int?, version int, sealed bytes
INSERT INTO alarm (alarm_id, kind, addressed_role, authority, raised_us, due_us, acknowledged_us, version, sealed)
VALUES ($alarm_id, $kind, $addressed_role, $authority, $raised_us, $due_us, $acknowledged_us, $version, $sealed);

-- name: copy_last_alarm
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: alarm_id bytes
SELECT alarm_id FROM alarm ORDER BY alarm_id DESC LIMIT 1;

-- name: copy_read_part
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, part_id bytes
-- gives: child_id bytes, part_id bytes, sealed bytes
SELECT child_id, part_id, sealed FROM part
WHERE (child_id, part_id) >= ($child_id, $part_id) ORDER BY child_id, part_id;

-- name: copy_write_part
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: child_id bytes, part_id bytes, sealed bytes
INSERT INTO part (child_id, part_id, sealed)
VALUES ($child_id, $part_id, $sealed);

-- name: copy_last_part
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: child_id bytes, part_id bytes
SELECT child_id, part_id FROM part ORDER BY child_id DESC, part_id DESC LIMIT 1;

-- name: copy_read_never_same
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, sealed bytes
SELECT tag, sealed FROM never_same
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_never_same
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, sealed bytes
INSERT INTO never_same (tag, sealed)
VALUES ($tag, $sealed);

-- name: copy_last_never_same
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM never_same ORDER BY tag DESC LIMIT 1;

-- name: copy_read_proposal
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, sealed bytes
SELECT tag, sealed FROM proposal
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_proposal
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, sealed bytes
INSERT INTO proposal (tag, sealed)
VALUES ($tag, $sealed);

-- name: copy_last_proposal
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM proposal ORDER BY tag DESC LIMIT 1;

-- name: copy_read_security_key
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: credential_tag bytes
-- gives: credential_tag bytes, account_id bytes, state int, counter int, failures int, sealed bytes, used_day int?
SELECT credential_tag, account_id, state, counter, failures, sealed, used_day FROM security_key
WHERE credential_tag >= $credential_tag ORDER BY credential_tag;

-- name: copy_write_security_key
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: credential_tag bytes, account_id bytes, state int, counter int, failures int, sealed bytes, used_day int?
INSERT INTO security_key (credential_tag, account_id, state, counter, failures, sealed, used_day)
VALUES ($credential_tag, $account_id, $state, $counter, $failures, $sealed, $used_day);

-- name: copy_last_security_key
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: credential_tag bytes
SELECT credential_tag FROM security_key ORDER BY credential_tag DESC LIMIT 1;

-- name: copy_read_challenge
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, purpose int, owner_tag bytes, expires_us int
SELECT tag, purpose, owner_tag, expires_us FROM challenge
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_challenge
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, purpose int, owner_tag bytes, expires_us int
INSERT INTO challenge (tag, purpose, owner_tag, expires_us)
VALUES ($tag, $purpose, $owner_tag, $expires_us);

-- name: copy_last_challenge
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM challenge ORDER BY tag DESC LIMIT 1;

-- name: copy_read_enrolment
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes
-- gives: tag bytes, account_id bytes, code_tag bytes, state int, expires_us int, done_us int?, sealed bytes?
SELECT tag, account_id, code_tag, state, expires_us, done_us, sealed FROM enrolment
WHERE tag >= $tag ORDER BY tag;

-- name: copy_write_enrolment
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: tag bytes, account_id bytes, code_tag bytes, state int, expires_us int, done_us int?, sealed bytes?
INSERT INTO enrolment (tag, account_id, code_tag, state, expires_us, done_us, sealed)
VALUES ($tag, $account_id, $code_tag, $state, $expires_us, $done_us, $sealed);

-- name: copy_last_enrolment
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: tag bytes
SELECT tag FROM enrolment ORDER BY tag DESC LIMIT 1;

-- name: copy_read_terms
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes
-- gives: account_id bytes, accepted_us int
SELECT account_id, accepted_us FROM terms
WHERE account_id >= $account_id ORDER BY account_id;

-- name: copy_write_terms
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes, accepted_us int
INSERT INTO terms (account_id, accepted_us)
VALUES ($account_id, $accepted_us);

-- name: copy_last_terms
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_id bytes
SELECT account_id FROM terms ORDER BY account_id DESC LIMIT 1;

-- name: copy_read_staff_fact
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes
-- gives: account_id bytes, version int, sealed bytes
SELECT account_id, version, sealed FROM staff_fact
WHERE account_id >= $account_id ORDER BY account_id;

-- name: copy_write_staff_fact
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_id bytes, version int, sealed bytes
INSERT INTO staff_fact (account_id, version, sealed)
VALUES ($account_id, $version, $sealed);

-- name: copy_last_staff_fact
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_id bytes
SELECT account_id FROM staff_fact ORDER BY account_id DESC LIMIT 1;

-- name: copy_read_open_involvement
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: recorder_tag bytes, claim_id bytes
-- gives: recorder_tag bytes, claim_id bytes, child_id bytes
SELECT recorder_tag, claim_id, child_id FROM open_involvement
WHERE (recorder_tag, claim_id) >= ($recorder_tag, $claim_id) ORDER BY recorder_tag, claim_id;

-- name: copy_write_open_involvement
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: recorder_tag bytes, claim_id bytes, child_id bytes
INSERT INTO open_involvement (recorder_tag, claim_id, child_id)
VALUES ($recorder_tag, $claim_id, $child_id);

-- name: copy_last_open_involvement
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: recorder_tag bytes, claim_id bytes
SELECT recorder_tag, claim_id FROM open_involvement ORDER BY recorder_tag DESC, claim_id DESC LIMIT 1;

-- name: copy_read_matter
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: matter_id bytes
-- gives: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, subject bytes?, alarmed_us int?, sealed bytes
SELECT matter_id, kind, state, authority, opened_us, due_us, version, subject, alarmed_us, sealed FROM matter
WHERE matter_id >= $matter_id ORDER BY matter_id;

-- name: copy_write_matter
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, subject bytes?, alarmed_us int?, sealed bytes
INSERT INTO matter (matter_id, kind, state, authority, opened_us, due_us, version, subject, alarmed_us, sealed)
VALUES ($matter_id, $kind, $state, $authority, $opened_us, $due_us, $version, $subject, $alarmed_us, $sealed);

-- name: copy_last_matter
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: matter_id bytes
SELECT matter_id FROM matter ORDER BY matter_id DESC LIMIT 1;

-- name: copy_read_matter_step
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: matter_id bytes, number int
-- gives: matter_id bytes, number int, sealed bytes
SELECT matter_id, number, sealed FROM matter_step
WHERE (matter_id, number) >= ($matter_id, $number) ORDER BY matter_id, number;

-- name: copy_write_matter_step
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: matter_id bytes, number int, sealed bytes
INSERT INTO matter_step (matter_id, number, sealed)
VALUES ($matter_id, $number, $sealed);

-- name: copy_last_matter_step
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: matter_id bytes, number int
SELECT matter_id, number FROM matter_step ORDER BY matter_id DESC, number DESC LIMIT 1;

-- name: copy_read_overriding
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: session_tag bytes
-- gives: session_tag bytes, child_id bytes, until_us int
SELECT session_tag, child_id, until_us FROM overriding
WHERE session_tag >= $session_tag ORDER BY session_tag;

-- name: copy_write_overriding
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: session_tag bytes, child_id bytes, until_us int
INSERT INTO overriding (session_tag, child_id, until_us)
VALUES ($session_tag, $child_id, $until_us);

-- name: copy_last_overriding
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: session_tag bytes
SELECT session_tag FROM overriding ORDER BY session_tag DESC LIMIT 1;

-- name: copy_read_new_identity
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: entry_id bytes
-- gives: entry_id bytes, sealed bytes
SELECT entry_id, sealed FROM new_identity
WHERE entry_id >= $entry_id ORDER BY entry_id;

-- name: copy_write_new_identity
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: entry_id bytes, sealed bytes
INSERT INTO new_identity (entry_id, sealed)
VALUES ($entry_id, $sealed);

-- name: copy_last_new_identity
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: entry_id bytes
SELECT entry_id FROM new_identity ORDER BY entry_id DESC LIMIT 1;

-- name: copy_read_look
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_tag bytes, kind int, thing bytes
-- gives: account_tag bytes, kind int, thing bytes, seen_us int
SELECT account_tag, kind, thing, seen_us FROM look
WHERE (account_tag, kind, thing) >= ($account_tag, $kind, $thing) ORDER BY account_tag, kind, thing;

-- name: copy_write_look
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_tag bytes, kind int, thing bytes, seen_us int
INSERT INTO look (account_tag, kind, thing, seen_us)
VALUES ($account_tag, $kind, $thing, $seen_us);

-- name: copy_last_look
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_tag bytes, kind int, thing bytes
SELECT account_tag, kind, thing FROM look ORDER BY account_tag DESC, kind DESC, thing DESC LIMIT 1;

-- name: copy_read_allowance
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_tag bytes
-- gives: account_tag bytes, matter_id bytes, from_us int?, until_us int?
SELECT account_tag, matter_id, from_us, until_us FROM allowance
WHERE account_tag >= $account_tag ORDER BY account_tag;

-- name: copy_write_allowance
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: account_tag bytes, matter_id bytes, from_us int?, until_us int?
INSERT INTO allowance (account_tag, matter_id, from_us, until_us)
VALUES ($account_tag, $matter_id, $from_us, $until_us);

-- name: copy_last_allowance
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: account_tag bytes
SELECT account_tag FROM allowance ORDER BY account_tag DESC LIMIT 1;

-- name: copy_read_message
-- Every row from a key on, in the order of the keys.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: recipient_tag bytes, message_id bytes
-- gives: recipient_tag bytes, message_id bytes, sent_us int, unread int, sealed bytes
SELECT recipient_tag, message_id, sent_us, unread, sealed FROM message
WHERE (recipient_tag, message_id) >= ($recipient_tag, $message_id) ORDER BY recipient_tag, message_id;

-- name: copy_write_message
-- One row, as it was.
-- wide: a whole index is carried, and nobody waits for it
-- bulk: yes
-- binds: recipient_tag bytes, message_id bytes, sent_us int, unread int, sealed bytes
INSERT INTO message (recipient_tag, message_id, sent_us, unread, sealed)
VALUES ($recipient_tag, $message_id, $sent_us, $unread, $sealed);

-- name: copy_last_message
-- How far the copy has come: rows are written in the order of their keys.
-- wide: a whole index is carried, and nobody waits for it
-- gives: recipient_tag bytes, message_id bytes
SELECT recipient_tag, message_id FROM message ORDER BY recipient_tag DESC, message_id DESC LIMIT 1;
