-- What belongs to no noun: migrations, leases, this instance's facts, the keys of the house.

-- name: migration_list
-- Which migrations this database has had, in order.
-- gives: number int, checksum bytes
SELECT number, checksum FROM migration ORDER BY number;

-- name: migration_add
-- One migration has been applied.
-- binds: number int, checksum bytes, applied_us int
INSERT INTO migration (number, checksum, applied_us) VALUES ($number, $checksum, $applied_us);

-- name: lease_take
-- Takes a lease that is free, has run out or is the holder's already; gives nothing where somebody else has it.
-- binds: name text, holder bytes, for_us int
-- gives: fence int
INSERT INTO lease (name, holder, until_us, fence) VALUES ($name, $holder, now_us() + $for_us, 1)
ON CONFLICT (name) DO UPDATE
SET fence = CASE WHEN lease.holder = excluded.holder THEN lease.fence ELSE lease.fence + 1 END,
    holder = excluded.holder, until_us = excluded.until_us
WHERE lease.until_us <= excluded.until_us - $for_us OR lease.holder = excluded.holder
RETURNING fence;

-- name: lease_hold
-- Renews a lease within the transaction that leans on it; changes nothing where it has passed to another.
-- binds: name text, holder bytes, fence int, for_us int
UPDATE lease SET until_us = now_us() + $for_us WHERE name = $name AND holder = $holder AND fence = $fence;

-- name: lease_leave
-- Gives a lease back before its time.
-- binds: name text, holder bytes, fence int
UPDATE lease SET until_us = 0 WHERE name = $name AND holder = $holder AND fence = $fence;

-- name: lease_left
-- For how long a lease is held from now (microseconds; less than 0: it has run out).
-- binds: name text
-- gives: left_us int
SELECT until_us - now_us() AS left_us FROM lease WHERE name = $name;

-- name: meta_get
-- One fact about this instance.
-- binds: name text
-- gives: content text
SELECT content FROM meta WHERE name = $name;

-- name: meta_put
-- Writes one fact about this instance.
-- binds: name text, content text
INSERT INTO meta (name, content) VALUES ($name, $content)
ON CONFLICT (name) DO UPDATE SET content = excluded.content;

-- name: house_key_get
-- One key of the house, wrapped.
-- binds: name text
-- gives: wrapped bytes
SELECT wrapped FROM house_key WHERE name = $name;

-- name: house_key_add
-- A new key of the house; a key is never replaced under its name.
-- binds: name text, wrapped bytes
INSERT INTO house_key (name, wrapped) VALUES ($name, $wrapped);
