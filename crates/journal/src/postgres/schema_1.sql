-- The journal's tables and functions, version 1. Applied in one transaction, after the schema `fairseat_journal` was made.
--
-- Every primary key begins with the stream, and an append touches the rows of one stream only, so that the tables can be
-- distributed by stream. A function never changes once a program uses it: a changed one gets a new number in its name, so that
-- programs of two versions can run at the same time.

CREATE TABLE fairseat_journal.schema_version (
    version integer NOT NULL
);

CREATE TABLE fairseat_journal.batch (
    stream   bigint NOT NULL,
    position bigint NOT NULL,
    id       bytea  NOT NULL,
    hash     bytea  NOT NULL,
    payload  bytea  NOT NULL,
    PRIMARY KEY (stream, position)
);
-- Compressing would cost the server more than the disk space is worth.
ALTER TABLE fairseat_journal.batch ALTER COLUMN payload SET STORAGE EXTERNAL;

-- The last batch of each stream. An update changes no indexed column and finds room in its page, so it writes no index.
CREATE TABLE fairseat_journal.head (
    stream   bigint NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    hash     bytea  NOT NULL,
    deadline bigint
) WITH (fillfactor = 50);

-- The streams that have a deadline, again, for the poll.
CREATE TABLE fairseat_journal.deadline (
    stream bigint   NOT NULL PRIMARY KEY,
    kind   smallint NOT NULL,
    due_at bigint   NOT NULL
);
CREATE INDEX deadline_due ON fairseat_journal.deadline (kind, due_at, stream);

-- `complete` once every stream of before has a cursor.
CREATE TABLE fairseat_journal.consumer (
    name     text    NOT NULL PRIMARY KEY,
    complete boolean NOT NULL DEFAULT false
);

CREATE TABLE fairseat_journal.consumer_cursor (
    stream   bigint  NOT NULL,
    consumer text    NOT NULL,
    position bigint  NOT NULL,
    unread   boolean NOT NULL,
    PRIMARY KEY (stream, consumer)
) WITH (fillfactor = 80);
CREATE INDEX consumer_cursor_unread ON fairseat_journal.consumer_cursor (consumer, stream) WHERE unread;

CREATE TABLE fairseat_journal.snapshot (
    stream   bigint NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    hash     bytea  NOT NULL,
    crc      bigint NOT NULL,
    bytes    bytea  NOT NULL
);
ALTER TABLE fairseat_journal.snapshot ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Which node polls a list. For speed only: without it, every node would poll.
CREATE TABLE fairseat_journal.lease (
    name   text        NOT NULL PRIMARY KEY,
    holder text        NOT NULL,
    until  timestamptz NOT NULL
);

-- One row, which every new connection updates: see `Connector`.
CREATE TABLE fairseat_journal.barrier (
    passed bigint NOT NULL
);
INSERT INTO fairseat_journal.barrier VALUES (0);

-- Appends one batch, if the stream's head is the expected one. The answer's first element says what happened:
--   won       the batch is written, now or by an earlier attempt
--   lost      the stream goes on after the expected head; for each batch its id, its hash and its payload follow
--   diverged  the stream's history does not contain the expected head; the head's position and hash follow
--   clock     a decision time differs too much from this server's clock; how far it is ahead follows, in milliseconds
--   standby   commits on this server do not wait for a standby
--
-- An array instead of columns: Citus hands a call to the worker only if the statement is `SELECT append_1(…)` and nothing else.
CREATE FUNCTION fairseat_journal.append_1(
    in_stream bigint, in_position bigint, in_hash bytea, in_id bytea, in_payload bytea, in_new_hash bytea,
    in_deadline bigint, in_first_ms bigint, in_last_ms bigint, in_require_standby boolean, in_missed_bytes bigint,
    in_missed_batches integer
) RETURNS bytea[] LANGUAGE plpgsql AS $$
DECLARE
    current    fairseat_journal.head%ROWTYPE;
    now_ms     bigint;
    bytes_left bigint := in_missed_bytes;
    answer     bytea[];
    missed     record;
