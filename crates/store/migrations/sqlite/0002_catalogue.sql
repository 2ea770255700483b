-- Venues with their seating plans, and events. Documents that only travel through are JSON texts or bytes as given.

CREATE TABLE venues (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    layout_type TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    -- Every name a search for a location may use, folded; see src/search/places.rs.
    place TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX venues_by_organization ON venues (organization_id, created_at);
CREATE INDEX venues_by_time ON venues (created_at);

-- Apart from venues, so that lists do not read megabytes.
CREATE TABLE venue_plans (
    venue_id BLOB PRIMARY KEY REFERENCES venues (id) ON DELETE CASCADE,
    document BLOB NOT NULL,
    compact BLOB NOT NULL
) STRICT;

CREATE TABLE events (
    -- The event number of every id and journal: given once, never again.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    venue_id BLOB NOT NULL REFERENCES venues (id),
    stage TEXT NOT NULL CHECK (stage IN ('creating', 'ready', 'cancelled', 'deleted')),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    on_sale_at INTEGER NOT NULL,
    sales_end_at INTEGER NOT NULL,
    currency TEXT NOT NULL,
    price_tiers TEXT NOT NULL,
    fees TEXT,
    refund_policy TEXT,
    max_tickets_per_user INTEGER NOT NULL,
    draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
    -- For search: the name and the category folded, and the day it starts where the venue is, as YYYY-MM-DD.
    name_key TEXT NOT NULL,
    category_key TEXT NOT NULL,
    local_date TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
-- With what decides who may see an event, so that the public's list is read and counted from the index alone.
CREATE INDEX events_by_start ON events (starts_at, stage, draft, organization_id);
CREATE INDEX events_by_day ON events (local_date);
CREATE INDEX events_by_organization ON events (organization_id, starts_at);
CREATE INDEX events_by_venue ON events (venue_id);
CREATE INDEX events_unfinished ON events (number) WHERE stage = 'creating';
