-- When a published event was to begin before it was moved; NULL while it begins as first announced.

ALTER TABLE events ADD COLUMN moved_from INTEGER;
