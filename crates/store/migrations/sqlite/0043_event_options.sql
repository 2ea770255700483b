-- Options of an event's sale, as JSON: limits on hoarding, and whether choices that leave a single seat are refused. NULL for none.
ALTER TABLE events ADD COLUMN options TEXT;

-- What a change that is under way will make of an event, counted by the quotas already: the number of seats of its new plan, and whether it is
-- being published. What a crash leaves here is corrected by the next change of the event.
ALTER TABLE events ADD COLUMN claimed_seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN claimed_publishing INTEGER NOT NULL DEFAULT 0;

ALTER TABLE quotas ADD COLUMN published_events INTEGER NOT NULL DEFAULT 1000;
