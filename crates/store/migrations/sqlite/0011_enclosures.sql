-- What is enclosed with the letters of the demo's mailbox.

CREATE TABLE mailbox_files (
    message_id BLOB NOT NULL REFERENCES mailbox (message_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (message_id, name)
) STRICT;
