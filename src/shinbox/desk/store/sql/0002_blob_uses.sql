-- Which rows name a blob: asked of every old file by housekeeping (store/blob_uses.py).

CREATE INDEX email_blob ON email(blob_hash) WHERE blob_hash IS NOT NULL;
CREATE INDEX submission_blob ON submission(blob_hash);
CREATE INDEX upload_blob ON upload(hash);
