-- One row that every node counts up once a second. A replica that shows a number has everything that was committed before it was written, so the
-- number tells how late the replica is; see src/postgres/mod.rs.
CREATE TABLE beat (
    "only" bigint PRIMARY KEY CHECK ("only" = 1),
    number bigint NOT NULL
);
INSERT INTO beat ("only", number) VALUES (1, 0);
