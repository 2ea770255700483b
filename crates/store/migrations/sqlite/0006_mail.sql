-- Sending what is in the outbox, and where the demo keeps what it would have sent.

-- When it is to be tried next: whoever claims it moves this on, so that nobody else does until then.
ALTER TABLE outbox ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- From then on it is of no use to anybody.
ALTER TABLE outbox ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET expires_at = created_at + 259200000;
-- The version of its event's sale that called for it.
ALTER TABLE outbox ADD COLUMN as_of INTEGER;
-- Since when it is sent or given up; only the key is of use then.
ALTER TABLE outbox ADD COLUMN ended_at INTEGER;
-- What accounts wait for goes before what events have to say.
CREATE INDEX outbox_waiting ON outbox (event IS NOT NULL, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_by_event ON outbox (event, as_of) WHERE as_of IS NOT NULL;

CREATE TABLE mailbox (
    message_id BLOB PRIMARY KEY CHECK (length(message_id) = 16),
    recipient BLOB NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_form TEXT NOT NULL,
    html_form TEXT NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mailbox_by_time ON mailbox (sent_at);
CREATE INDEX mailbox_by_recipient ON mailbox (recipient);
