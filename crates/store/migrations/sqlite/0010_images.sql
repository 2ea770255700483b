-- Pictures of events in the two sizes they are shown in (JPEG), known by what they show: a copied event has its original's.

CREATE TABLE images (
    id BLOB PRIMARY KEY,
    wide BLOB NOT NULL,
    small BLOB NOT NULL
) STRICT;

-- NULL where the organizer gave none.
ALTER TABLE events ADD COLUMN image BLOB REFERENCES images (id);
CREATE INDEX events_by_image ON events (image) WHERE image IS NOT NULL;
