-- Staff: when an account was last used, facts that only misuse detection reads, whose involvements are open.

-- The day (since 1970) of the last sign-in; NULL: none yet.  Unused accounts are disabled (R3.6).
ALTER TABLE account ADD COLUMN used_day BIGINT;
CREATE INDEX account_of_organisation ON account (organisation_id, account_id);

-- Home postcode, surnames, declared relatives of a member of staff, sealed under a key of their own (R3.8).
CREATE TABLE staff_fact (
    account_id BYTES NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sealed BYTES NOT NULL
);

-- Involvements in force that somebody recorded: handed over or ended when the account is closed (R3.4, R7.5).
CREATE TABLE open_involvement (
    recorder_tag BYTES NOT NULL,
    claim_id BYTES NOT NULL,
    child_id BYTES NOT NULL,
    PRIMARY KEY (recorder_tag, claim_id)
);
