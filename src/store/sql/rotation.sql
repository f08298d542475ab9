-- Wrapping keys anew under another master key (security.md, 6).  Whoever changed a row meanwhile is not overwritten.

-- name: child_key_some
-- Children's keys in the order of their ids.
-- wide: nobody waits for it
-- binds: after bytes, most int
-- gives: child_id bytes, wrapped bytes
SELECT child_id, wrapped FROM child_key WHERE child_id > $after ORDER BY child_id LIMIT $most;

-- name: child_key_rewrap
-- The same key, wrapped anew.
-- binds: child_id bytes, old bytes, wrapped bytes
UPDATE child_key SET wrapped = $wrapped WHERE child_id = $child_id AND wrapped = $old;

-- name: house_key_all
-- Every key of the house.
-- gives: name text, wrapped bytes
SELECT name, wrapped FROM house_key ORDER BY name;

-- name: house_key_rewrap
-- The same key, wrapped anew.
-- binds: name text, old bytes, wrapped bytes
UPDATE house_key SET wrapped = $wrapped WHERE name = $name AND wrapped = $old;

-- name: meta_forget
-- A fact that is none any more.
-- binds: name text
DELETE FROM meta WHERE name = $name;

-- name: meta_names
-- Of what facts there are: few, and one of each server.
-- gives: name text
SELECT name FROM meta ORDER BY name;

-- name: master_hold
-- The master key that was agreed on, which nobody changes before this transaction ends.
-- only: sqlite
-- gives: content text
SELECT content FROM meta WHERE name = 'master';

-- name: master_hold
-- The master key that was agreed on, which nobody changes before this transaction ends.
-- only: postgres
-- gives: content text
SELECT content FROM meta WHERE name = 'master' FOR SHARE;
