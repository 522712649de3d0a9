-- The ledger: an RFC 6962 tree over the events, its signed checkpoints, and one data key per person, so that a person can be erased and every proof stays.

-- HMAC of the row under a key the database does not have: what guards an event until a checkpoint covers it.
ALTER TABLE audit.event
    ADD COLUMN mac     bytea CHECK (octet_length(mac) = 32),
    ADD COLUMN mac_key text,
    ADD CHECK ((mac IS NULL) = (mac_key IS NULL));

-- Signed notes, one per tree size. A note is replaced only by itself with a fresher signature of a witness.
CREATE TABLE audit.checkpoint (
    size         bigint      PRIMARY KEY CHECK (size > 0),
    note         bytea       NOT NULL CHECK (octet_length(note) BETWEEN 1 AND 1048576),
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The hashes of the tree, 256 to a tile, level by level; the last tile of a level grows.
CREATE TABLE audit.tile (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE FUNCTION audit.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'checkpoint' AND NEW.size = OLD.size AND NEW.made_at = OLD.made_at THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit.refuse_other_hashes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.level = OLD.level AND NEW.index = OLD.index AND substring(NEW.hashes FROM 1 FOR octet_length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.checkpoint ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_rewriting BEFORE UPDATE ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewriting();
ALTER TABLE audit.checkpoint ENABLE ALWAYS TRIGGER refuse_rewriting;
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON audit.tile FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.tile ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_other_hashes BEFORE UPDATE ON audit.tile FOR EACH ROW EXECUTE FUNCTION audit.refuse_other_hashes();
ALTER TABLE audit.tile ENABLE ALWAYS TRIGGER refuse_other_hashes;
REVOKE DELETE, TRUNCATE ON audit.checkpoint, audit.tile FROM ribble_owner;

-- The one door as before, with the rows' MACs, and with the size that the writer knows the trail to have: a database that is behind its writers
-- (an old standby promoted, a backup restored) takes no event.
DROP FUNCTION audit.append;
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

-- The second door: adds a checkpoint with the hashes below it, or refreshes the signatures of the newest one. Whoever built on an older checkpoint
-- than the newest is turned away.
CREATE FUNCTION audit.add_checkpoint(built_on bigint, new_size bigint, new_note bytea, levels smallint[], indexes bigint[], tiles bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'6c6564676572'::bigint);
    IF built_on <> (SELECT coalesce(max(c.size), 0) FROM audit.checkpoint c) OR new_size < built_on THEN
        RAISE EXCEPTION 'another checkpoint was first' USING ERRCODE = 'RB002';
    END IF;
    INSERT INTO audit.checkpoint AS c (size, note) VALUES (new_size, new_note)
        ON CONFLICT (size) DO UPDATE SET note = EXCLUDED.note, confirmed_at = EXCLUDED.confirmed_at;
    INSERT INTO audit.tile AS t (level, index, hashes) SELECT u.level, u.index, u.hashes FROM unnest(levels, indexes, tiles) AS u (level, index, hashes)
        ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes;
END $$;

-- Data keys of people, each wrapped by a key from a file. Destroying a row makes what the trail keeps of the person unreadable for ever; only the
-- owner may.
CREATE TABLE portal.person_key (
    id           text        PRIMARY KEY CHECK (octet_length(id) BETWEEN 8 AND 64),
    person_index bytea       NOT NULL CHECK (octet_length(person_index) = 32),
    index_key    text        NOT NULL,
    wrapped      bytea       NOT NULL CHECK (octet_length(wrapped) BETWEEN 32 AND 128),
    wrap_key     text        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (person_index, index_key)
);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append, audit.add_checkpoint TO ribble_audit_append;
GRANT SELECT ON audit.checkpoint, audit.tile TO ribble_ig_reader, ribble_verifier;
GRANT SELECT, INSERT ON portal.person_key TO ribble_app;
