-- name: child_insert
-- A new child.
-- bulk: yes
-- binds: child_id bytes, state int, shield int, authority text?, linkage bytes
INSERT INTO child (child_id, state, shield, authority, version, linkage, merged_into, parts)
VALUES ($child_id, $state, $shield, $authority, 1, $linkage, NULL, NULL);

-- name: child_key_insert
-- The new child's own key, wrapped.
-- bulk: yes
-- binds: child_id bytes, wrapped bytes
INSERT INTO child_key (child_id, wrapped) VALUES ($child_id, $wrapped);

-- name: child_get
-- One child with its key.
-- binds: child_id bytes
-- gives: state int, shield int, authority text?, version int, linkage bytes, merged_into bytes?, parts int?, wrapped bytes
SELECT child.state, child.shield, child.authority, child.version, child.linkage, child.merged_into, child.parts,
       child_key.wrapped
FROM child JOIN child_key ON child_key.child_id = child.child_id
WHERE child.child_id = $child_id;

-- name: child_some
-- Up to 32 children with their keys, for whoever follows or applies many; an id may stand there twice.  No join:
-- with old statistics PostgreSQL may read a whole table for one.
-- wide: one round trip instead of 32, for servers that follow and for feeds
-- binds: id_01 bytes, id_02 bytes, id_03 bytes, id_04 bytes, id_05 bytes, id_06 bytes, id_07 bytes, id_08 bytes
-- binds: id_09 bytes, id_10 bytes, id_11 bytes, id_12 bytes, id_13 bytes, id_14 bytes, id_15 bytes, id_16 bytes
-- binds: id_17 bytes, id_18 bytes, id_19 bytes, id_20 bytes, id_21 bytes, id_22 bytes, id_23 bytes, id_24 bytes
-- binds: id_25 bytes, id_26 bytes, id_27 bytes, id_28 bytes, id_29 bytes, id_30 bytes, id_31 bytes, id_32 bytes
-- gives: child_id bytes, state int, shield int, authority text?, version int, linkage bytes, merged_into bytes?
-- gives: parts int?, wrapped bytes?
SELECT child.child_id, child.state, child.shield, child.authority, child.version, child.linkage, child.merged_into,
       child.parts,
       (SELECT child_key.wrapped FROM child_key WHERE child_key.child_id = child.child_id) AS wrapped
FROM child
WHERE child.child_id IN ($id_01, $id_02, $id_03, $id_04, $id_05, $id_06, $id_07, $id_08,
                         $id_09, $id_10, $id_11, $id_12, $id_13, $id_14, $id_15, $id_16,
                         $id_17, $id_18, $id_19, $id_20, $id_21, $id_22, $id_23, $id_24,
                         $id_25, $id_26, $id_27, $id_28, $id_29, $id_30, $id_31, $id_32);

-- name: child_state_get
-- What decides who may see a child, read again inside the audit's transaction.
-- binds: child_id bytes
-- gives: state int, shield int, version int, authority text?, merged_into bytes?, parts int?
SELECT state, shield, version, authority, merged_into, parts FROM child WHERE child_id = $child_id;

-- name: child_all
-- The children of a range of ids with linkage bundle and key, for rebuilding the index; not those that others took in.
-- wide: every child is read when a process starts
-- bulk: yes
-- binds: first bytes, beyond bytes
-- gives: child_id bytes, state int, shield int, version int, linkage bytes, wrapped bytes
SELECT child.child_id, child.state, child.shield, child.version, child.linkage, child_key.wrapped
FROM child JOIN child_key ON child_key.child_id = child.child_id
WHERE child.child_id >= $first AND child.child_id < $beyond AND child.merged_into IS NULL;

-- name: child_update
-- A changed linkage bundle; nothing changes where somebody else was faster.
-- binds: child_id bytes, authority text?, linkage bytes, version int
UPDATE child SET authority = $authority, linkage = $linkage, version = version + 1
WHERE child_id = $child_id AND version = $version;

-- name: child_touch
-- A claim was added that linkage does not read: the version rises.
-- binds: child_id bytes
UPDATE child SET version = version + 1 WHERE child_id = $child_id;

-- name: child_shield_put
-- Hides a child; one that is hidden more strictly stays so (R9.5).
-- binds: child_id bytes, shield int
-- gives: version int
UPDATE child SET shield = CASE WHEN shield < $shield THEN $shield ELSE shield END, version = version + 1
WHERE child_id = $child_id RETURNING version;

-- name: child_shield_lift
-- Two people have lifted the shield (R9.7): the only statement that lowers it.
-- binds: child_id bytes
-- gives: version int
UPDATE child SET shield = 0, version = version + 1 WHERE child_id = $child_id RETURNING version;

-- name: child_seal
-- Two people have closed a record behind a new identity (R9.8): state 4 of registry/child.h, for good.
-- binds: child_id bytes
-- gives: version int
UPDATE child SET state = 4, version = version + 1 WHERE child_id = $child_id RETURNING version;

-- name: child_family_put
-- A record becomes a part of another, or its own again; or it has taken in so many.
-- binds: child_id bytes, merged_into bytes?, parts int?
UPDATE child SET merged_into = $merged_into, parts = $parts, version = version + 1 WHERE child_id = $child_id;

