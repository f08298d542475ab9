-- name: matter_insert
-- Opens a matter (R9, R10).
-- binds: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, subject bytes?, sealed bytes
INSERT INTO matter (matter_id, kind, state, authority, opened_us, due_us, version, subject, alarmed_us, sealed)
VALUES ($matter_id, $kind, $state, $authority, $opened_us, $due_us, 1, $subject, NULL, $sealed);

-- name: matter_get
-- One matter.
-- binds: matter_id bytes
-- gives: kind int, state int, authority text?, opened_us int, due_us int, version int, sealed bytes
SELECT kind, state, authority, opened_us, due_us, version, sealed FROM matter WHERE matter_id = $matter_id;

-- name: matter_of_subject
-- The newest one of a kind about a child that is not in that state.
-- binds: subject bytes, closed int
-- gives: matter_id bytes
SELECT matter_id FROM matter WHERE subject = $subject AND state <> $closed
ORDER BY opened_us DESC, matter_id LIMIT 1;

-- name: matter_update
-- A matter as it stands now; nothing changes where somebody else was faster.
-- binds: matter_id bytes, state int, authority text?, due_us int, sealed bytes, version int
UPDATE matter SET state = $state, authority = $authority, due_us = $due_us, sealed = $sealed,
                  version = version + 1, alarmed_us = CASE WHEN due_us = $due_us THEN alarmed_us ELSE NULL END
WHERE matter_id = $matter_id AND version = $version;

-- name: matter_step_insert
-- One more line of its timeline.
-- binds: matter_id bytes, number int, sealed bytes
INSERT INTO matter_step (matter_id, number, sealed) VALUES ($matter_id, $number, $sealed);

-- name: matter_step_list
-- Its timeline.
-- binds: matter_id bytes, most int
-- gives: number int, sealed bytes
SELECT number, sealed FROM matter_step WHERE matter_id = $matter_id ORDER BY number LIMIT $most;

-- name: matter_child_key
-- The key that steps about a child are sealed under.
-- binds: child_id bytes
-- gives: wrapped bytes
SELECT wrapped FROM child_key WHERE child_id = $child_id;

-- name: matter_list
-- Open ones of a kind that a team may work on, due first, behind a place.
-- binds: kind int, closed int, authority text, due_us int, matter_id bytes, most int
-- gives: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, sealed bytes
SELECT matter_id, kind, state, authority, opened_us, due_us, version, sealed FROM matter
WHERE kind = $kind AND state <> $closed AND (authority IS NULL OR authority = $authority)
  AND (due_us > $due_us OR (due_us = $due_us AND matter_id > $matter_id))
ORDER BY due_us, matter_id LIMIT $most;

-- name: matter_count
-- How many are open, and how many of these are past their day.
-- binds: kind int, closed int, authority text, now_us int
-- gives: open int, overdue int
SELECT count(*) AS open, count(CASE WHEN due_us <= $now_us THEN 1 END) AS overdue FROM matter
WHERE kind = $kind AND state <> $closed AND (authority IS NULL OR authority = $authority);

-- name: matter_open_all
-- Every open one, for those who see to it that none is forgotten.
-- binds: closed int, after bytes, most int
-- gives: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, sealed bytes
SELECT matter_id, kind, state, authority, opened_us, due_us, version, sealed FROM matter
WHERE state <> $closed AND matter_id > $after ORDER BY matter_id LIMIT $most;

-- name: matter_open_about
-- Open ones of a kind about a child, behind one of them.
-- binds: subject bytes, closed int, after bytes, most int
-- gives: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, sealed bytes
SELECT matter_id, kind, state, authority, opened_us, due_us, version, sealed FROM matter
WHERE subject = $subject AND state <> $closed AND matter_id > $after ORDER BY matter_id LIMIT $most;

-- name: matter_overdue
-- Open ones past their day of which nobody has been told since they were due.
-- binds: closed int, now_us int, most int
-- gives: matter_id bytes, kind int, state int, authority text?, opened_us int, due_us int, version int, sealed bytes
SELECT matter_id, kind, state, authority, opened_us, due_us, version, sealed FROM matter
WHERE state <> $closed AND due_us <= $now_us AND alarmed_us IS NULL ORDER BY due_us, matter_id LIMIT $most;

-- name: matter_alarmed
-- Somebody is told that it is overdue; nothing changes where that was done.
-- binds: matter_id bytes, alarmed_us int
UPDATE matter SET alarmed_us = $alarmed_us WHERE matter_id = $matter_id AND alarmed_us IS NULL;

-- name: overriding_put
-- A session may see one shielded record until then.
-- binds: session_tag bytes, child_id bytes, until_us int
INSERT INTO overriding (session_tag, child_id, until_us) VALUES ($session_tag, $child_id, $until_us)
ON CONFLICT (session_tag) DO UPDATE SET child_id = excluded.child_id, until_us = excluded.until_us;

-- name: overriding_get
-- Which record a session may see so.
-- binds: session_tag bytes
-- gives: child_id bytes, until_us int
SELECT child_id, until_us FROM overriding WHERE session_tag = $session_tag;

-- name: overriding_end
-- It has left that record.
-- binds: session_tag bytes
DELETE FROM overriding WHERE session_tag = $session_tag;

-- name: overriding_sweep
-- Those whose time has run out.
-- binds: now_us int
DELETE FROM overriding WHERE until_us <= $now_us;

-- name: new_identity_insert
-- Who somebody was, sealed (R9.8).
-- binds: entry_id bytes, sealed bytes
INSERT INTO new_identity (entry_id, sealed) VALUES ($entry_id, $sealed);

-- name: new_identity_get
-- One of them.
-- binds: entry_id bytes
-- gives: sealed bytes
SELECT sealed FROM new_identity WHERE entry_id = $entry_id;
