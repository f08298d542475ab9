-- Who is whom, decided by people: merges and splits, rows that wait, pairs that are never the same.

-- The child whose record took this one in; its id leads there.  NULL: a record of its own.
ALTER TABLE child ADD COLUMN merged_into BYTES;

-- How many records this one has taken in; NULL: none.
ALTER TABLE child ADD COLUMN parts BIGINT;

-- The records that a child's record has taken in: each keeps its own rows, so that a merge can be undone (R14.4).
CREATE TABLE part (
    child_id BYTES NOT NULL,
    part_id BYTES NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (child_id, part_id)
);

-- A waiting row's record among those of its source, and the record of the child with whom an involvement waits.
ALTER TABLE batch_waiting ADD COLUMN record BIGINT;
ALTER TABLE batch_waiting ADD COLUMN follows BIGINT;
CREATE INDEX batch_waiting_of_record ON batch_waiting (source, record);
CREATE INDEX batch_waiting_following ON batch_waiting (source, follows);
CREATE INDEX batch_waiting_in_queue ON batch_waiting (queue, source, sequence, row_number);

-- Two who are not one person, as an officer has decided: never held or proposed again (R9.6).
CREATE TABLE never_same (
    tag BYTES NOT NULL PRIMARY KEY,
    sealed BYTES NOT NULL
);

-- Two records that may be one person's, for an officer to decide.
CREATE TABLE proposal (
    tag BYTES NOT NULL PRIMARY KEY,
    sealed BYTES NOT NULL
);
