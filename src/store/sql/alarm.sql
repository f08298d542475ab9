-- name: alarm_insert
-- Raises an alarm, in the transaction of what caused it (R17.7).
-- binds: alarm_id bytes, kind int, addressed_role int, authority text?, raised_us int, due_us int, sealed bytes
INSERT INTO alarm (alarm_id, kind, addressed_role, authority, raised_us, due_us, acknowledged_us, version, sealed)
VALUES ($alarm_id, $kind, $addressed_role, $authority, $raised_us, $due_us, NULL, 1, $sealed);

-- name: alarm_open_count
-- How many alarms of a kind nobody has acknowledged.
-- binds: kind int
-- gives: count int
SELECT count(*) FROM alarm WHERE kind = $kind AND acknowledged_us IS NULL;

-- name: alarm_acknowledge
-- Somebody has taken it; nothing changes where somebody was faster.
-- binds: alarm_id bytes, acknowledged_us int
UPDATE alarm SET acknowledged_us = $acknowledged_us
WHERE alarm_id = $alarm_id AND acknowledged_us IS NULL;

-- name: alarm_escalate
-- An alarm whose time has run out goes to the next person.
-- binds: addressed_role int, next_role int, now_us int, due_us int
UPDATE alarm SET addressed_role = $next_role, due_us = $due_us, version = version + 1
WHERE addressed_role = $addressed_role AND acknowledged_us IS NULL AND due_us <= $now_us;

-- name: alarm_list
-- Open ones that a team may look at and that are of no matter, due first.
-- binds: of_override int, of_overdue int, authority text, most int
-- gives: alarm_id bytes, kind int, addressed_role int, authority text?, raised_us int, due_us int, acknowledged_us int?, sealed bytes
SELECT alarm_id, kind, addressed_role, authority, raised_us, due_us, acknowledged_us, sealed FROM alarm
WHERE acknowledged_us IS NULL AND kind <> $of_override AND kind <> $of_overdue
  AND (authority IS NULL OR authority = $authority)
ORDER BY due_us, alarm_id LIMIT $most;

-- name: alarm_get
-- One of them, closed or not.
-- binds: alarm_id bytes
-- gives: kind int, addressed_role int, authority text?, raised_us int, due_us int, acknowledged_us int?, sealed bytes
SELECT kind, addressed_role, authority, raised_us, due_us, acknowledged_us, sealed FROM alarm
WHERE alarm_id = $alarm_id;

-- name: alarm_close
-- Somebody has found out what it was; nothing changes where somebody was faster.
-- binds: alarm_id bytes, acknowledged_us int, sealed bytes
UPDATE alarm SET acknowledged_us = $acknowledged_us, sealed = $sealed, version = version + 1
WHERE alarm_id = $alarm_id AND acknowledged_us IS NULL;
