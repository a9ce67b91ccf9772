-- Texts that are being written, kept beside the writer's own journal (store/drafts.py). One that is postponed
-- or sent becomes an email and leaves this table.

CREATE TABLE draft (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  content TEXT NOT NULL,            -- JSON: what was typed, as the data type Draft names it
  email_id INTEGER,                 -- what it answers
  thread_id INTEGER,
  replaces_id INTEGER,              -- the email in Drafts that it goes on with
  revision INTEGER NOT NULL,        -- counts the changes of its content
  started_by INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  edited_by INTEGER NOT NULL,
  edited_at TEXT NOT NULL,
  writer INTEGER NOT NULL,          -- who had the lease last
  lease TEXT NOT NULL,              -- which of their editors, by a word of its own
  lease_until REAL NOT NULL         -- seconds; over, or given up (0): anybody may go on
) STRICT;
CREATE INDEX draft_account ON draft(account_id, id);

CREATE TABLE draft_upload (         -- files of drafts: these uploads do not expire
  draft_id INTEGER NOT NULL REFERENCES draft(id) ON DELETE CASCADE,
  upload_id INTEGER NOT NULL REFERENCES upload(id) ON DELETE CASCADE,
  PRIMARY KEY (draft_id, upload_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_upload_upload ON draft_upload(upload_id);
