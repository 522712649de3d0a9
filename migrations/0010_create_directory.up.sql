-- The directory of organisations, agreements and feeds, as versions that are never changed, and the proposals that make them. What is in force is
-- written by the decision about a proposal and by nothing else: the app role can propose and decide, and cannot write an entry.
CREATE SCHEMA directory;

CREATE TABLE directory.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint  NOT NULL DEFAULT 0 CHECK (version >= 0)
);
INSERT INTO directory.head DEFAULT VALUES;

CREATE TABLE directory.change (
    -- The digest of all that is proposed (internal/onboarding, Change.Sum). The events of the trail name it, so they name exactly this.
    id               text        PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
    number           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind             text        NOT NULL CHECK (kind IN ('ordinary', 'seed', 'stop')),
    base             bigint      NOT NULL,
    salt             text        NOT NULL,
    reason           text        NOT NULL,
    size             integer     NOT NULL CHECK (size > 0),
    proposed_issuer  text        NOT NULL CHECK (proposed_issuer <> ''),
    proposed_subject text        NOT NULL CHECK (proposed_subject <> ''),
    proposed_name    text        NOT NULL,
    proposed_org     text        NOT NULL,
    proposed_at      timestamptz NOT NULL,
    proposed_event   uuid        NOT NULL,
    state            text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
    decided_issuer   text        NOT NULL DEFAULT '',
    decided_subject  text        NOT NULL DEFAULT '',
    decided_name     text        NOT NULL DEFAULT '',
    decided_org      text        NOT NULL DEFAULT '',
    decided_at       timestamptz,
    decided_event    uuid,
    words            text        NOT NULL DEFAULT '',
    -- The version against which whoever approves has checked the whole directory.
    checked          bigint      NOT NULL DEFAULT 0,
    -- The version that it made.
    version          bigint      UNIQUE,
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (version IS NOT NULL))
);
CREATE INDEX change_waiting ON directory.change (number) WHERE state = 'waiting';

-- What is proposed. An entry without a body shall be removed.
CREATE TABLE directory.change_entry (
    change text    NOT NULL REFERENCES directory.change,
    place  integer NOT NULL,
    kind   text    NOT NULL CHECK (kind IN ('organisation', 'agreement', 'feed', 'spine')),
    id     text    NOT NULL CHECK (id <> ''),
    body   text    CHECK (body <> ''),
    PRIMARY KEY (change, place),
    UNIQUE (change, kind, id)
);
CREATE INDEX change_entry_by_entry ON directory.change_entry (kind, id);

-- Every version of every entry. The newest of each is in force, unless its body is null: then it was removed.
CREATE TABLE directory.entry (
    kind     text   NOT NULL,
    id       text   NOT NULL,
    version  bigint NOT NULL REFERENCES directory.change (version) DEFERRABLE INITIALLY DEFERRED,
    -- The order of the directory: that in which entries first came.
    position bigint NOT NULL,
    body     text,
    PRIMARY KEY (kind, id, version)
);

-- Results of connection checks, without any data of a person.
CREATE TABLE directory.connection_check (
    feed       text        NOT NULL,
    at         timestamptz NOT NULL,
    by_issuer  text        NOT NULL,
    by_subject text        NOT NULL,
    by_name    text        NOT NULL,
    by_org     text        NOT NULL,
    -- The digest of the address and certificates that were checked.
    connection text        NOT NULL,
    total      integer     NOT NULL,
    failed     integer     NOT NULL,
    warned     integer     NOT NULL,
    result     jsonb       NOT NULL,
    PRIMARY KEY (feed, at)
);

CREATE FUNCTION directory.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the directory keeps its past' USING ERRCODE = 'insufficient_privilege';
END $$;

-- A proposal begins as one.
CREATE FUNCTION directory.propose() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> 'waiting' OR NEW.version IS NOT NULL THEN
        RAISE EXCEPTION 'a proposal begins as one' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Whether the trail, to which the app role cannot write, says that this person did this to this proposal; and when, by the database's clock.
CREATE FUNCTION directory.trail_says(event uuid, wanted_act text, wanted_issuer text, wanted_subject text, wanted_reason text, change text) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.recorded_at FROM audit.event e
    WHERE e.id = event AND e.act = wanted_act AND e.issuer = wanted_issuer AND e.subject = wanted_subject
        AND convert_from(e.body, 'UTF8')::jsonb ->> 'register' = change AND convert_from(e.body, 'UTF8')::jsonb ->> 'reason' = wanted_reason
$$;

-- The digest of what is proposed, from what is kept.
CREATE FUNCTION directory.sum(c directory.change) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(c.kind || E'\n' || c.base || E'\n' || c.salt || E'\n' || encode(sha256(convert_to(c.reason, 'UTF8')), 'hex') || E'\n'
        || coalesce(string_agg(e.kind || ' ' || e.id || ' ' || encode(sha256(convert_to(coalesce(e.body, ''), 'UTF8')), 'hex') || E'\n', '' ORDER BY e.place), ''), 'UTF8')), 'hex')
    FROM directory.change_entry e WHERE e.change = c.id
$$;

