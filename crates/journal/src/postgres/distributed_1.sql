-- What is different in a journal that Citus distributes; version 1, applied with schema_1.sql's functions in place.

-- The settings of our connections to the coordinator do not reach the workers. Without the bound, every repeat of an append whose commit waits for
-- an absent standby would occupy one more connection of its worker.
ALTER FUNCTION fairseat_journal.append_1(bigint, bigint, bytea, bytea, bytea, bytea, bigint, bigint, bigint, boolean, bigint, integer)
    SET lock_timeout = '5s';
ALTER FUNCTION fairseat_journal.caught_up_1(bigint, text, bigint, bigint) SET lock_timeout = '5s';

-- Gives a new consumer a cursor in the streams of before, as the function of schema_1.sql does. A first append runs on the worker of its stream
-- and takes its lock there. So before streams are listed, every server must know the consumer, and first appends that did not see it must have
-- ended, on each server.
CREATE OR REPLACE FUNCTION fairseat_journal.fill_consumer_1(in_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    absent text;
BEGIN
    SELECT string_agg(nodename, ', ') INTO absent
    FROM run_command_on_all_nodes(format('SELECT count(*) FROM fairseat_journal.consumer WHERE name = %L', in_name))
         JOIN pg_dist_node USING (nodeid)
    WHERE NOT success OR result <> '1';
    IF absent IS NOT NULL THEN
        RAISE EXCEPTION 'the consumer % is not known yet on %', in_name, absent;
    END IF;
    SELECT string_agg(nodename, ', ') INTO absent
    FROM run_command_on_all_nodes('SELECT pg_advisory_xact_lock(1181969779, 0)') JOIN pg_dist_node USING (nodeid)
    WHERE NOT success;
    IF absent IS NOT NULL THEN
        RAISE EXCEPTION 'the first appends on % could not be waited for', absent;
    END IF;
    INSERT INTO fairseat_journal.consumer_cursor (stream, consumer, position, unread)
    SELECT stream, in_name, 0, true FROM fairseat_journal.head
    ON CONFLICT (stream, consumer) DO NOTHING;
    UPDATE fairseat_journal.consumer SET complete = true WHERE name = in_name;
END $$;
