-- Several servers on one database (architecture.md, 6).  The tables stay empty where there is one.

-- Processes that have the database open.  After until_us another may end one: nothing that it still tries is kept.
-- `seen`: of each lane that it follows, 16 bytes of id and 8 of number, big-endian; NULL while it answers no searches.
CREATE TABLE server (
    server_id BYTES NOT NULL PRIMARY KEY,
    machine TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    seen BYTES
);

-- Lanes of servers: connections that write.  `commits` tells whether a transaction that lost its connection was kept;
-- `changes` is the number of the lane's last change.
CREATE TABLE lane (
    lane_id BYTES NOT NULL PRIMARY KEY,
    server_id BYTES NOT NULL,
    commits BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    ended BIGINT NOT NULL
);

-- Which children a transaction changed, for the indexes of other servers: numbered densely in each lane, sealed, since
-- children of one transaction came from one source.
CREATE TABLE change (
    lane_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (lane_id, number)
);

-- The last change of a session: 16 bytes of lane and 8 of number; another server answers it once it has that.
ALTER TABLE session ADD COLUMN wrote BYTES;

-- Old searches are forgotten from time to time, not with each new one.
CREATE INDEX search_by_age ON search (stated_us);
