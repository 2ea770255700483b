-- Answers that are kept for repeated requests die with the account that got them.

ALTER TABLE idempotency ADD COLUMN account BLOB CHECK (length(account) = 16);
CREATE INDEX idempotency_by_account ON idempotency (account);
