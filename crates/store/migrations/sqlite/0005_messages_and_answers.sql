-- Messages to be sent, and answers to be repeated.

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What the message is about, so that the same one is queued once.
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    recipient BLOB NOT NULL REFERENCES users (id),
    event INTEGER,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_recipient ON outbox (recipient);

CREATE TABLE idempotency (
    scope_key BLOB PRIMARY KEY CHECK (length(scope_key) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    begun_at INTEGER NOT NULL,
    -- Whether a request runs under this key now, as far as is known.
    running INTEGER NOT NULL,
    -- What the request has entered, noted in the transaction that entered it.
    entered BLOB,
    status INTEGER,
    body BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (begun_at);
