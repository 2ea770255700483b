-- Sales at the counter: what was taken for an order, and what the sale itself must not know of the customer.

ALTER TABLE order_views ADD COLUMN tender TEXT;

CREATE TABLE counter_sales (
    event INTEGER NOT NULL REFERENCES events (number),
    number INTEGER NOT NULL,
    seller BLOB NOT NULL REFERENCES users (id),
    customer_name TEXT NOT NULL CHECK (length(customer_name) <= 200),
    customer_email TEXT NOT NULL CHECK (length(customer_email) <= 254),
    note TEXT NOT NULL CHECK (length(note) <= 500),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;
