-- The first schema.  BYTES is BLOB in SQLite and BYTEA in PostgreSQL.
-- Times are microseconds since 1970 UTC; ids are 16 bytes made by the program; tags are keyed hashes;
-- "sealed" columns are ciphertext.  child_id leads every key of a child's tables.

-- What this instance is: its id, whether it is a demonstration.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

-- Keys of the house, wrapped: staff, searches, feeds, one per month of audit.
CREATE TABLE house_key (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BYTES NOT NULL
);

-- One child: its state and its linkage bundle.
CREATE TABLE child (
    child_id BYTES NOT NULL PRIMARY KEY,
    state BIGINT NOT NULL,
    shield BIGINT NOT NULL,
    authority TEXT,
    version BIGINT NOT NULL,
    linkage BYTES NOT NULL
);

-- The child's own key, wrapped; destroying it erases the child.
CREATE TABLE child_key (
    child_id BYTES NOT NULL PRIMARY KEY,
    wrapped BYTES NOT NULL
);

-- What one source, or one practitioner, says of a child: never overwritten, superseded (R1.2).
CREATE TABLE claim (
    child_id BYTES NOT NULL,
    claim_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    superseded_month BIGINT,
    sealed BYTES NOT NULL,
    PRIMARY KEY (child_id, claim_id)
);

-- Whose a number is: global uniqueness of identifiers.
CREATE TABLE identifier_owner (
    tag BYTES NOT NULL PRIMARY KEY,
    child_id BYTES NOT NULL
);

-- Which child and claim each record of a source became, sealed under the feed key; numbered as they came, so that
-- neither order nor key says whose they are.
CREATE TABLE source_record (
    source BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (source, number)
);

-- Batches of feeds (R14.2).
CREATE TABLE batch (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    digest BYTES NOT NULL,
    mode BIGINT NOT NULL,
    state BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    started_us BIGINT NOT NULL,
    finished_us BIGINT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    applied BIGINT NOT NULL,
    PRIMARY KEY (source, sequence)
);

-- The plan of the batch under way: what each row will do, sealed, invisible until applied.
CREATE TABLE batch_plan (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (source, sequence, row_number)
);

-- Rows that wait: quarantined, or for an officer; sealed under the feed key with the reason.
CREATE TABLE batch_waiting (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    queue BIGINT NOT NULL,
    reason BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (source, sequence, row_number)
);

-- Organisations whose people use the index.
CREATE TABLE organisation (
    organisation_id BYTES NOT NULL PRIMARY KEY,
    state BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTES NOT NULL
);

-- Accounts of staff and operators; all that names a person is sealed under the staff key.
CREATE TABLE account (
    account_id BYTES NOT NULL PRIMARY KEY,
    name_tag BYTES NOT NULL UNIQUE,
    organisation_id BYTES,
    state BIGINT NOT NULL,
    version BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    sealed BYTES NOT NULL
);

-- Authenticators: the last accepted TOTP step stands in clear, so that it can be compared and set.
CREATE TABLE authenticator (
    account_id BYTES NOT NULL,
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- Between the two pages of signing in; also for names that nobody has.
CREATE TABLE sign_in_ticket (
    tag BYTES NOT NULL PRIMARY KEY,
    expires_us BIGINT NOT NULL,
    sealed BYTES NOT NULL
);

-- Sessions: the id itself is only in the browser.
CREATE TABLE session (
    tag BYTES NOT NULL PRIMARY KEY,
    account_id BYTES NOT NULL,
    role BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    started_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    ended_us BIGINT
);

-- One-time codes, hashed.
CREATE TABLE one_time_code (
    tag BYTES NOT NULL PRIMARY KEY,
    purpose BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us BIGINT
);

-- A stated reason: covers one search and the one record opened from it (R5.1).
CREATE TABLE search (
    search_id BYTES NOT NULL PRIMARY KEY,
    session_tag BYTES NOT NULL,
    stated_us BIGINT NOT NULL,
    opened_child BYTES,
    sealed BYTES NOT NULL
);
CREATE INDEX search_of_session ON search (session_tag, stated_us);

-- Each life of a serving process; entries are numbered densely within one (security.md, 2).
CREATE TABLE incarnation (
    incarnation_id BYTES NOT NULL PRIMARY KEY,
    started_us BIGINT NOT NULL
);

-- The audit log before sequencing: the commitment, and the readable entry sealed beside it.
CREATE TABLE audit_entry (
    incarnation_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    entry_id BYTES NOT NULL,
    commitment BYTES NOT NULL,
    child_id BYTES,
    month BIGINT NOT NULL,
    actor_tag BYTES,
    at_us BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (incarnation_id, number)
);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor_tag, at_us);

-- Alarms (R17.7).
CREATE TABLE alarm (
    alarm_id BYTES NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    addressed_role BIGINT NOT NULL,
    authority TEXT,
    raised_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    acknowledged_us BIGINT,
    version BIGINT NOT NULL,
    sealed BYTES NOT NULL
);
CREATE INDEX alarm_open ON alarm (addressed_role, acknowledged_us, due_us);
