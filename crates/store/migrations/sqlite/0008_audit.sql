-- Who did what in an organization. Lines are added and never changed.

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What the line is about, so that what is seen twice is written once.
    dedupe_key TEXT NOT NULL UNIQUE,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    at INTEGER NOT NULL,
    actor BLOB NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    event INTEGER,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_organization ON audit (organization_id, at, id);
