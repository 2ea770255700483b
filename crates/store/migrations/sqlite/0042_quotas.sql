-- How much an organization may have at one time. A row is there only if an administrator has set other amounts than the usual ones.

CREATE TABLE quotas (
    organization_id BLOB PRIMARY KEY REFERENCES organizations (id),
    draft_events INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    venues INTEGER NOT NULL,
    pictures INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who founded it: the usual amounts are also the most that all organizations of one founder have together. NULL if it is not known.
ALTER TABLE organizations ADD COLUMN founder BLOB REFERENCES users (id);
CREATE INDEX organizations_by_founder ON organizations (founder) WHERE founder IS NOT NULL;
