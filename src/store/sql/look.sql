-- name: look_put
-- An account opens a child, or guesses an id; the last time counts.
-- binds: account_tag bytes, kind int, thing bytes, seen_us int
INSERT INTO look (account_tag, kind, thing, seen_us) VALUES ($account_tag, $kind, $thing, $seen_us)
ON CONFLICT (account_tag, kind, thing) DO UPDATE SET seen_us = excluded.seen_us;

-- name: look_others
-- How many others than this one since then.
-- binds: account_tag bytes, kind int, thing bytes, since_us int
-- gives: count int
SELECT count(*) FROM look
WHERE account_tag = $account_tag AND kind = $kind AND thing <> $thing AND seen_us > $since_us;

-- name: look_seen
-- Whether it was this one, since then.
-- binds: account_tag bytes, kind int, thing bytes, since_us int
-- gives: count int
SELECT count(*) FROM look
WHERE account_tag = $account_tag AND kind = $kind AND thing = $thing AND seen_us > $since_us;

-- name: look_searches
-- How often an account has stated a reason since then.
-- binds: account_tag bytes, since_us int
-- gives: count int
SELECT count(*) FROM search WHERE account_tag = $account_tag AND stated_us > $since_us;

-- name: look_sweep
-- Forgets what no limit counts any more.
-- binds: before_us int
DELETE FROM look WHERE seen_us < $before_us;

-- name: allowance_get
-- What an account has asked for.
-- binds: account_tag bytes
-- gives: matter_id bytes, from_us int?, until_us int?
SELECT matter_id, from_us, until_us FROM allowance WHERE account_tag = $account_tag;

-- name: allowance_ask
-- An account asks, in this matter.
-- binds: account_tag bytes, matter_id bytes
INSERT INTO allowance (account_tag, matter_id, from_us, until_us) VALUES ($account_tag, $matter_id, NULL, NULL)
ON CONFLICT (account_tag) DO UPDATE SET matter_id = excluded.matter_id;

-- name: allowance_give
-- A second person has approved: counting begins anew.
-- binds: account_tag bytes, matter_id bytes, from_us int, until_us int
UPDATE allowance SET from_us = $from_us, until_us = $until_us
WHERE account_tag = $account_tag AND matter_id = $matter_id;
