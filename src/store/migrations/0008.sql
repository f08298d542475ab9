-- Mediated access (R4.1): the colleague for whom somebody looks, who has signed in beside them, and in which role.
ALTER TABLE session ADD COLUMN other_account_id BYTES;
ALTER TABLE session ADD COLUMN other_role BIGINT;
