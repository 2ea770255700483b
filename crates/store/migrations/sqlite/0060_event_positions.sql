-- The version of its sale that an event's row shows, as a position in the sale's journal. A node with an older version leaves the row as it is.
ALTER TABLE events ADD COLUMN sale_position INTEGER NOT NULL DEFAULT 0;
