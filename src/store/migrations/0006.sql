-- What officers work on: shields, overrides, brokering, approvals, sealed identities (R8.5, R9, R10).

-- One matter.  `subject` is a keyed hash of its kind and child, by which the open one of a child is found.
CREATE TABLE matter (
    matter_id BYTES NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    authority TEXT,
    opened_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    subject BYTES,
    alarmed_us BIGINT,
    sealed BYTES NOT NULL
);
CREATE INDEX matter_by_due ON matter (kind, due_us, matter_id);
CREATE INDEX matter_by_subject ON matter (subject);

-- Its timeline: who did what, when, in which words; sealed under the child's key where it is about a child.
CREATE TABLE matter_step (
    matter_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (matter_id, number)
);

-- A session that may see one shielded record for a few minutes (R10).
CREATE TABLE overriding (
    session_tag BYTES NOT NULL PRIMARY KEY,
    child_id BYTES NOT NULL,
    until_us BIGINT NOT NULL
);

-- Who somebody was before a new identity (R9.8): nothing else leads from one to the other, and two people open it.
CREATE TABLE new_identity (
    entry_id BYTES NOT NULL PRIMARY KEY,
    sealed BYTES NOT NULL
);
