-- name: batch_get
-- One batch of a source.
-- binds: source int, sequence int
-- gives: digest bytes, mode int, state int, as_of text, row_count int, started_us int, finished_us int?, created int, updated int, unchanged int, waiting int, quarantined int, ended int
SELECT digest, mode, state, as_of, row_count, started_us, finished_us, created, updated, unchanged, waiting,
       quarantined, ended
FROM batch WHERE source = $source AND sequence = $sequence;

-- name: batch_newest
-- The newest batch of a source that was applied.
-- binds: source int, state int
-- gives: sequence int, as_of text
SELECT sequence, as_of FROM batch WHERE source = $source AND state = $state ORDER BY sequence DESC LIMIT 1;

-- name: batch_open
-- Batches that a crash has left before their end.
-- binds: applied_state int
-- gives: source int, sequence int, state int, applied int
SELECT source, sequence, state, applied FROM batch WHERE state <> $applied_state ORDER BY source, sequence;

-- name: batch_advance
-- So many steps of the plan are carried out, counted in the order of their children.
-- binds: source int, sequence int, applied int
UPDATE batch SET applied = $applied WHERE source = $source AND sequence = $sequence;

-- name: batch_state_put
-- A batch enters the next of its states.
-- binds: source int, sequence int, state int
UPDATE batch SET state = $state WHERE source = $source AND sequence = $sequence;

-- name: batch_insert
-- A batch whose header, count and checksum were right.
-- binds: source int, sequence int, digest bytes, mode int, state int, as_of text, row_count int, started_us int
INSERT INTO batch (source, sequence, digest, mode, state, as_of, row_count, started_us, finished_us, created, updated,
                   unchanged, waiting, quarantined, ended, applied)
VALUES ($source, $sequence, $digest, $mode, $state, $as_of, $row_count, $started_us, NULL, 0, 0, 0, 0, 0, 0, 0);

-- name: batch_planned
-- The plan stands: from here on it is finished, never undone.
-- binds: source int, sequence int, state int, created int, updated int, unchanged int, waiting int, quarantined int, ended int
UPDATE batch SET state = $state, created = $created, updated = $updated, unchanged = $unchanged, waiting = $waiting,
                 quarantined = $quarantined, ended = $ended
WHERE source = $source AND sequence = $sequence;

-- name: batch_finish
-- Everything is applied.
-- binds: source int, sequence int, state int, finished_us int
UPDATE batch SET state = $state, finished_us = $finished_us WHERE source = $source AND sequence = $sequence;

-- name: batch_forget
-- A batch that was never applied is undone.
-- binds: source int, sequence int, state int
DELETE FROM batch WHERE source = $source AND sequence = $sequence AND state = $state;

-- name: batch_plan_insert
-- What one row will do.
-- bulk: yes
-- binds: source int, sequence int, row_number int, sealed bytes
INSERT INTO batch_plan (source, sequence, row_number, sealed) VALUES ($source, $sequence, $row_number, $sealed);

-- name: batch_plan_some
-- Up to 32 steps of the plan; 0 stands for none.  Each is looked up by its whole key: with IN and old
-- statistics PostgreSQL reads the whole plan instead.
-- binds: source int, sequence int, row_01 int, row_02 int, row_03 int, row_04 int, row_05 int, row_06 int, row_07 int, row_08 int
-- binds: row_09 int, row_10 int, row_11 int, row_12 int, row_13 int, row_14 int, row_15 int, row_16 int
-- binds: row_17 int, row_18 int, row_19 int, row_20 int, row_21 int, row_22 int, row_23 int, row_24 int
-- binds: row_25 int, row_26 int, row_27 int, row_28 int, row_29 int, row_30 int, row_31 int, row_32 int
-- gives: row_number int, sealed bytes
SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_01
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_02
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_03
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_04
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_05
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_06
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_07
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_08
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_09
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_10
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_11
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_12
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_13
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_14
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_15
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_16
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_17
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_18
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_19
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_20
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_21
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_22
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_23
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_24
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_25
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_26
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_27
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_28
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_29
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_30
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_31
UNION ALL SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence AND row_number = $row_32;

-- name: batch_plan_all
-- Every step of the plan that is left.
-- bulk: yes
-- binds: source int, sequence int
-- gives: row_number int, sealed bytes
SELECT row_number, sealed FROM batch_plan WHERE source = $source AND sequence = $sequence;

