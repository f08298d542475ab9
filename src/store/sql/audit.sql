-- The audit log before sequencing (security.md, 2).

-- name: audit_incarnation_insert
-- A serving process begins.
-- binds: incarnation_id bytes, started_us int
INSERT INTO incarnation (incarnation_id, started_us) VALUES ($incarnation_id, $started_us);

-- name: audit_incarnation_count
-- How many of the first entries of an incarnation are there.
-- binds: incarnation_id bytes, highest int
-- gives: count int
SELECT count(*) FROM audit_entry
WHERE incarnation_id = $incarnation_id AND number >= 1 AND number <= $highest;

-- name: audit_entry_insert
-- The next entry of a lane: numbered densely, since a number that is not kept is given again.
-- binds: incarnation_id bytes, number int, entry_id bytes, commitment bytes, child_id bytes?, month int, actor_tag bytes?, at_us int, sealed bytes
INSERT INTO audit_entry (incarnation_id, number, entry_id, commitment, child_id, month, actor_tag, at_us, sealed)
VALUES ($incarnation_id, $number, $entry_id, $commitment, $child_id, $month, $actor_tag, $at_us, $sealed);

-- name: audit_entry_all
-- Every entry, in the order of its incarnation.
-- gives: incarnation_id bytes, number int, entry_id bytes, commitment bytes, child_id bytes?, month int, actor_tag bytes?, at_us int, sealed bytes
SELECT incarnation_id, number, entry_id, commitment, child_id, month, actor_tag, at_us, sealed FROM audit_entry
ORDER BY incarnation_id, number;

-- name: audit_entry_of_actor
-- The newest entries of one account.
-- binds: actor_tag bytes, most int
-- gives: incarnation_id bytes, number int, entry_id bytes, commitment bytes, child_id bytes?, month int, actor_tag bytes?, at_us int, sealed bytes
SELECT incarnation_id, number, entry_id, commitment, child_id, month, actor_tag, at_us, sealed FROM audit_entry
WHERE actor_tag = $actor_tag ORDER BY at_us DESC, number DESC LIMIT $most;

-- name: audit_child_key_get
-- The key under which entries that name a child are sealed.
-- binds: child_id bytes
-- gives: wrapped bytes
SELECT wrapped FROM child_key WHERE child_id = $child_id;
