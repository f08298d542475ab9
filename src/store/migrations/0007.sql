-- How many different children somebody opens, how much they search, whose ids they guess (R5.7).

-- A child that an account has opened, or an id that it has guessed, when it last did; swept after a day.
CREATE TABLE look (
    account_tag BYTES NOT NULL,
    kind BIGINT NOT NULL,
    thing BYTES NOT NULL,
    seen_us BIGINT NOT NULL,
    PRIMARY KEY (account_tag, kind, thing)
);
CREATE INDEX look_by_time ON look (seen_us);

-- Who asked to see more than that: the matter in which a second person answers, and from when until when counting begins anew.
CREATE TABLE allowance (
    account_tag BYTES NOT NULL PRIMARY KEY,
    matter_id BYTES NOT NULL,
    from_us BIGINT,
    until_us BIGINT
);

-- Whose search it is, over all sessions.
ALTER TABLE search ADD COLUMN account_tag BYTES;
CREATE INDEX search_of_account ON search (account_tag, stated_us);
