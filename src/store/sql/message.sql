-- name: message_put
-- Tells somebody something; the same cause again tells nothing more.
-- binds: recipient_tag bytes, message_id bytes, sent_us int, sealed bytes
INSERT INTO message (recipient_tag, message_id, sent_us, unread, sealed)
VALUES ($recipient_tag, $message_id, $sent_us, 1, $sealed)
ON CONFLICT (recipient_tag, message_id) DO NOTHING;

-- name: message_list
-- The newest of somebody's.
-- binds: recipient_tag bytes, most int
-- gives: message_id bytes, sent_us int, unread int, sealed bytes
SELECT message_id, sent_us, unread, sealed FROM message
WHERE recipient_tag = $recipient_tag ORDER BY sent_us DESC, message_id LIMIT $most;

-- name: message_get
-- One of somebody's own.
-- binds: recipient_tag bytes, message_id bytes
-- gives: message_id bytes, sent_us int, unread int, sealed bytes
SELECT message_id, sent_us, unread, sealed FROM message
WHERE recipient_tag = $recipient_tag AND message_id = $message_id;

-- name: message_unread
-- How many of somebody's newest are unread.
-- binds: recipient_tag bytes, most int
-- gives: unread int
SELECT count(*) AS unread FROM
  (SELECT unread FROM message WHERE recipient_tag = $recipient_tag ORDER BY sent_us DESC, message_id LIMIT $most) AS newest
WHERE unread = 1;

-- name: message_read
-- It has been opened.
-- binds: recipient_tag bytes, message_id bytes
UPDATE message SET unread = 0 WHERE recipient_tag = $recipient_tag AND message_id = $message_id;

-- name: message_old
-- When the last was sent of a lot of the oldest that have been read.
-- binds: before_us int, lot int
-- gives: sent_us int
SELECT sent_us FROM message WHERE unread = 0 AND sent_us < $before_us ORDER BY sent_us LIMIT 1 OFFSET $lot;

-- name: message_sweep
-- Those that have been read and were sent before that are forgotten.
-- binds: before_us int
DELETE FROM message WHERE unread = 0 AND sent_us < $before_us;

-- name: message_place
-- When the last of those that are kept was sent.
-- binds: recipient_tag bytes, kept int
-- gives: sent_us int
SELECT sent_us FROM message WHERE recipient_tag = $recipient_tag ORDER BY sent_us DESC, message_id LIMIT 1 OFFSET $kept;

-- name: message_forget
-- Those before that are not kept.
-- binds: recipient_tag bytes, before_us int
DELETE FROM message WHERE recipient_tag = $recipient_tag AND sent_us < $before_us;