-- Whether a proposal suspends feeds and changes nothing else of them but what is written down of their steps.
CREATE FUNCTION directory.only_stops(change text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_and(coalesce(e.kind = 'feed' AND e.body::jsonb - 'steps' = (now.body::jsonb - 'planned' - 'steps') || '{"stage": "suspended"}', false)), false)
    FROM directory.change_entry e
    LEFT JOIN LATERAL (
        SELECT n.body FROM directory.entry n WHERE n.kind = e.kind AND n.id = e.id ORDER BY n.version DESC LIMIT 1) now ON true
    WHERE e.change = only_stops.change
$$;

-- Decides about a proposal. It runs with the owner's rights: nobody else may write an entry. A rogue administrator who by-passes the program meets it
-- all the same: it believes the trail, and the trail wants a second person.
CREATE FUNCTION directory.decide() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was      bigint;
    proposed timestamptz;
BEGIN
    IF OLD.state <> 'waiting' OR NEW.state = 'waiting' THEN
        RAISE EXCEPTION 'the proposal is decided' USING ERRCODE = 'RD001';
    END IF;
    IF directory.trail_says(NEW.decided_event, 'directory-decided', NEW.decided_issuer, NEW.decided_subject, NEW.state, NEW.id) IS NULL THEN
        RAISE EXCEPTION 'the trail does not say who decided' USING ERRCODE = 'RD005';
    END IF;
    IF NEW.state = 'withdrawn' AND (NEW.decided_issuer, NEW.decided_subject) IS DISTINCT FROM (OLD.proposed_issuer, OLD.proposed_subject) THEN
        RAISE EXCEPTION 'only the proposer may withdraw' USING ERRCODE = 'RD002';
    END IF;
    IF NEW.state <> 'approved' THEN
        RETURN NEW;
    END IF;

    SELECT version INTO STRICT was FROM directory.head FOR UPDATE;
    proposed := directory.trail_says(OLD.proposed_event, 'directory-proposed', OLD.proposed_issuer, OLD.proposed_subject, OLD.kind, OLD.id);
    IF proposed IS NULL OR directory.sum(OLD) <> OLD.id THEN
        RAISE EXCEPTION 'the trail does not say that this was proposed' USING ERRCODE = 'RD005';
    END IF;
    IF clock_timestamp() >= proposed + interval '7 days' THEN
        RAISE EXCEPTION 'the proposal has expired' USING ERRCODE = 'RD001';
    END IF;
    IF OLD.kind = 'ordinary' AND (NEW.decided_issuer, NEW.decided_subject) = (OLD.proposed_issuer, OLD.proposed_subject) THEN
        RAISE EXCEPTION 'whoever proposes does not approve' USING ERRCODE = 'RD002';
    END IF;
    IF OLD.kind = 'seed' AND was <> 0 OR OLD.kind = 'stop' AND NOT directory.only_stops(OLD.id) THEN
        RAISE EXCEPTION 'this takes two people' USING ERRCODE = 'RD002';
    END IF;
    IF EXISTS (SELECT FROM directory.change_entry c JOIN directory.entry e ON e.kind = c.kind AND e.id = c.id AND e.version > OLD.base WHERE c.change = OLD.id) THEN
        RAISE EXCEPTION 'what it rests on has changed' USING ERRCODE = 'RD003';
    END IF;
    IF NEW.checked <> was THEN
        RAISE EXCEPTION 'another change came first' USING ERRCODE = 'RD004';
    END IF;

    NEW.version := was + 1;
    INSERT INTO directory.entry (kind, id, version, position, body)
    SELECT c.kind, c.id, NEW.version, coalesce(before.position, NEW.version * 1000000 + c.place), c.body
    FROM directory.change_entry c
    LEFT JOIN LATERAL (SELECT e.position FROM directory.entry e WHERE e.kind = c.kind AND e.id = c.id LIMIT 1) before ON true
    WHERE c.change = OLD.id;
    UPDATE directory.head SET version = NEW.version;
    PERFORM pg_notify('ribble_directory', NEW.version::text);
    RETURN NEW;
END $$;

-- ALWAYS: an ordinary trigger is skipped in silence under session_replication_role = replica.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON directory.entry FOR EACH STATEMENT EXECUTE FUNCTION directory.refuse_change();
ALTER TABLE directory.entry ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON directory.change_entry FOR EACH STATEMENT EXECUTE FUNCTION directory.refuse_change();
ALTER TABLE directory.change_entry ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON directory.change FOR EACH STATEMENT EXECUTE FUNCTION directory.refuse_change();
ALTER TABLE directory.change ENABLE ALWAYS TRIGGER refuse_change;
CREATE TRIGGER propose BEFORE INSERT ON directory.change FOR EACH ROW EXECUTE FUNCTION directory.propose();
ALTER TABLE directory.change ENABLE ALWAYS TRIGGER propose;
CREATE TRIGGER decide BEFORE UPDATE ON directory.change FOR EACH ROW EXECUTE FUNCTION directory.decide();
ALTER TABLE directory.change ENABLE ALWAYS TRIGGER decide;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA directory FROM PUBLIC;
GRANT USAGE ON SCHEMA directory TO ribble_app;
GRANT SELECT ON ALL TABLES IN SCHEMA directory TO ribble_app;
GRANT INSERT ON directory.change, directory.change_entry, directory.connection_check TO ribble_app;
GRANT UPDATE (state, decided_issuer, decided_subject, decided_name, decided_org, decided_at, decided_event, words, checked) ON directory.change TO ribble_app;
