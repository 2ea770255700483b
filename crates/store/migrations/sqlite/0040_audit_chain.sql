-- The audit trail becomes a hash chain: lines are numbered without gaps, and each has a hash over its contents and the hash of the line
-- before. The head says how many lines there must be. The program numbers and hashes the lines that were there before (audit_chain.rs).

ALTER TABLE audit ADD COLUMN line INTEGER;
ALTER TABLE audit ADD COLUMN hash BLOB CHECK (length(hash) = 32);
CREATE UNIQUE INDEX audit_by_line ON audit (line);

CREATE TABLE audit_head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    line INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
