-- Signing in with security keys, binding secrets to an account by a second person, the yearly reminder of the terms.

-- Security keys (WebAuthn): found by the tag of the credential id, which nobody may register twice.  The counter stands in
-- clear, so that it can be compared and set: one that does not rise is a copy's.
CREATE TABLE security_key (
    credential_tag BYTES NOT NULL PRIMARY KEY,
    account_id BYTES NOT NULL,
    state BIGINT NOT NULL,
    counter BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    sealed BYTES NOT NULL
);
CREATE INDEX security_key_of_account ON security_key (account_id);

-- Challenges that a key may answer, hashed: burnt by the first answer, right or wrong.
CREATE TABLE challenge (
    tag BYTES NOT NULL PRIMARY KEY,
    purpose BIGINT NOT NULL,
    owner_tag BYTES NOT NULL,
    expires_us BIGINT NOT NULL
);

-- Binding new secrets to an account: asked for by its holder, approved by a second person, done by the holder.  Also for
-- names that nobody has.  Those that are done stay, so that the holder is told of them.
CREATE TABLE enrolment (
    tag BYTES NOT NULL PRIMARY KEY,
    account_id BYTES NOT NULL,
    code_tag BYTES NOT NULL,
    state BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    done_us BIGINT,
    sealed BYTES
);
CREATE INDEX enrolment_of_account ON enrolment (account_id, state);

-- When somebody last said that they know the terms.
CREATE TABLE terms (
    account_id BYTES NOT NULL PRIMARY KEY,
    accepted_us BIGINT NOT NULL
);

-- A step-up gives the browser a new session id; the rows that belong to the session keep the tag of its first.
ALTER TABLE session ADD COLUMN first_tag BYTES;
