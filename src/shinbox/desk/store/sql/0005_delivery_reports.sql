-- What came back about a message that left; and the ways to a submission that are asked for all the time.

ALTER TABLE submission ADD COLUMN reports TEXT NOT NULL DEFAULT '[]';   -- JSON rows of emails: delivery reports
CREATE INDEX submission_message ON submission(account_id, message_id);
CREATE INDEX submission_copy ON submission(account_id, sent_copy)
  WHERE undo_status = 'final' AND sent_copy IN ('none', 'pending');
