-- The audit trail: append-only, one row per event, numbered without gaps.
CREATE SCHEMA audit;

-- How many events there are. Its row lock makes writers take turns, so that numbers are contiguous whichever replica writes.
CREATE TABLE audit.head (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    size       bigint      NOT NULL DEFAULT 0 CHECK (size >= 0),
    -- Events between these times have their partitions; outside, append looks for itself.
    ready_from timestamptz NOT NULL DEFAULT 'infinity',
    ready_to   timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO audit.head DEFAULT VALUES;

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

CREATE FUNCTION audit.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit.refuse_shrinking() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.size < OLD.size THEN
        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- ALWAYS: an ordinary trigger is skipped in silence under session_replication_role = replica.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON audit.head
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_shrinking BEFORE UPDATE ON audit.head
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_shrinking();
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER refuse_shrinking;

-- Makes the partition of one month (UTC). Attaching, unlike creating in place, does not wait for readers of the trail, so a long
-- report cannot hold up a writer at the turn of a month.
CREATE FUNCTION audit.prepare_month(month timestamp) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'event_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass('audit.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', name);
    EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER refuse_change', name);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.%I FROM ribble_owner', name);
    EXECUTE format('ALTER TABLE audit.event ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
        name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
END $$;

-- Makes the partitions that the given times need, and in good time those of the month to come.
CREATE FUNCTION audit.prepare(ats timestamptz[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_month timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
    next_month timestamp := this_month + interval '1 month';
BEGIN
    PERFORM audit.prepare_month(m) FROM (
        SELECT DISTINCT date_trunc('month', a AT TIME ZONE 'UTC') AS m FROM unnest(ats) AS a
        UNION SELECT this_month UNION SELECT next_month) AS months;
    UPDATE audit.head SET ready_from = this_month AT TIME ZONE 'UTC', ready_to = (next_month + interval '1 month') AT TIME ZONE 'UTC';
END $$;

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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
REVOKE UPDATE, DELETE, TRUNCATE ON audit.event FROM ribble_owner;
REVOKE DELETE, TRUNCATE ON audit.head FROM ribble_owner;

GRANT USAGE ON SCHEMA audit TO ribble_audit_append, ribble_ig_reader, ribble_verifier;
GRANT EXECUTE ON FUNCTION audit.append TO ribble_audit_append;
GRANT SELECT ON audit.event, audit.head TO ribble_ig_reader, ribble_verifier;
