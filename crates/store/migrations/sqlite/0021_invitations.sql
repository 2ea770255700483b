-- Invitations to become a member of an organization. A row is deleted when the invitation is accepted or withdrawn, and some time after it
-- has expired; a declined one stays until then, so that nobody is asked again and again.

CREATE TABLE invitations (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    -- As the inviter typed it, and in the form for comparing.
    email TEXT NOT NULL CHECK (length(email) <= 254),
    email_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'finance', 'staff')),
    invited_by BLOB NOT NULL REFERENCES users (id),
    -- SHA-256 of the secret in the letter's link.
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    declined_at INTEGER,
    UNIQUE (organization_id, email_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitations_by_inviter ON invitations (invited_by);
CREATE INDEX invitations_by_address ON invitations (email_key);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
