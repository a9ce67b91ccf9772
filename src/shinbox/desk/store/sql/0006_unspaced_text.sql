-- Text of scripts without spaces between words is found by any piece of it: it is indexed in pairs of characters
-- (text/unspaced.py). What was indexed before waits here until it is indexed anew, the newest first.

CREATE TABLE email_text_waiting (
  email_id INTEGER PRIMARY KEY REFERENCES email(id) ON DELETE CASCADE
) STRICT;
INSERT INTO email_text_waiting SELECT id FROM email;
