-- Who serves what: version 1. Nothing here is needed for correctness, so the tables are not logged: a crash or a promotion empties them, and
-- every live node enters itself again within a second.

CREATE TABLE fairseat_nodes.schema_version (version integer NOT NULL);

-- The nodes that run.
--   address  where other nodes reach it, as host:port
--   keeps     the streams that it serves and no others; empty for a node that serves all that no other node keeps for itself
--   seen_at  when it was last heard of, by this server's clock
CREATE UNLOGGED TABLE fairseat_nodes.node (
    id      text PRIMARY KEY,
    address text NOT NULL,
    keeps    bigint[] NOT NULL,
    seen_at timestamptz NOT NULL
);

-- Which node serves a stream.
CREATE UNLOGGED TABLE fairseat_nodes.home (
    stream bigint PRIMARY KEY,
    node   text NOT NULL
);
CREATE INDEX home_of_node ON fairseat_nodes.home (node);

-- Enters a node or says that it still runs, forgets nodes that have long been silent, and returns those that run.
CREATE FUNCTION fairseat_nodes.beat_1(in_id text, in_address text, in_keeps bigint[], in_live_seconds double precision)
RETURNS TABLE (id text, address text, keeps bigint[]) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fairseat_nodes.node AS known (id, address, keeps, seen_at)
    VALUES (in_id, in_address, in_keeps, clock_timestamp())
    ON CONFLICT ON CONSTRAINT node_pkey DO UPDATE SET seen_at = clock_timestamp();
    DELETE FROM fairseat_nodes.node AS silent WHERE silent.seen_at < clock_timestamp() - interval '1 minute';
    IF FOUND THEN
        DELETE FROM fairseat_nodes.home AS left_over
        WHERE NOT EXISTS (SELECT FROM fairseat_nodes.node AS known WHERE known.id = left_over.node);
    END IF;
    RETURN QUERY SELECT known.id, known.address, known.keeps FROM fairseat_nodes.node AS known
        WHERE known.seen_at > clock_timestamp() - make_interval(secs => in_live_seconds);
END $$;

-- The node that serves a stream from now on: the one that does already if it runs, else the asking node if it may, else one of those that may.
-- NULL if no node may, so that the asking node does it.
CREATE FUNCTION fairseat_nodes.home_1(in_stream bigint, in_id text, in_live_seconds double precision)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    since   timestamptz := clock_timestamp() - make_interval(secs => in_live_seconds);
    able    text[];
    current text;
BEGIN
    SELECT array_agg(id ORDER BY id) INTO able FROM fairseat_nodes.node WHERE seen_at > since AND in_stream = ANY (keeps);
    IF able IS NULL THEN
        SELECT array_agg(id ORDER BY id) INTO able FROM fairseat_nodes.node WHERE seen_at > since AND keeps = '{}';
    END IF;
    IF able IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT node INTO current FROM fairseat_nodes.home WHERE stream = in_stream;
    IF current = ANY (able) THEN
        RETURN current;
    END IF;
    IF in_id <> ALL (able) THEN
        RETURN able[1 + abs(hashint8(in_stream)::bigint) % array_length(able, 1)];
    END IF;
    INSERT INTO fairseat_nodes.home AS known (stream, node) VALUES (in_stream, in_id)
    ON CONFLICT (stream) DO UPDATE SET node = EXCLUDED.node WHERE known.node <> ALL (able)
    RETURNING node INTO current;
    IF current IS NULL THEN
        SELECT node INTO current FROM fairseat_nodes.home WHERE stream = in_stream;
    END IF;
    RETURN current;
END $$;

-- Streams that fell asleep on a node: any node may serve them next.
CREATE FUNCTION fairseat_nodes.release_1(in_streams bigint[], in_id text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM fairseat_nodes.home WHERE stream = ANY (in_streams) AND node = in_id;
$$;

-- A node that is about to stop: the others serve its streams from now on, but what they passed on to it is still answered. It keeps a stream that
-- does not exist, and no others.
CREATE FUNCTION fairseat_nodes.retire_1(in_id text) RETURNS void LANGUAGE sql AS $$
    UPDATE fairseat_nodes.node SET keeps = '{-1}' WHERE id = in_id;
    DELETE FROM fairseat_nodes.home WHERE node = in_id;
$$;

-- Whether a live node retires, so that it may still be at work for streams of others.
CREATE FUNCTION fairseat_nodes.retires_1(in_live_seconds double precision) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM fairseat_nodes.node
                   WHERE keeps = '{-1}' AND seen_at > clock_timestamp() - make_interval(secs => in_live_seconds));
$$;

-- A node that stops.
CREATE FUNCTION fairseat_nodes.leave_1(in_id text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM fairseat_nodes.node WHERE id = in_id;
    DELETE FROM fairseat_nodes.home WHERE node = in_id;
$$;

INSERT INTO fairseat_nodes.schema_version VALUES (1);
