-- Names and addresses as the program folds them, for the organizer's search of orders.
ALTER TABLE users ADD COLUMN search_key TEXT NOT NULL DEFAULT '';
ALTER TABLE counter_sales ADD COLUMN search_key TEXT NOT NULL DEFAULT '';

-- How the program folded the texts that this file stores for search. When a release folds differently, it writes them all again.
CREATE TABLE search_format (format INTEGER NOT NULL) STRICT;
INSERT INTO search_format (format) VALUES (0);
