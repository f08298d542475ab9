-- The tables that result from all migrations, the same on both engines.  Written by `ninja schema`.
--
--    here      SQLite    PostgreSQL
--    BYTES     BLOB      BYTEA
--    BIGINT    BIGINT    BIGINT
--    TEXT      TEXT      TEXT COLLATE "C" (by its bytes, as in SQLite)

-- Which migrations this database has had, and the SHA-256 of each.
CREATE TABLE migration (
    number     BIGINT NOT NULL,
    checksum   BYTES  NOT NULL,
    applied_us BIGINT NOT NULL,
    PRIMARY KEY (number)
);

-- Who may do what only one process may do at a time; the fence grows with every holder.
CREATE TABLE lease (
    name     TEXT   NOT NULL,
    holder   BYTES  NOT NULL,
    until_us BIGINT NOT NULL,
    fence    BIGINT NOT NULL,
    PRIMARY KEY (name)
);

-- What this instance is: its id, whether it is a demonstration.
CREATE TABLE meta (
    name    TEXT   NOT NULL,
    content TEXT   NOT NULL,
    PRIMARY KEY (name)
);

-- Keys of the house, wrapped: staff, searches, feeds, one per month of audit.
CREATE TABLE house_key (
    name    TEXT   NOT NULL,
    wrapped BYTES  NOT NULL,
    PRIMARY KEY (name)
);

-- One child: its state and its linkage bundle.
CREATE TABLE child (
    child_id    BYTES  NOT NULL,
    state       BIGINT NOT NULL,
    shield      BIGINT NOT NULL,
    authority   TEXT,
    version     BIGINT NOT NULL,
    linkage     BYTES  NOT NULL,
    merged_into BYTES,
    parts       BIGINT,
    PRIMARY KEY (child_id)
);

-- The child's own key, wrapped; destroying it erases the child.
CREATE TABLE child_key (
    child_id BYTES  NOT NULL,
    wrapped  BYTES  NOT NULL,
    PRIMARY KEY (child_id)
);

-- What one source, or one practitioner, says of a child: never overwritten, superseded (R1.2).
CREATE TABLE claim (
    child_id         BYTES  NOT NULL,
    claim_id         BYTES  NOT NULL,
    version          BIGINT NOT NULL,
    superseded_month BIGINT,
    sealed           BYTES  NOT NULL,
    PRIMARY KEY (child_id, claim_id)
);

-- Whose a number is: global uniqueness of identifiers.
CREATE TABLE identifier_owner (
    tag      BYTES  NOT NULL,
    child_id BYTES  NOT NULL,
    PRIMARY KEY (tag)
);

-- Which child and claim each record of a source became, sealed under the feed key; numbered as they came, so that
-- neither order nor key says whose they are.
CREATE TABLE source_record (
    source BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTES  NOT NULL,
    PRIMARY KEY (source, number)
);

-- Batches of feeds (R14.2).
CREATE TABLE batch (
    source      BIGINT NOT NULL,
    sequence    BIGINT NOT NULL,
    digest      BYTES  NOT NULL,
    mode        BIGINT NOT NULL,
    state       BIGINT NOT NULL,
    as_of       TEXT   NOT NULL,
    row_count   BIGINT NOT NULL,
    started_us  BIGINT NOT NULL,
    finished_us BIGINT,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    unchanged   BIGINT NOT NULL,
    waiting     BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    ended       BIGINT NOT NULL,
    applied     BIGINT NOT NULL,
    PRIMARY KEY (source, sequence)
);

-- The plan of the batch under way: what each row will do, sealed, invisible until applied.
CREATE TABLE batch_plan (
    source     BIGINT NOT NULL,
    sequence   BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    PRIMARY KEY (source, sequence, row_number)
);

