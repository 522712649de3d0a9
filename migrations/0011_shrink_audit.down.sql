DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.event) OR EXISTS (SELECT FROM portal.person_key) THEN
        RAISE EXCEPTION 'the audit trail holds events and is not taken back';
    END IF;
END $$;

DROP TABLE oversight.rules;
DROP FUNCTION oversight.propose_rules;
DROP FUNCTION oversight.decide_rules;
ALTER TABLE oversight.progress DROP COLUMN rules;
DROP INDEX oversight.tally_of_days;
DROP FUNCTION audit.append;
DROP FUNCTION audit.refer;
DROP TABLE audit.event, audit.agent, audit.word;
UPDATE audit.head SET ready_from = 'infinity', ready_to = '-infinity';

-- The trail as it was.
CREATE TABLE audit.event (
    sequence     bigint      NOT NULL CHECK (sequence > 0),
    id           uuid        NOT NULL,
    -- The portal's clock, and the database's own as a second witness.
    at           timestamptz NOT NULL CHECK (at >= '2020-01-01Z' AND at < '2200-01-01Z'),
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    act          text        NOT NULL CHECK (act <> ''),
    -- The intent that opened the look to which the event belongs; null outside a look.
    look         uuid,
    issuer       text        NOT NULL,
    subject      text        NOT NULL,
    organisation text        NOT NULL,
    -- HMAC of the NHS number and the id of its key: enough to find a person's events for whoever holds the key, nothing for others.
    person_index bytea       CHECK (octet_length(person_index) = 32),
    person_key   text,
    -- The event itself (internal/audit, Event). The columns above repeat parts of it for searching.
    body         bytea       NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 262144),
    PRIMARY KEY (id, at),
    UNIQUE (sequence, at),
    CHECK ((person_index IS NULL) = (person_key IS NULL))
) PARTITION BY RANGE (at);

CREATE INDEX event_by_person ON audit.event (person_index, at) WHERE person_index IS NOT NULL;
CREATE INDEX event_by_user   ON audit.event (issuer, subject, at);
CREATE INDEX event_by_look   ON audit.event (look) WHERE look IS NOT NULL;

CREATE INDEX event_by_organisation ON audit.event (organisation, at);
CREATE INDEX event_by_time ON audit.event (at, sequence);
ALTER TABLE audit.event
    ADD COLUMN mac     bytea CHECK (octet_length(mac) = 32),
    ADD COLUMN mac_key text,
    ADD CHECK ((mac IS NULL) = (mac_key IS NULL));
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER refuse_change;
REVOKE UPDATE, DELETE, TRUNCATE ON audit.event FROM ribble_owner;

-- The one door as before, with the rows' MACs, and with the size that the writer knows the trail to have: a database that is behind its writers
-- (an old standby promoted, a backup restored) takes no event.
CREATE FUNCTION audit.append(ids uuid[], ats timestamptz[], acts text[], looks uuid[], issuers text[], subjects text[],
    organisations text[], person_indexes bytea[], person_keys text[], bodies bytea[], macs bytea[], mac_keys text[], known bigint) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was   audit.head%ROWTYPE;
    fresh bigint := cardinality(ids);
BEGIN
    SELECT * INTO STRICT was FROM audit.head FOR UPDATE;
    IF was.size < known THEN
        RAISE EXCEPTION 'the audit trail is behind its writer' USING ERRCODE = 'RB001';
    END IF;
    IF clock_timestamp() + interval '7 days' >= was.ready_to
        OR EXISTS (SELECT FROM unnest(ats) AS a WHERE a < was.ready_from OR a >= was.ready_to) THEN
        PERFORM audit.prepare(ats);
    END IF;

    BEGIN
        INSERT INTO audit.event (sequence, id, at, act, look, issuer, subject, organisation, person_index, person_key, body, mac, mac_key)
        SELECT was.size + g.place, g.id, g.at, g.act, g.look, g.issuer, g.subject, g.organisation, g.person_index, g.person_key, g.body, g.mac, g.mac_key
        FROM unnest(ids, ats, acts, looks, issuers, subjects, organisations, person_indexes, person_keys, bodies, macs, mac_keys) WITH ORDINALITY
            AS g (id, at, act, look, issuer, subject, organisation, person_index, person_key, body, mac, mac_key, place);
    EXCEPTION WHEN unique_violation THEN
        -- A repeated batch: only what is missing is added. Looking first would cost every batch more than this costs a rare one.
        INSERT INTO audit.event (sequence, id, at, act, look, issuer, subject, organisation, person_index, person_key, body, mac, mac_key)
        SELECT was.size + row_number() OVER (ORDER BY g.place), g.id, g.at, g.act, g.look, g.issuer, g.subject, g.organisation,
            g.person_index, g.person_key, g.body, g.mac, g.mac_key
        FROM unnest(ids, ats, acts, looks, issuers, subjects, organisations, person_indexes, person_keys, bodies, macs, mac_keys) WITH ORDINALITY
            AS g (id, at, act, look, issuer, subject, organisation, person_index, person_key, body, mac, mac_key, place)
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

ALTER TABLE portal.person_key DROP CONSTRAINT person_key_person_index_check, ADD CHECK (octet_length(person_index) = 32);

CREATE OR REPLACE FUNCTION directory.trail_says(event uuid, wanted_act text, wanted_issuer text, wanted_subject text, wanted_reason text, change text) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.recorded_at FROM audit.event e
    WHERE e.id = event AND e.act = wanted_act AND e.issuer = wanted_issuer AND e.subject = wanted_subject
        AND convert_from(e.body, 'UTF8')::jsonb ->> 'register' = change AND convert_from(e.body, 'UTF8')::jsonb ->> 'reason' = wanted_reason
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append TO ribble_audit_append;
GRANT SELECT ON audit.event TO ribble_ig_reader, ribble_verifier;
