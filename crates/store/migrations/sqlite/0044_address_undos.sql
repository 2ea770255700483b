-- Confirmed addresses that accounts had until lately. The link in the letter to the former address gives it back to the account.
CREATE TABLE address_undos (
    hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    verified_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX address_undos_by_user ON address_undos (user_id);
CREATE INDEX address_undos_by_email ON address_undos (email_key);