-- Rows that wait: quarantined, or for an officer; sealed under the feed key with the reason.
CREATE TABLE batch_waiting (
    source     BIGINT NOT NULL,
    sequence   BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    queue      BIGINT NOT NULL,
    reason     BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    record     BIGINT,
    follows    BIGINT,
    PRIMARY KEY (source, sequence, row_number)
);
CREATE INDEX batch_waiting_of_record ON batch_waiting (source, record);
CREATE INDEX batch_waiting_following ON batch_waiting (source, follows);
CREATE INDEX batch_waiting_in_queue ON batch_waiting (queue, source, sequence, row_number);

-- Organisations whose people use the index.
CREATE TABLE organisation (
    organisation_id BYTES  NOT NULL,
    state           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    sealed          BYTES  NOT NULL,
    PRIMARY KEY (organisation_id)
);

-- Accounts of staff and operators; all that names a person is sealed under the staff key.
CREATE TABLE account (
    account_id      BYTES  NOT NULL,
    name_tag        BYTES  NOT NULL,
    organisation_id BYTES,
    state           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    failures        BIGINT NOT NULL,
    sealed          BYTES  NOT NULL,
    used_day        BIGINT,
    UNIQUE (name_tag),
    PRIMARY KEY (account_id)
);
CREATE INDEX account_of_organisation ON account (organisation_id, account_id);

-- Authenticators: the last accepted TOTP step stands in clear, so that it can be compared and set.
CREATE TABLE authenticator (
    account_id BYTES  NOT NULL,
    kind       BIGINT NOT NULL,
    state      BIGINT NOT NULL,
    last_step  BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX authenticator_by_state ON authenticator (state, account_id);

-- Between the two pages of signing in; also for names that nobody has.
CREATE TABLE sign_in_ticket (
    tag        BYTES  NOT NULL,
    expires_us BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    PRIMARY KEY (tag)
);

-- Sessions: the id itself is only in the browser.
CREATE TABLE session (
    tag              BYTES  NOT NULL,
    account_id       BYTES  NOT NULL,
    role             BIGINT NOT NULL,
    strength         BIGINT NOT NULL,
    started_us       BIGINT NOT NULL,
    seen_us          BIGINT NOT NULL,
    ended_us         BIGINT,
    wrote            BYTES,
    first_tag        BYTES,
    other_account_id BYTES,
    other_role       BIGINT,
    PRIMARY KEY (tag)
);

-- One-time codes, hashed.
CREATE TABLE one_time_code (
    tag        BYTES  NOT NULL,
    purpose    BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us    BIGINT,
    PRIMARY KEY (tag)
);

-- A stated reason: covers one search and the one record opened from it (R5.1).
CREATE TABLE search (
    search_id    BYTES  NOT NULL,
    session_tag  BYTES  NOT NULL,
    stated_us    BIGINT NOT NULL,
    opened_child BYTES,
    sealed       BYTES  NOT NULL,
    account_tag  BYTES,
    PRIMARY KEY (search_id)
);
CREATE INDEX search_of_session ON search (session_tag, stated_us);
CREATE INDEX search_by_age ON search (stated_us);
CREATE INDEX search_of_account ON search (account_tag, stated_us);

-- Each life of a serving process; entries are numbered densely within one (security.md, 2).
CREATE TABLE incarnation (
    incarnation_id BYTES  NOT NULL,
    started_us     BIGINT NOT NULL,
    PRIMARY KEY (incarnation_id)
);

-- The audit log before sequencing: the commitment, and the readable entry sealed beside it.
CREATE TABLE audit_entry (
    incarnation_id BYTES  NOT NULL,
    number         BIGINT NOT NULL,
    entry_id       BYTES  NOT NULL,
    commitment     BYTES  NOT NULL,
    child_id       BYTES,
    month          BIGINT NOT NULL,
    actor_tag      BYTES,
    at_us          BIGINT NOT NULL,
    sealed         BYTES  NOT NULL,
    PRIMARY KEY (incarnation_id, number)
);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor_tag, at_us);

