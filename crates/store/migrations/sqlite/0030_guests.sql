-- Guests: accounts without an address, for one browser; and who gets the letters about what a guest buys.

ALTER TABLE users ADD COLUMN guest INTEGER NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));
CREATE INDEX guests_by_time ON users (created_at) WHERE guest = 1;

-- By reservation, because the address is stored before there is an order. A sale must not know it.
CREATE TABLE order_contacts (
    event INTEGER NOT NULL REFERENCES events (number),
    reservation INTEGER NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    email TEXT NOT NULL CHECK (length(email) <= 254),
    email_key TEXT NOT NULL,
    name TEXT NOT NULL CHECK (length(name) <= 200),
    created_at INTEGER NOT NULL,
    search_key TEXT NOT NULL,
    PRIMARY KEY (event, reservation)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_contacts_by_user ON order_contacts (user_id, event);
