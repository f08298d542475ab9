-- name: search_insert
-- A stated reason with its criteria (R5.1).
-- binds: search_id bytes, session_tag bytes, account_tag bytes, stated_us int, opened_child bytes?, sealed bytes
INSERT INTO search (search_id, session_tag, account_tag, stated_us, opened_child, sealed)
VALUES ($search_id, $session_tag, $account_tag, $stated_us, $opened_child, $sealed);

-- name: search_get
-- One search of this session.
-- binds: search_id bytes, session_tag bytes
-- gives: stated_us int, opened_child bytes?, sealed bytes
SELECT stated_us, opened_child, sealed FROM search WHERE search_id = $search_id AND session_tag = $session_tag;

-- name: search_newest
-- The newest stated reason of a session.
-- binds: session_tag bytes
-- gives: search_id bytes, stated_us int, opened_child bytes?, sealed bytes
SELECT search_id, stated_us, opened_child, sealed FROM search
WHERE session_tag = $session_tag ORDER BY stated_us DESC, search_id LIMIT 1;

-- name: search_open
-- The one record that this reason covers from now on; nothing changes where it covers another already.
-- binds: search_id bytes, session_tag bytes, opened_child bytes
UPDATE search SET opened_child = $opened_child
WHERE search_id = $search_id AND session_tag = $session_tag
  AND (opened_child IS NULL OR opened_child = $opened_child);

-- name: search_sweep
-- Forgets searches that no session can use any more.
-- binds: before_us int
DELETE FROM search WHERE stated_us < $before_us;