-- Alarms (R17.7).
CREATE TABLE alarm (
    alarm_id        BYTES  NOT NULL,
    kind            BIGINT NOT NULL,
    addressed_role  BIGINT NOT NULL,
    authority       TEXT,
    raised_us       BIGINT NOT NULL,
    due_us          BIGINT NOT NULL,
    acknowledged_us BIGINT,
    version         BIGINT NOT NULL,
    sealed          BYTES  NOT NULL,
    PRIMARY KEY (alarm_id)
);
CREATE INDEX alarm_open ON alarm (addressed_role, acknowledged_us, due_us);

-- Processes that have the database open.  After until_us another may end one: nothing that it still tries is kept.
-- `seen`: of each lane that it follows, 16 bytes of id and 8 of number, big-endian; NULL while it answers no searches.
CREATE TABLE server (
    server_id  BYTES  NOT NULL,
    machine    TEXT   NOT NULL,
    started_us BIGINT NOT NULL,
    until_us   BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    seen       BYTES,
    PRIMARY KEY (server_id)
);

-- Lanes of servers: connections that write.  `commits` tells whether a transaction that lost its connection was kept;
-- `changes` is the number of the lane's last change.
CREATE TABLE lane (
    lane_id   BYTES  NOT NULL,
    server_id BYTES  NOT NULL,
    commits   BIGINT NOT NULL,
    changes   BIGINT NOT NULL,
    ended     BIGINT NOT NULL,
    PRIMARY KEY (lane_id)
);

-- Which children a transaction changed, for the indexes of other servers: numbered densely in each lane, sealed, since
-- children of one transaction came from one source.
CREATE TABLE change (
    lane_id BYTES  NOT NULL,
    number  BIGINT NOT NULL,
    sealed  BYTES  NOT NULL,
    PRIMARY KEY (lane_id, number)
);

-- The records that a child's record has taken in: each keeps its own rows, so that a merge can be undone (R14.4).
CREATE TABLE part (
    child_id BYTES  NOT NULL,
    part_id  BYTES  NOT NULL,
    sealed   BYTES  NOT NULL,
    PRIMARY KEY (child_id, part_id)
);

-- Two who are not one person, as an officer has decided: never held or proposed again (R9.6).
CREATE TABLE never_same (
    tag    BYTES  NOT NULL,
    sealed BYTES  NOT NULL,
    PRIMARY KEY (tag)
);

-- Two records that may be one person's, for an officer to decide.
CREATE TABLE proposal (
    tag    BYTES  NOT NULL,
    sealed BYTES  NOT NULL,
    PRIMARY KEY (tag)
);

-- Security keys (WebAuthn): found by the tag of the credential id, which nobody may register twice.  The counter stands in
-- clear, so that it can be compared and set: one that does not rise is a copy's.
CREATE TABLE security_key (
    credential_tag BYTES  NOT NULL,
    account_id     BYTES  NOT NULL,
    state          BIGINT NOT NULL,
    counter        BIGINT NOT NULL,
    failures       BIGINT NOT NULL,
    sealed         BYTES  NOT NULL,
    used_day       BIGINT,
    PRIMARY KEY (credential_tag)
);
CREATE INDEX security_key_of_account ON security_key (account_id);
CREATE INDEX security_key_by_state ON security_key (state, account_id);

-- Challenges that a key may answer, hashed: burnt by the first answer, right or wrong.
CREATE TABLE challenge (
    tag        BYTES  NOT NULL,
    purpose    BIGINT NOT NULL,
    owner_tag  BYTES  NOT NULL,
    expires_us BIGINT NOT NULL,
    PRIMARY KEY (tag)
);

-- Binding new secrets to an account: asked for by its holder, approved by a second person, done by the holder.  Also for
-- names that nobody has.  Those that are done stay, so that the holder is told of them.
CREATE TABLE enrolment (
    tag        BYTES  NOT NULL,
    account_id BYTES  NOT NULL,
    code_tag   BYTES  NOT NULL,
    state      BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    done_us    BIGINT,
    sealed     BYTES,
    PRIMARY KEY (tag)
);
CREATE INDEX enrolment_of_account ON enrolment (account_id, state);

