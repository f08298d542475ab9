-- What the driver itself keeps, before there is anything to keep.

-- Which migrations this database has had, and the SHA-256 of each.
CREATE TABLE migration (
    number BIGINT NOT NULL PRIMARY KEY,
    checksum BYTES NOT NULL,
    applied_us BIGINT NOT NULL
);

-- Who may do what only one process may do at a time; the fence grows with every holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder BYTES NOT NULL,
    until_us BIGINT NOT NULL,
    fence BIGINT NOT NULL
);
