-- The schema that results from all migrations, as SQLite has it.  Written by `ninja schema`.

CREATE TABLE account (
    account_id BLOB NOT NULL PRIMARY KEY,
    name_tag BLOB NOT NULL UNIQUE,
    organisation_id BLOB,
    state BIGINT NOT NULL,
    version BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE alarm (
    alarm_id BLOB NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    addressed_role BIGINT NOT NULL,
    authority TEXT,
    raised_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    acknowledged_us BIGINT,
    version BIGINT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE INDEX alarm_open ON alarm (addressed_role, acknowledged_us, due_us);

CREATE TABLE audit_entry (
    incarnation_id BLOB NOT NULL,
    number BIGINT NOT NULL,
    entry_id BLOB NOT NULL,
    commitment BLOB NOT NULL,
    child_id BLOB,
    month BIGINT NOT NULL,
    actor_tag BLOB,
    at_us BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (incarnation_id, number)
);

CREATE INDEX audit_entry_of_actor ON audit_entry (actor_tag, at_us);

CREATE TABLE authenticator (
    account_id BLOB NOT NULL,
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE batch (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    digest BLOB NOT NULL,
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

CREATE TABLE batch_plan (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (source, sequence, row_number)
);

CREATE TABLE batch_waiting (
    source BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    queue BIGINT NOT NULL,
    reason BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (source, sequence, row_number)
);

CREATE TABLE change (
    lane_id BLOB NOT NULL,
    number BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (lane_id, number)
);

CREATE TABLE child (
    child_id BLOB NOT NULL PRIMARY KEY,
    state BIGINT NOT NULL,
    shield BIGINT NOT NULL,
    authority TEXT,
    version BIGINT NOT NULL,
    linkage BLOB NOT NULL
);

CREATE TABLE child_key (
    child_id BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
);

CREATE TABLE claim (
    child_id BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    version BIGINT NOT NULL,
    superseded_month BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (child_id, claim_id)
);

CREATE TABLE house_key (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
);

CREATE TABLE identifier_owner (
    tag BLOB NOT NULL PRIMARY KEY,
    child_id BLOB NOT NULL
);

CREATE TABLE incarnation (
    incarnation_id BLOB NOT NULL PRIMARY KEY,
    started_us BIGINT NOT NULL
);

CREATE TABLE lane (
    lane_id BLOB NOT NULL PRIMARY KEY,
    server_id BLOB NOT NULL,
    commits BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    ended BIGINT NOT NULL
);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder BLOB NOT NULL,
    until_us BIGINT NOT NULL,
    fence BIGINT NOT NULL
);

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE migration (
    number BIGINT NOT NULL PRIMARY KEY,
    checksum BLOB NOT NULL,
    applied_us BIGINT NOT NULL
);

CREATE TABLE one_time_code (
    tag BLOB NOT NULL PRIMARY KEY,
    purpose BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us BIGINT
);

CREATE TABLE organisation (
    organisation_id BLOB NOT NULL PRIMARY KEY,
    state BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE search (
    search_id BLOB NOT NULL PRIMARY KEY,
    session_tag BLOB NOT NULL,
    stated_us BIGINT NOT NULL,
    opened_child BLOB,
    sealed BLOB NOT NULL
);

CREATE INDEX search_of_session ON search (session_tag, stated_us);

CREATE TABLE server (
    server_id BLOB NOT NULL PRIMARY KEY,
    machine TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    seen BLOB
);

CREATE TABLE session (
    tag BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    role BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    started_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    ended_us BIGINT
, wrote BLOB);

CREATE TABLE sign_in_ticket (
    tag BLOB NOT NULL PRIMARY KEY,
    expires_us BIGINT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE source_record (
    source BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (source, number)
);