-- name: child_standing_put
-- State, shield and authority of a record whose standing a merge or a split has decided; neither a shield nor a seal is
-- ever weakened so (R9.5, R9.8).
-- binds: child_id bytes, state int, shield int, authority text?
UPDATE child SET state = CASE WHEN state = 4 THEN state ELSE $state END,
                 shield = CASE WHEN shield < $shield THEN $shield ELSE shield END,
                 authority = $authority, version = version + 1
WHERE child_id = $child_id;

-- name: part_of_child
-- What a record has taken in itself.
-- binds: child_id bytes
-- gives: part_id bytes, sealed bytes
SELECT part_id, sealed FROM part WHERE child_id = $child_id ORDER BY part_id;

-- name: part_all
-- Every record that another has taken in.
-- wide: read when a feed begins, or an officer looks
-- gives: child_id bytes, part_id bytes
SELECT child_id, part_id FROM part;

-- name: part_get
-- How a record has taken in another.
-- binds: child_id bytes, part_id bytes
-- gives: sealed bytes
SELECT sealed FROM part WHERE child_id = $child_id AND part_id = $part_id;

-- name: part_insert
-- A record takes in another.
-- binds: child_id bytes, part_id bytes, sealed bytes
INSERT INTO part (child_id, part_id, sealed) VALUES ($child_id, $part_id, $sealed);

-- name: part_remove
-- It gives it back.
-- binds: child_id bytes, part_id bytes
DELETE FROM part WHERE child_id = $child_id AND part_id = $part_id;

-- name: claim_remove
-- A claim that was of another child: it stands there now.
-- binds: child_id bytes, claim_id bytes
DELETE FROM claim WHERE child_id = $child_id AND claim_id = $claim_id;

-- name: claim_moved_insert
-- A claim that stood with another child.
-- binds: child_id bytes, claim_id bytes, superseded_month int?, sealed bytes
INSERT INTO claim (child_id, claim_id, version, superseded_month, sealed)
VALUES ($child_id, $claim_id, 1, $superseded_month, $sealed);

-- name: claim_insert
-- One claim.
-- bulk: yes
-- binds: child_id bytes, claim_id bytes, sealed bytes
INSERT INTO claim (child_id, claim_id, version, superseded_month, sealed)
VALUES ($child_id, $claim_id, 1, NULL, $sealed);

-- name: claim_supersede
-- Something newer was said; the claim stays (R1.2).
-- binds: child_id bytes, claim_id bytes, superseded_month int
UPDATE claim SET superseded_month = $superseded_month
WHERE child_id = $child_id AND claim_id = $claim_id AND superseded_month IS NULL;

-- name: claim_of_child
-- All claims of one child: those in force first, then the last superseded.
-- binds: child_id bytes
-- gives: claim_id bytes, superseded_month int?, sealed bytes
SELECT claim_id, superseded_month, sealed FROM claim WHERE child_id = $child_id
ORDER BY CASE WHEN superseded_month IS NULL THEN 0 ELSE 1 END, superseded_month DESC NULLS LAST, claim_id;

-- name: claim_some
-- The claims of up to 32 children: of each those in force first, then the last superseded; an id may stand there
-- twice.  Not ordered by child: with old statistics PostgreSQL may walk the whole index for that.
-- wide: one round trip instead of 32, for feeds
-- binds: id_01 bytes, id_02 bytes, id_03 bytes, id_04 bytes, id_05 bytes, id_06 bytes, id_07 bytes, id_08 bytes
-- binds: id_09 bytes, id_10 bytes, id_11 bytes, id_12 bytes, id_13 bytes, id_14 bytes, id_15 bytes, id_16 bytes
-- binds: id_17 bytes, id_18 bytes, id_19 bytes, id_20 bytes, id_21 bytes, id_22 bytes, id_23 bytes, id_24 bytes
-- binds: id_25 bytes, id_26 bytes, id_27 bytes, id_28 bytes, id_29 bytes, id_30 bytes, id_31 bytes, id_32 bytes
-- gives: child_id bytes, claim_id bytes, superseded_month int?, sealed bytes
SELECT child_id, claim_id, superseded_month, sealed FROM claim
WHERE child_id IN ($id_01, $id_02, $id_03, $id_04, $id_05, $id_06, $id_07, $id_08,
                   $id_09, $id_10, $id_11, $id_12, $id_13, $id_14, $id_15, $id_16,
                   $id_17, $id_18, $id_19, $id_20, $id_21, $id_22, $id_23, $id_24,
                   $id_25, $id_26, $id_27, $id_28, $id_29, $id_30, $id_31, $id_32)
ORDER BY CASE WHEN superseded_month IS NULL THEN 0 ELSE 1 END, superseded_month DESC NULLS LAST, claim_id;

-- name: identifier_owner_insert
-- Says whose a number is; nothing changes where it has an owner.
-- binds: tag bytes, child_id bytes
INSERT INTO identifier_owner (tag, child_id) VALUES ($tag, $child_id) ON CONFLICT DO NOTHING;

-- name: identifier_owner_put
-- A number is another child's than was said.
-- binds: tag bytes, child_id bytes
INSERT INTO identifier_owner (tag, child_id) VALUES ($tag, $child_id)
ON CONFLICT (tag) DO UPDATE SET child_id = excluded.child_id;
