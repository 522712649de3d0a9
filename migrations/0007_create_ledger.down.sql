DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.event) OR EXISTS (SELECT FROM portal.person_key) THEN
        RAISE EXCEPTION 'the audit trail holds events and is not taken back';
    END IF;
END $$;

DROP TABLE portal.person_key;
DROP FUNCTION audit.add_checkpoint;
DROP TABLE audit.tile;
DROP TABLE audit.checkpoint;
DROP FUNCTION audit.refuse_rewriting;
DROP FUNCTION audit.refuse_other_hashes;
ALTER TABLE audit.event DROP COLUMN mac_key, DROP COLUMN mac;

-- The door as it was.
DROP FUNCTION audit.append;
-- The one door: appends a batch and gives each event's number, in the order given. An event that is there already keeps its number,
-- so a writer that never heard how its commit ended may simply ask again. An empty batch proves that a commit is possible.
CREATE FUNCTION audit.append(ids uuid[], ats timestamptz[], acts text[], looks uuid[], issuers text[], subjects text[],
    organisations text[], person_indexes bytea[], person_keys text[], bodies bytea[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was   audit.head%ROWTYPE;
    fresh bigint := cardinality(ids);
BEGIN
    SELECT * INTO STRICT was FROM audit.head FOR UPDATE;
    IF clock_timestamp() + interval '7 days' >= was.ready_to
        OR EXISTS (SELECT FROM unnest(ats) AS a WHERE a < was.ready_from OR a >= was.ready_to) THEN
        PERFORM audit.prepare(ats);
    END IF;

    BEGIN
        INSERT INTO audit.event (sequence, id, at, act, look, issuer, subject, organisation, person_index, person_key, body)
        SELECT was.size + g.place, g.id, g.at, g.act, g.look, g.issuer, g.subject, g.organisation, g.person_index, g.person_key, g.body
        FROM unnest(ids, ats, acts, looks, issuers, subjects, organisations, person_indexes, person_keys, bodies) WITH ORDINALITY
            AS g (id, at, act, look, issuer, subject, organisation, person_index, person_key, body, place);
    EXCEPTION WHEN unique_violation THEN
        -- A repeated batch: only what is missing is added. Looking first would cost every batch more than this costs a rare one.
        INSERT INTO audit.event (sequence, id, at, act, look, issuer, subject, organisation, person_index, person_key, body)
        SELECT was.size + row_number() OVER (ORDER BY g.place), g.id, g.at, g.act, g.look, g.issuer, g.subject, g.organisation,
            g.person_index, g.person_key, g.body
        FROM unnest(ids, ats, acts, looks, issuers, subjects, organisations, person_indexes, person_keys, bodies) WITH ORDINALITY
            AS g (id, at, act, look, issuer, subject, organisation, person_index, person_key, body, place)
        WHERE NOT EXISTS (SELECT FROM audit.event e WHERE e.id = g.id AND e.at = g.at);
        GET DIAGNOSTICS fresh = ROW_COUNT;
    END;

    -- Always a write, even of nothing: a commit that wrote nothing would neither reach the disk nor wait for a standby.
    UPDATE audit.head SET size = was.size + fresh;
    IF fresh = cardinality(ids) THEN
        RETURN ARRAY(SELECT n FROM generate_series(was.size + 1, was.size + fresh) AS n);
    END IF;
    RETURN ARRAY(
        SELECT e.sequence FROM unnest(ids, ats) WITH ORDINALITY AS g (id, at, place)
        JOIN audit.event e ON e.id = g.id AND e.at = g.at ORDER BY g.place);
END $$;
REVOKE ALL ON FUNCTION audit.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append TO ribble_audit_append;
