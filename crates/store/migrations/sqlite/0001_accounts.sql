-- Accounts, their sessions and one-time tokens; organizations and who is a member.
-- Times are milliseconds since 1970, ids are the 16 bytes of a UUID, truth is 0 or 1.

CREATE TABLE users (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    email TEXT CHECK (length(email) <= 254),
    -- The address in lower case, which is what must be unique; NULL once the account is deleted.
    email_key TEXT UNIQUE,
    username TEXT NOT NULL CHECK (length(username) <= 200),
    password_hash TEXT NOT NULL,
    phone_number TEXT CHECK (length(phone_number) <= 50),
    is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    -- Goes up whenever access tokens given out before must die.
    auth_epoch INTEGER NOT NULL,
    email_verified_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, last_used_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Every refresh token a session has had, as SHA-256; replaced ones are kept so that their reuse is noticed.
CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    parent_hash BLOB,
    issued_at INTEGER NOT NULL,
    replaced_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id, issued_at);
CREATE INDEX refresh_tokens_by_parent ON refresh_tokens (parent_hash);

CREATE TABLE one_time_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    user_id BLOB NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_tokens_by_user ON one_time_tokens (user_id, purpose, issued_at);
CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at);

CREATE TABLE organizations (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX organizations_by_time ON organizations (created_at);

CREATE TABLE members (
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'finance', 'staff')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id);
