-- name: child_insert
-- A new child.
-- bulk: yes
-- binds: child_id bytes, state int, shield int, authority text?, linkage bytes
INSERT INTO child (child_id, state, shield, authority, version, linkage)
VALUES ($child_id, $state, $shield, $authority, 1, $linkage);

-- name: child_key_insert
-- The new child's own key, wrapped.
-- bulk: yes
-- binds: child_id bytes, wrapped bytes
INSERT INTO child_key (child_id, wrapped) VALUES ($child_id, $wrapped);

-- name: child_get
-- One child with its key.
-- binds: child_id bytes
-- gives: state int, shield int, authority text?, version int, linkage bytes, wrapped bytes
SELECT child.state, child.shield, child.authority, child.version, child.linkage, child_key.wrapped
FROM child JOIN child_key ON child_key.child_id = child.child_id
WHERE child.child_id = $child_id;

-- name: child_state_get
-- What decides who may see a child, read again inside the audit's transaction.
-- binds: child_id bytes
-- gives: state int, shield int, version int
SELECT state, shield, version FROM child WHERE child_id = $child_id;

-- name: child_all
-- The children of a range of ids with linkage bundle and key, for rebuilding the index.
-- wide: every child is read when a process starts
-- bulk: yes
-- binds: first bytes, beyond bytes
-- gives: child_id bytes, state int, shield int, version int, linkage bytes, wrapped bytes
SELECT child.child_id, child.state, child.shield, child.version, child.linkage, child_key.wrapped
FROM child JOIN child_key ON child_key.child_id = child.child_id
WHERE child.child_id >= $first AND child.child_id < $beyond;

-- name: child_update
-- A changed linkage bundle; nothing changes where somebody else was faster.
-- binds: child_id bytes, authority text?, linkage bytes, version int
UPDATE child SET authority = $authority, linkage = $linkage, version = version + 1
WHERE child_id = $child_id AND version = $version;

-- name: child_touch
-- A claim was added that linkage does not read: the version rises.
-- binds: child_id bytes
UPDATE child SET version = version + 1 WHERE child_id = $child_id;

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

-- name: identifier_owner_insert
-- Says whose a number is; nothing changes where it has an owner.
-- binds: tag bytes, child_id bytes
INSERT INTO identifier_owner (tag, child_id) VALUES ($tag, $child_id) ON CONFLICT DO NOTHING;