BEGIN
    IF in_require_standby AND (current_setting('synchronous_standby_names') = ''
        OR current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')) THEN
        RETURN ARRAY['standby'::bytea];
    END IF;

    SELECT * INTO current FROM fairseat_journal.head WHERE stream = in_stream;
    IF NOT FOUND THEN
        current := (in_stream, 0, decode(repeat('00', 32), 'hex'), NULL);
    END IF;

    IF current.position = in_position AND current.hash = in_hash THEN
        -- From here on other attempts wait until this one has ended. So the clock is compared behind the lock: after an
        -- attempt was refused, no earlier attempt with the same times can still succeed.
        IF in_position = 0 THEN
            PERFORM pg_advisory_xact_lock(1181969778, hashint8(in_stream));
            -- Waits for a consumer that is being registered.
            PERFORM pg_advisory_xact_lock_shared(1181969779, 0);
        END IF;
        SELECT * INTO current FROM fairseat_journal.head WHERE stream = in_stream FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            current := (in_stream, 0, decode(repeat('00', 32), 'hex'), NULL);
        END IF;
    END IF;

    IF current.position = in_position AND current.hash = in_hash THEN
        now_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);
        IF in_last_ms > now_ms + 500 THEN
            RETURN ARRAY['clock'::bytea, int8send(in_last_ms - now_ms)];
        ELSIF in_first_ms < now_ms - 2000 THEN
            RETURN ARRAY['clock'::bytea, int8send(in_first_ms - now_ms)];
        END IF;

        INSERT INTO fairseat_journal.batch (stream, position, id, hash, payload)
        VALUES (in_stream, in_position + 1, in_id, in_new_hash, in_payload);
        IF in_position = 0 THEN
            INSERT INTO fairseat_journal.head (stream, position, hash, deadline)
            VALUES (in_stream, 1, in_new_hash, in_deadline);
            INSERT INTO fairseat_journal.consumer_cursor (stream, consumer, position, unread)
            SELECT in_stream, name, 0, true FROM fairseat_journal.consumer;
        ELSE
            UPDATE fairseat_journal.head SET position = in_position + 1, hash = in_new_hash, deadline = in_deadline
            WHERE stream = in_stream;
            UPDATE fairseat_journal.consumer_cursor SET unread = true WHERE stream = in_stream AND NOT unread;
        END IF;
        IF in_deadline IS DISTINCT FROM current.deadline THEN
            IF in_deadline IS NULL THEN
                DELETE FROM fairseat_journal.deadline WHERE stream = in_stream;
            ELSE
                INSERT INTO fairseat_journal.deadline (stream, kind, due_at)
                VALUES (in_stream, (in_stream >> 56)::smallint, in_deadline)
                ON CONFLICT (stream) DO UPDATE SET due_at = EXCLUDED.due_at;
            END IF;
        END IF;
        RETURN ARRAY['won'::bytea];
    END IF;

    IF in_position >= current.position OR NOT (
        CASE WHEN in_position = 0 THEN in_hash = decode(repeat('00', 32), 'hex')
        ELSE EXISTS (SELECT FROM fairseat_journal.batch
                     WHERE stream = in_stream AND position = in_position AND hash = in_hash) END
    ) THEN
        RETURN ARRAY['diverged'::bytea, int8send(current.position), current.hash];
    END IF;

    IF EXISTS (SELECT FROM fairseat_journal.batch
               WHERE stream = in_stream AND position = in_position + 1 AND hash = in_new_hash) THEN
        -- The earlier attempt may not have reached the standby: its wait may have been cancelled. A write makes this
        -- transaction wait for the standby, and so for everything before it.
        UPDATE fairseat_journal.head SET hash = hash WHERE stream = in_stream;
        RETURN ARRAY['won'::bytea];
    END IF;

    answer := ARRAY['lost'::bytea];
    FOR missed IN
        SELECT id, hash, payload, octet_length(payload) AS size FROM fairseat_journal.batch
        WHERE stream = in_stream AND position > in_position ORDER BY position LIMIT in_missed_batches
    LOOP
        EXIT WHEN missed.size > bytes_left AND array_length(answer, 1) > 1;
        bytes_left := bytes_left - missed.size;
        answer := array_append(answer, missed.id);
        answer := array_append(answer, missed.hash);
        answer := array_append(answer, missed.payload);
    END LOOP;
    RETURN answer;
END $$;

-- Moves a consumer's cursor; see `Journal::caught_up`. The lock keeps appends of the stream out for the short time of a commit
-- that is not synced. A lost cursor makes the consumer read some batches again.
CREATE FUNCTION fairseat_journal.caught_up_1(in_stream bigint, in_consumer text, in_from bigint, in_to bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head_position bigint;
BEGIN
    SELECT position INTO head_position FROM fairseat_journal.head WHERE stream = in_stream FOR NO KEY UPDATE;
    IF FOUND AND in_to <= head_position THEN
        UPDATE fairseat_journal.consumer_cursor SET position = in_to, unread = in_to < head_position
        WHERE stream = in_stream AND consumer = in_consumer AND position < in_to AND position >= in_from;
    END IF;
END $$;

-- Registers a consumer. Streams that are made later have a cursor of it; those of before get one from `fill_consumer_1`.
CREATE FUNCTION fairseat_journal.register_consumer_1(in_name text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fairseat_journal.consumer WHERE name = in_name AND complete) THEN
        RETURN true;
    END IF;
    -- Waits for first appends that did not see the consumer.
    PERFORM pg_advisory_xact_lock(1181969779, 0);
    INSERT INTO fairseat_journal.consumer (name) VALUES (in_name) ON CONFLICT (name) DO NOTHING;
    RETURN false;
END $$;

CREATE FUNCTION fairseat_journal.fill_consumer_1(in_name text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO fairseat_journal.consumer_cursor (stream, consumer, position, unread)
    SELECT stream, in_name, 0, true FROM fairseat_journal.head
    ON CONFLICT (stream, consumer) DO NOTHING;
    UPDATE fairseat_journal.consumer SET complete = true WHERE name = in_name;
$$;

-- Takes or extends a lease; whether it is the holder's now.
CREATE FUNCTION fairseat_journal.take_lease_1(in_name text, in_holder text, in_seconds double precision)
RETURNS boolean LANGUAGE sql AS $$
    INSERT INTO fairseat_journal.lease AS kept (name, holder, until)
    VALUES (in_name, in_holder, clock_timestamp() + make_interval(secs => in_seconds))
    ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
    WHERE kept.holder = EXCLUDED.holder OR kept.until < clock_timestamp()
    RETURNING true;
$$;

-- Commits a small write, so that the caller waits until a standby has everything that is visible now.
CREATE FUNCTION fairseat_journal.pass_barrier_1() RETURNS void LANGUAGE sql AS $$
    UPDATE fairseat_journal.barrier SET passed = passed + 1;
$$;

INSERT INTO fairseat_journal.schema_version VALUES (1);
