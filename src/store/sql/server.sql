-- Servers that share a database, their lanes, and what each changed (architecture.md, 6).  Times are the database's
-- own.

-- name: server_insert
-- A process has opened the database.
-- binds: server_id bytes, machine text, for_us int
INSERT INTO server (server_id, machine, started_us, until_us, ended, seen)
VALUES ($server_id, $machine, now_us(), now_us() + $for_us, 0, NULL);

-- name: server_renew
-- A server is alive and has seen so much; changes nothing where another has ended it.
-- binds: server_id bytes, for_us int, seen bytes?
UPDATE server SET until_us = now_us() + $for_us, seen = $seen WHERE server_id = $server_id AND ended = 0;

-- name: server_all
-- Servers that have not ended, and for how long each is alive from now (microseconds; less than 0: its lease has run out).
-- gives: server_id bytes, machine text, left_us int, seen bytes?
SELECT server_id, machine, until_us - now_us() AS left_us, seen FROM server WHERE ended = 0;

-- name: server_end_late
-- Ends a server whose lease has run out; changes nothing where it has renewed it.
-- binds: server_id bytes
UPDATE server SET ended = 1 WHERE server_id = $server_id AND ended = 0 AND until_us <= now_us();

-- name: server_end
-- A server has closed the database.
-- binds: server_id bytes
UPDATE server SET ended = 1 WHERE server_id = $server_id;

-- name: lane_insert
-- A lane of a server that begins.
-- binds: lane_id bytes, server_id bytes
INSERT INTO lane (lane_id, server_id, commits, changes, ended) VALUES ($lane_id, $server_id, 0, 0, 0);

-- name: lane_begin
-- The first statement of each transaction of a lane: locks its row, counts, and changes nothing where it was ended.
-- binds: lane_id bytes, commits int
UPDATE lane SET commits = $commits WHERE lane_id = $lane_id AND ended = 0;

-- name: lane_get
-- What a lane has kept; after lane_settle, with nothing of it still under way.
-- binds: lane_id bytes
-- gives: commits int, changes int, ended int
SELECT commits, changes, ended FROM lane WHERE lane_id = $lane_id;

-- name: lane_settle
-- Waits until no transaction of this lane is under way any more: whoever changes its row has it locked.
-- binds: lane_id bytes
UPDATE lane SET ended = ended WHERE lane_id = $lane_id;

-- name: lane_changed
-- The number of the lane's last change.
-- binds: lane_id bytes, changes int
UPDATE lane SET changes = $changes WHERE lane_id = $lane_id;

-- name: lane_all
-- How many changes each lane has made.
-- gives: lane_id bytes, server_id bytes, changes int, ended int
SELECT lane_id, server_id, changes, ended FROM lane;

-- name: lane_end_of_server
-- Nothing that a server still tries is kept: waits for what is under way in its lanes.
-- binds: server_id bytes
UPDATE lane SET ended = 1 WHERE server_id = $server_id;

-- name: change_insert
-- The children whom a transaction changed.
-- binds: lane_id bytes, number int, sealed bytes
INSERT INTO change (lane_id, number, sealed) VALUES ($lane_id, $number, $sealed);

-- name: change_after
-- A lane's changes after one that is known, in order.
-- binds: lane_id bytes, number int, most int
-- gives: number int, sealed bytes
SELECT number, sealed FROM change WHERE lane_id = $lane_id AND number > $number ORDER BY number LIMIT $most;

-- name: change_forget
-- Changes that every server has.
-- binds: lane_id bytes, number int
DELETE FROM change WHERE lane_id = $lane_id AND number <= $number;

-- name: lane_forget
-- The lanes of a server that ended and whose changes every server has.
-- wide: nobody waits for it, and a lane stands beside its changes (distribution.sql)
-- binds: server_id bytes
DELETE FROM lane WHERE server_id = $server_id AND ended = 1
  AND NOT EXISTS (SELECT change.number FROM change WHERE change.lane_id = lane.lane_id);

-- name: server_forget
-- A server that ended and has no lane left.
-- wide: nobody waits for it
-- binds: server_id bytes
WITH kept AS (SELECT lane_id FROM lane WHERE server_id = $server_id)
DELETE FROM server WHERE server_id = $server_id AND ended = 1 AND NOT EXISTS (SELECT kept.lane_id FROM kept);
