-- Who performs or plays, as text and folded for comparing, and when the doors open. Events of earlier releases have neither.

ALTER TABLE events ADD COLUMN performer TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN performer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN doors_at INTEGER;
CREATE INDEX events_by_performer ON events (performer_key, starts_at) WHERE performer_key <> '';