-- name: batch_plan_done
-- The first rows of a plan that is carried out or undone; none of them is left where nothing changes.
-- binds: source int, sequence int, most int
DELETE FROM batch_plan
WHERE source = $source AND sequence = $sequence
  AND row_number < $most + (SELECT min(first.row_number) FROM batch_plan AS first
                            WHERE first.source = $source AND first.sequence = $sequence);

-- name: batch_waiting_insert
-- A row that waits for a person: quarantined, or for an officer.
-- bulk: yes
-- binds: source int, sequence int, row_number int, queue int, reason int, record int?, follows int?, sealed bytes
INSERT INTO batch_waiting (source, sequence, row_number, queue, reason, record, follows, sealed)
VALUES ($source, $sequence, $row_number, $queue, $reason, $record, $follows, $sealed);

-- name: batch_waiting_older
-- What a record waited with before this batch says it anew.
-- binds: source int, record int, sequence int
DELETE FROM batch_waiting WHERE source = $source AND record = $record AND sequence < $sequence;

-- name: batch_waiting_settled
-- A record that waits no more.
-- binds: source int, record int
DELETE FROM batch_waiting WHERE source = $source AND record = $record;

-- name: batch_waiting_get
-- One row that waits.
-- binds: source int, sequence int, row_number int
-- gives: queue int, reason int, record int?, follows int?, sealed bytes
SELECT queue, reason, record, follows, sealed FROM batch_waiting
WHERE source = $source AND sequence = $sequence AND row_number = $row_number;

-- name: batch_waiting_list
-- Records that wait in a queue, behind a place in it: of each the row that was sent last.
-- wide: an officer's list
-- binds: queue int, source int, sequence int, row_number int, planning_state int, most int
-- gives: source int, sequence int, row_number int, reason int, record int, sealed bytes
SELECT waits.source, waits.sequence, waits.row_number, waits.reason, waits.record, waits.sealed
FROM batch_waiting AS waits JOIN batch ON batch.source = waits.source AND batch.sequence = waits.sequence
WHERE waits.queue = $queue AND waits.record IS NOT NULL AND waits.follows IS NULL AND batch.state <> $planning_state
  AND (waits.source, waits.sequence, waits.row_number) > ($source, $sequence, $row_number)
  AND NOT EXISTS (SELECT 1 FROM batch_waiting AS newer JOIN batch AS newer_batch
                  ON newer_batch.source = newer.source AND newer_batch.sequence = newer.sequence
                  WHERE newer.source = waits.source AND newer.record = waits.record
                    AND newer.sequence > waits.sequence AND newer_batch.state <> $planning_state)
ORDER BY waits.source, waits.sequence, waits.row_number LIMIT $most;

-- name: batch_waiting_of_record
-- The rows with which a record waits, the last one first.
-- binds: source int, record int
-- gives: sequence int, row_number int, queue int
SELECT sequence, row_number, queue FROM batch_waiting WHERE source = $source AND record = $record
ORDER BY sequence DESC, row_number DESC;

-- name: batch_waiting_following
-- Involvements that wait with a child's record, the last one first.
-- binds: source int, follows int
-- gives: sequence int, row_number int, record int, sealed bytes
SELECT sequence, row_number, record, sealed FROM batch_waiting
WHERE source = $source AND follows = $follows ORDER BY sequence DESC, row_number DESC;

-- name: batch_waiting_forget
-- The waiting rows of a batch that is undone.
-- binds: source int, sequence int
DELETE FROM batch_waiting WHERE source = $source AND sequence = $sequence;

-- name: source_record_all
-- Every record of a source.
-- bulk: yes
-- binds: source int
-- gives: number int, sealed bytes
SELECT number, sealed FROM source_record WHERE source = $source;

-- name: source_record_get
-- Which child and claim one record became.
-- binds: source int, number int
-- gives: sealed bytes
SELECT sealed FROM source_record WHERE source = $source AND number = $number;

-- name: source_record_insert
-- Which child and claim a record became that the source had not named before.
-- bulk: yes
-- binds: source int, number int, sealed bytes
INSERT INTO source_record (source, number, sealed) VALUES ($source, $number, $sealed);

-- name: source_record_put
-- Which child and claim a source's record became.
-- binds: source int, number int, sealed bytes
INSERT INTO source_record (source, number, sealed) VALUES ($source, $number, $sealed)
ON CONFLICT (source, number) DO UPDATE SET sealed = excluded.sealed;

-- name: source_record_end
-- The source no longer says this.
-- binds: source int, number int
DELETE FROM source_record WHERE source = $source AND number = $number;
