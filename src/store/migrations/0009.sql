-- What people are told: that a further service is involved, what became of what they asked for (R7.4, R8.5, R9).

-- One message to one account.  Words about a child are sealed under the child's key, inside of what is sealed here.
CREATE TABLE message (
    recipient_tag BYTES NOT NULL,
    message_id BYTES NOT NULL,
    sent_us BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (recipient_tag, message_id)
);
CREATE INDEX message_by_time ON message (recipient_tag, sent_us);