-- When somebody last said that they know the terms.
CREATE TABLE terms (
    account_id  BYTES  NOT NULL,
    accepted_us BIGINT NOT NULL,
    PRIMARY KEY (account_id)
);

-- Home postcode, surnames, declared relatives of a member of staff, sealed under a key of their own (R3.8).
CREATE TABLE staff_fact (
    account_id BYTES  NOT NULL,
    version    BIGINT NOT NULL,
    sealed     BYTES  NOT NULL,
    PRIMARY KEY (account_id)
);

-- Involvements in force that somebody recorded: handed over or ended when the account is closed (R3.4, R7.5).
CREATE TABLE open_involvement (
    recorder_tag BYTES  NOT NULL,
    claim_id     BYTES  NOT NULL,
    child_id     BYTES  NOT NULL,
    PRIMARY KEY (recorder_tag, claim_id)
);

-- One matter.  `subject` is a keyed hash of its kind and child, by which the open one of a child is found.
CREATE TABLE matter (
    matter_id  BYTES  NOT NULL,
    kind       BIGINT NOT NULL,
    state      BIGINT NOT NULL,
    authority  TEXT,
    opened_us  BIGINT NOT NULL,
    due_us     BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    subject    BYTES,
    alarmed_us BIGINT,
    sealed     BYTES  NOT NULL,
    PRIMARY KEY (matter_id)
);
CREATE INDEX matter_by_due ON matter (kind, due_us, matter_id);
CREATE INDEX matter_by_subject ON matter (subject);

-- Its timeline: who did what, when, in which words; sealed under the child's key where it is about a child.
CREATE TABLE matter_step (
    matter_id BYTES  NOT NULL,
    number    BIGINT NOT NULL,
    sealed    BYTES  NOT NULL,
    PRIMARY KEY (matter_id, number)
);

-- A session that may see one shielded record for a few minutes (R10).
CREATE TABLE overriding (
    session_tag BYTES  NOT NULL,
    child_id    BYTES  NOT NULL,
    until_us    BIGINT NOT NULL,
    PRIMARY KEY (session_tag)
);

-- Who somebody was before a new identity (R9.8): nothing else leads from one to the other, and two people open it.
CREATE TABLE new_identity (
    entry_id BYTES  NOT NULL,
    sealed   BYTES  NOT NULL,
    PRIMARY KEY (entry_id)
);

-- A child that an account has opened, or an id that it has guessed, when it last did; swept after a day.
CREATE TABLE look (
    account_tag BYTES  NOT NULL,
    kind        BIGINT NOT NULL,
    thing       BYTES  NOT NULL,
    seen_us     BIGINT NOT NULL,
    PRIMARY KEY (account_tag, kind, thing)
);
CREATE INDEX look_by_time ON look (seen_us);

-- Who asked to see more than that: the matter in which a second person answers, and from when until when counting begins anew.
CREATE TABLE allowance (
    account_tag BYTES  NOT NULL,
    matter_id   BYTES  NOT NULL,
    from_us     BIGINT,
    until_us    BIGINT,
    PRIMARY KEY (account_tag)
);

-- One message to one account.  Words about a child are sealed under the child's key, inside of what is sealed here.
CREATE TABLE message (
    recipient_tag BYTES  NOT NULL,
    message_id    BYTES  NOT NULL,
    sent_us       BIGINT NOT NULL,
    unread        BIGINT NOT NULL,
    sealed        BYTES  NOT NULL,
    PRIMARY KEY (recipient_tag, message_id)
);
CREATE INDEX message_by_time ON message (recipient_tag, sent_us);
CREATE INDEX message_by_age ON message (unread, sent_us);
