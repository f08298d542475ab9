-- The life of accounts and organisations, what staff have declared, whose involvements are open.

-- name: account_used_set
-- Somebody has signed in on this day; never backwards.
-- binds: account_id bytes, used_day int
UPDATE account SET used_day = $used_day
WHERE account_id = $account_id AND (used_day IS NULL OR used_day < $used_day);

-- name: account_of_organisation
-- The accounts of an organisation, closed ones too where asked: as many as one may look at.
-- binds: organisation_id bytes, left_out int, most int
-- gives: account_id bytes, state int, version int, used_day int?, sealed bytes
SELECT account_id, state, version, used_day, sealed FROM account
WHERE organisation_id = $organisation_id AND state <> $left_out ORDER BY account_id LIMIT $most;

-- name: account_count_of
-- How many accounts of an organisation are not closed (R3.7).
-- binds: organisation_id bytes, closed int
-- gives: accounts int
SELECT count(*) AS accounts FROM account WHERE organisation_id = $organisation_id AND state <> $closed;

-- name: organisation_all
-- Every organisation, with how many accounts of it are not closed.
-- binds: closed int
-- gives: organisation_id bytes, state int, version int, sealed bytes, accounts int
SELECT organisation.organisation_id, organisation.state, organisation.version, organisation.sealed,
       (SELECT count(*) FROM account
        WHERE account.organisation_id = organisation.organisation_id AND account.state <> $closed) AS accounts
FROM organisation;

-- name: organisation_set
-- A changed organisation, where nobody changed it since it was read.
-- binds: organisation_id bytes, version int, state int, new_version int, sealed bytes
UPDATE organisation SET state = $state, version = $new_version, sealed = $sealed
WHERE organisation_id = $organisation_id AND version = $version;

-- name: staff_fact_get
-- What a member of staff has declared.
-- binds: account_id bytes
-- gives: version int, sealed bytes
SELECT version, sealed FROM staff_fact WHERE account_id = $account_id;

-- name: staff_fact_put
-- Takes the place of what was declared before, where that is still the version that was read.
-- binds: account_id bytes, version int, new_version int, sealed bytes
INSERT INTO staff_fact (account_id, version, sealed) VALUES ($account_id, $new_version, $sealed)
ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed
WHERE staff_fact.version = $version;

-- name: open_involvement_put
-- Somebody's involvement has begun.
-- binds: recorder_tag bytes, claim_id bytes, child_id bytes
INSERT INTO open_involvement (recorder_tag, claim_id, child_id) VALUES ($recorder_tag, $claim_id, $child_id)
ON CONFLICT (recorder_tag, claim_id) DO NOTHING;

-- name: open_involvement_end
-- It has ended.
-- binds: recorder_tag bytes, claim_id bytes
DELETE FROM open_involvement WHERE recorder_tag = $recorder_tag AND claim_id = $claim_id;

-- name: open_involvement_of
-- Those of one recorder.
-- binds: recorder_tag bytes, most int
-- gives: claim_id bytes, child_id bytes
SELECT claim_id, child_id FROM open_involvement WHERE recorder_tag = $recorder_tag ORDER BY claim_id LIMIT $most;

-- name: open_involvement_count
-- How many one recorder has.
-- binds: recorder_tag bytes
-- gives: involvements int
SELECT count(*) AS involvements FROM open_involvement WHERE recorder_tag = $recorder_tag;
