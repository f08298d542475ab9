-- When a security key was last used, for whoever manages its holder; and finding what too many failures have frozen.
ALTER TABLE security_key ADD COLUMN used_day BIGINT;
CREATE INDEX security_key_by_state ON security_key (state, account_id);
CREATE INDEX authenticator_by_state ON authenticator (state, account_id);
