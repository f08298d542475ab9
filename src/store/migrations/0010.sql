-- Messages that were read long ago are forgotten, the oldest first.
CREATE INDEX message_by_age ON message (unread, sent_us);
