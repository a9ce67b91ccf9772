-- What a search finds is put in order and told by threads from this index alone: else each find costs a row of `email`.

DROP INDEX email_account;
CREATE INDEX email_account ON email(account_id, received_at, id, thread_id);
