-- The desk's database: what `src/shinbox/desk/store/sql/` makes of an empty file, step after step.
-- Written by `python -m tools.write_schema`; tests/desk/store/test_schema.py holds it to a real database.
-- Who writes a table: the module of its name in src/shinbox/desk/store/.

-- 0001_first.sql

-- The desk's database, first shape. Append-only: later changes are later files.
-- Ids are integers, never reused (AUTOINCREMENT); outside they wear a letter (store/ids.py).
-- Times are UTC: TEXT "2026-11-21T12:00:00Z" where people read them, REAL seconds where code compares them.

CREATE TABLE setting (              -- single facts about this desk: its id, creation time, public key
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- who ---------------------------------------------------------------------------------------------

CREATE TABLE user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  display_name TEXT NOT NULL DEFAULT '',
  email TEXT,
  unix_name TEXT UNIQUE,            -- the login is bound by name and by number:
  unix_uid INTEGER UNIQUE,          -- both must still agree when somebody connects
  password_hash TEXT,               -- argon2id; NULL: no sign-in by password
  is_administrator INTEGER NOT NULL DEFAULT 0,
  is_active INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE team (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT;

CREATE TABLE team_member (
  team_id INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_user ON team_member(user_id);

CREATE TABLE token (                -- a sign-in by password; only the hash of the token is kept
  hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  created_at REAL NOT NULL,
  expires_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_attempt (      -- failures only, for the throttle; trimmed as it is read
  name TEXT NOT NULL COLLATE NOCASE,
  at REAL NOT NULL
) STRICT;
CREATE INDEX sign_in_attempt_name ON sign_in_attempt(name, at);

-- accounts ----------------------------------------------------------------------------------------

CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- row 0 is the desk itself (terms.DESK)
  name TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind IN ('desk', 'imap', 'local')),
  undo_seconds INTEGER NOT NULL DEFAULT 10,
  seq INTEGER NOT NULL DEFAULT 0,         -- last number given to a change in this account
  floor_seq INTEGER NOT NULL DEFAULT 0,   -- states below this can no longer be calculated from
  sync_state TEXT NOT NULL DEFAULT 'never',
  sync_error TEXT,
  synced_at TEXT,
  created_at TEXT NOT NULL,
  deleted_at TEXT
) STRICT;

CREATE TABLE connection (
  account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
  imap TEXT,                        -- JSON ServerSettings
  smtp TEXT,
  imap_secret BLOB,                 -- sealed for the mail process (desk/mail/vault.py)
  smtp_secret BLOB,
  root TEXT,
  sent_policy TEXT NOT NULL DEFAULT 'append' CHECK (sent_policy IN ('append', 'server', 'detect')),
  revision INTEGER NOT NULL DEFAULT 0     -- bumped on change: workers reconnect
) STRICT;

CREATE TABLE identity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  reply_to TEXT,                    -- JSON addresses
  bcc TEXT,
  text_signature TEXT NOT NULL DEFAULT '',
  html_signature TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX identity_account ON identity(account_id);

CREATE TABLE "grant" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  user_id INTEGER REFERENCES user(id) ON DELETE CASCADE,   -- a user, a team, or (both NULL) everyone
  team_id INTEGER REFERENCES team(id) ON DELETE CASCADE,
  mailbox_id INTEGER REFERENCES mailbox(id) ON DELETE CASCADE,   -- NULL: the whole account
  level TEXT NOT NULL,
  with_rights TEXT NOT NULL DEFAULT '[]',
  without_rights TEXT NOT NULL DEFAULT '[]',
  send TEXT NOT NULL DEFAULT 'none',
  expires_at TEXT,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  CHECK (user_id IS NULL OR team_id IS NULL)
) STRICT;
CREATE INDEX grant_account ON "grant"(account_id);
CREATE INDEX grant_user ON "grant"(user_id);
CREATE INDEX grant_team ON "grant"(team_id);

-- what changed (RFC 8620 §5.2): one row an object, kept after its end ------------------------------

CREATE TABLE change (
  account_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  created_seq INTEGER NOT NULL,
  updated_seq INTEGER NOT NULL,     -- the last change of any kind, creation included
  detail_seq INTEGER NOT NULL,      -- the last change that was more than counts (RFC 8621 §2.2)
  destroyed_seq INTEGER,
  PRIMARY KEY (account_id, type, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_seq ON change(account_id, type, updated_seq);

-- folders -----------------------------------------------------------------------------------------

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  parent_id INTEGER REFERENCES mailbox(id),
  name TEXT NOT NULL,
  role TEXT,
  sort_order INTEGER NOT NULL DEFAULT 0,
  is_subscribed INTEGER NOT NULL DEFAULT 1,
  server_rights TEXT,               -- RFC 4314 letters the mail server gives us; NULL: it has no say
  server_keywords INTEGER NOT NULL DEFAULT 1,   -- 0: the server keeps no new keywords (PERMANENTFLAGS)
  total_emails INTEGER NOT NULL DEFAULT 0,      -- counts are settled by store/counts.py alone
  unread_emails INTEGER NOT NULL DEFAULT 0,
  total_threads INTEGER NOT NULL DEFAULT 0,
  unread_threads INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX mailbox_sibling ON mailbox(account_id, IFNULL(parent_id, 0), name);
CREATE UNIQUE INDEX mailbox_role ON mailbox(account_id, role) WHERE role IS NOT NULL;

-- emails ------------------------------------------------------------------------------------------

CREATE TABLE thread (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE
) STRICT;

CREATE TABLE thread_reference (     -- every Message-ID seen or only mentioned → the thread that owns it
  account_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  thread_id INTEGER NOT NULL REFERENCES thread(id) ON DELETE CASCADE,
  PRIMARY KEY (account_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_reference_thread ON thread_reference(thread_id);

CREATE TABLE email (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  thread_id INTEGER NOT NULL REFERENCES thread(id),
  received_at TEXT NOT NULL,
  sent_at TEXT,
  size INTEGER NOT NULL,
  subject TEXT,
  "from" TEXT,                      -- JSON [[name, email], …]; NULL: no such header
  "to" TEXT,
  cc TEXT,
  bcc TEXT,
  reply_to TEXT,
  sender TEXT,
  message_id TEXT,                  -- JSON [id, …] without <>
  in_reply_to TEXT,
  "references" TEXT,
  has_attachment INTEGER NOT NULL DEFAULT 0,
  preview TEXT NOT NULL DEFAULT '',
  structure TEXT NOT NULL DEFAULT 'null',   -- JSON EmailBodyPart tree
  header BLOB NOT NULL DEFAULT x'', -- the raw header block
  blob_hash TEXT,                   -- the raw message, once held (store/blobs.py)
  defects TEXT NOT NULL DEFAULT '[]',
  content_key TEXT,                 -- recognises the same message after a move (mail/plan.py)
  remote_email_id TEXT              -- EMAILID or X-GM-MSGID where there is one
) STRICT;
CREATE INDEX email_thread ON email(thread_id, received_at);
CREATE INDEX email_account ON email(account_id, received_at, id);
CREATE INDEX email_bodiless ON email(account_id, received_at) WHERE blob_hash IS NULL;
CREATE INDEX email_content ON email(account_id, content_key);
CREATE INDEX email_remote ON email(account_id, remote_email_id) WHERE remote_email_id IS NOT NULL;

CREATE TABLE placement (            -- what people see: which folders an email lies in
  mailbox_id INTEGER NOT NULL REFERENCES mailbox(id),
  received_at TEXT NOT NULL,        -- the email's, for a list page by index alone
  email_id INTEGER NOT NULL REFERENCES email(id) ON DELETE CASCADE,
  PRIMARY KEY (mailbox_id, received_at, email_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX placement_email ON placement(email_id, mailbox_id);

CREATE TABLE placement_move (       -- where emails came and went after they were published: what somebody who
  account_id INTEGER NOT NULL,      -- sees only some folders may be told of a change depends on where it lay
  thread_id INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,             -- account.seq before the change: states up to it are older than the move
  came INTEGER NOT NULL             -- 1: came into the folder, 0: left it
) STRICT;
CREATE INDEX placement_move_email ON placement_move(email_id, seq);
CREATE INDEX placement_move_thread ON placement_move(thread_id, seq);
CREATE TRIGGER placement_came AFTER INSERT ON placement
WHEN EXISTS (SELECT 1 FROM email e JOIN change c ON c.account_id = e.account_id AND c.type = 'Email'
             AND c.object_id = e.id WHERE e.id = NEW.email_id) BEGIN
  INSERT INTO placement_move SELECT a.id, e.thread_id, e.id, NEW.mailbox_id, a.seq, 1
    FROM email e JOIN account a ON a.id = e.account_id WHERE e.id = NEW.email_id;
END;
CREATE TRIGGER placement_left AFTER DELETE ON placement BEGIN
  INSERT INTO placement_move SELECT a.id, e.thread_id, e.id, OLD.mailbox_id, a.seq, 0
    FROM email e JOIN account a ON a.id = e.account_id WHERE e.id = OLD.email_id;
END;

CREATE TABLE email_keyword (
  email_id INTEGER NOT NULL REFERENCES email(id) ON DELETE CASCADE,
  keyword TEXT NOT NULL,
  PRIMARY KEY (email_id, keyword)
) STRICT, WITHOUT ROWID;
CREATE INDEX email_keyword_keyword ON email_keyword(keyword, email_id);

CREATE TABLE mailbox_thread (       -- the counts of one thread in one folder, as they are summed in mailbox
  thread_id INTEGER NOT NULL REFERENCES thread(id) ON DELETE CASCADE,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox(id) ON DELETE CASCADE,
  emails INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  thread_unread INTEGER NOT NULL,
  PRIMARY KEY (thread_id, mailbox_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE email_text USING fts5 (   -- rowid = email.id
  subject, sender, recipients, body,
  tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);

CREATE TABLE upload (               -- blobs that people sent us; usable by the uploader until they expire
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at REAL NOT NULL
) STRICT;

-- the mail server's side: base, the last state it acknowledged ------------------------------------

-- Ids of mailboxes and emails here may outlive the rows they name: what people have destroyed stays in base
-- until the server has heard of it.

CREATE TABLE remote_folder (
  mailbox_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  uidvalidity INTEGER,
  uidnext INTEGER NOT NULL DEFAULT 0,
  highestmodseq INTEGER NOT NULL DEFAULT 0,
  complete INTEGER NOT NULL DEFAULT 0,    -- 1: the first sync of this folder reached its oldest message
  UNIQUE (account_id, path)
) STRICT;

CREATE TABLE remote_message (       -- a placement as the server last had it
  mailbox_id INTEGER NOT NULL REFERENCES remote_folder(mailbox_id) ON DELETE CASCADE,
  uid INTEGER NOT NULL,             -- below 0: under a UIDVALIDITY that is gone, not yet found again
  email_id INTEGER NOT NULL,
  flags TEXT NOT NULL DEFAULT '[]', -- JSON keywords, sorted
  modseq INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX remote_message_email ON remote_message(email_id);

CREATE TABLE intent (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- carried out in this order, account by account
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,               -- keywords, move, append, remove, createMailbox, renameMailbox, destroyMailbox
  email_id INTEGER,
  mailbox_id INTEGER,
  payload TEXT NOT NULL DEFAULT '{}',
  status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'refused')),
  started_at TEXT,                  -- set before the server hears of it: after a crash, look first
  reason TEXT,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;
CREATE INDEX intent_queued ON intent(account_id, id) WHERE status = 'queued';
CREATE INDEX intent_email ON intent(email_id);

-- sending -----------------------------------------------------------------------------------------

CREATE TABLE submission (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  identity_id INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,         -- fixed before the first attempt
  blob_hash TEXT NOT NULL,          -- exactly what is sent, Bcc stripped
  envelope TEXT NOT NULL,           -- JSON Envelope
  send_at REAL NOT NULL,            -- seconds; the end of the undo hold
  undo_status TEXT NOT NULL CHECK (undo_status IN ('pending', 'final', 'canceled', 'uncertain')),
  attempts INTEGER NOT NULL DEFAULT 0,
  started_at REAL,                  -- an attempt is under way since; survives a crash
  next_attempt_at REAL NOT NULL,
  delivery_status TEXT,             -- JSON recipient → DeliveryStatus
  error TEXT,
  thread_state TEXT,
  sent_copy TEXT NOT NULL DEFAULT 'none' CHECK (sent_copy IN ('none', 'pending', 'done', 'failed')),
  undo_actions TEXT NOT NULL DEFAULT '{}',  -- JSON patch that turns the email into a draft again
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX submission_due ON submission(next_attempt_at) WHERE undo_status = 'pending';
CREATE INDEX submission_email ON submission(email_id);
CREATE INDEX submission_account ON submission(account_id, id);

CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'queued',
  progress INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  steps TEXT NOT NULL DEFAULT '[]',
  error TEXT,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;

-- what was done -----------------------------------------------------------------------------------

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,              -- user name, or a part of the desk
  via TEXT NOT NULL,                -- how they proved it: "unix uid 1000", "password", "desk"
  action TEXT NOT NULL,
  account_id INTEGER,
  object_id TEXT,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '{}',
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit(account_id, id);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TABLE answered_request (     -- a retried request gets the same answer
  user_id INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  response BLOB NOT NULL,
  created_at REAL NOT NULL,
  PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;

INSERT INTO account (id, name, kind, created_at) VALUES (0, 'desk', 'desk', '1970-01-01T00:00:00Z');

-- 0002_blob_uses.sql

-- Which rows name a blob: asked of every old file by housekeeping (store/blob_uses.py).

CREATE INDEX email_blob ON email(blob_hash) WHERE blob_hash IS NOT NULL;
CREATE INDEX submission_blob ON submission(blob_hash);
CREATE INDEX upload_blob ON upload(hash);

-- 0003_drafts.sql

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

-- 0005_delivery_reports.sql

-- What came back about a message that left; and the ways to a submission that are asked for all the time.

ALTER TABLE submission ADD COLUMN reports TEXT NOT NULL DEFAULT '[]';   -- JSON rows of emails: delivery reports
CREATE INDEX submission_message ON submission(account_id, message_id);
CREATE INDEX submission_copy ON submission(account_id, sent_copy)
  WHERE undo_status = 'final' AND sent_copy IN ('none', 'pending');

-- 0006_unspaced_text.sql

-- Text of scripts without spaces between words is found by any piece of it: it is indexed in pairs of characters
-- (text/unspaced.py). What was indexed before waits here until it is indexed anew, the newest first.

CREATE TABLE email_text_waiting (
  email_id INTEGER PRIMARY KEY REFERENCES email(id) ON DELETE CASCADE
) STRICT;
INSERT INTO email_text_waiting SELECT id FROM email;

-- 0007_search_order.sql

-- What a search finds is put in order and told by threads from this index alone: else each find costs a row of `email`.

DROP INDEX email_account;
CREATE INDEX email_account ON email(account_id, received_at, id, thread_id);
