-- Views of the sales' journals. Everything here can be dropped and written again from them, so nothing refers to it.

-- One row for each event that has a view: how far it follows the journal, and what lists show.
CREATE TABLE event_views (
    event INTEGER PRIMARY KEY,
    checkpoint INTEGER NOT NULL,
    total INTEGER NOT NULL,
    available INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    sold INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    min_price INTEGER,
    max_price INTEGER,
    orders INTEGER NOT NULL,
    revenue INTEGER NOT NULL,
    refunds INTEGER NOT NULL
) STRICT;

CREATE TABLE reservation_views (
    event INTEGER NOT NULL,
    number INTEGER NOT NULL,
    buyer BLOB NOT NULL,
    status TEXT NOT NULL,
    seats TEXT NOT NULL,
    total INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    placed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservation_views_by_buyer ON reservation_views (buyer, placed_at);

CREATE TABLE order_views (
    event INTEGER NOT NULL,
    number INTEGER NOT NULL,
    buyer BLOB NOT NULL,
    reservation INTEGER NOT NULL,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    seats TEXT NOT NULL,
    first_ticket INTEGER,
    total INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    expires_at INTEGER,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_views_by_buyer ON order_views (buyer, created_at);
CREATE INDEX order_views_by_event ON order_views (event, created_at);

CREATE TABLE ticket_views (
    event INTEGER NOT NULL,
    number INTEGER NOT NULL,
    order_number INTEGER NOT NULL,
    owner BLOB NOT NULL,
    seat INTEGER NOT NULL,
    price INTEGER NOT NULL,
    status TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_views_by_owner ON ticket_views (owner, issued_at);
