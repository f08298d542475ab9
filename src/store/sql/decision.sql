-- name: never_same_put
-- Two who are not one person.
-- binds: tag bytes, sealed bytes
INSERT INTO never_same (tag, sealed) VALUES ($tag, $sealed) ON CONFLICT DO NOTHING;

-- name: never_same_remove
-- Decided otherwise.
-- binds: tag bytes
DELETE FROM never_same WHERE tag = $tag;

-- name: never_same_all
-- Every pair that was decided on.
-- wide: read when a feed begins, or an officer looks
-- gives: tag bytes, sealed bytes
SELECT tag, sealed FROM never_same;

-- name: proposal_put
-- Two records that may be one person's, or what is known of them now.
-- binds: tag bytes, sealed bytes
INSERT INTO proposal (tag, sealed) VALUES ($tag, $sealed) ON CONFLICT (tag) DO UPDATE SET sealed = excluded.sealed;

-- name: proposal_get
-- One pair.
-- binds: tag bytes
-- gives: sealed bytes
SELECT sealed FROM proposal WHERE tag = $tag;

-- name: proposal_list
-- Pairs behind a place in their order, which has no meaning.
-- wide: an officer's list
-- binds: tag bytes, most int
-- gives: tag bytes, sealed bytes
SELECT tag, sealed FROM proposal WHERE tag > $tag ORDER BY tag LIMIT $most;

-- name: proposal_remove
-- Decided.
-- binds: tag bytes
DELETE FROM proposal WHERE tag = $tag;
