-- The trail in a terser form: what many events say (who acted, texts) is kept once and referred to. Rows of the form before cannot be taken over, because
-- their MACs and the ledger's signatures are of the bytes that they had.
DO $$
BEGIN
    IF EXISTS (SELECT FROM audit.event) OR EXISTS (SELECT FROM portal.person_key) THEN
        RAISE EXCEPTION 'the audit trail holds events of an earlier form, which cannot be changed: begin with an empty database, and keep this one to read with the release that wrote it (docs/guide-ledger.md)';
    END IF;
END $$;

DROP FUNCTION audit.append;
DROP TABLE audit.event;
UPDATE audit.head SET ready_from = 'infinity', ready_to = '-infinity';

-- Who acted. Only added to: an event's leaf covers what it refers to.
CREATE TABLE audit.agent (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer  text    NOT NULL,
    subject text    NOT NULL,
    UNIQUE (issuer, subject)
);

-- Texts that many events say: name, role and organisation of a user, browsers, feeds, rules. Never anything about a person whose record was opened.
CREATE TABLE audit.word (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text bytea  NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 262144)
);
CREATE UNIQUE INDEX word_by_text ON audit.word (sha256(text));

CREATE TABLE audit.event (
    sequence     bigint      NOT NULL CHECK (sequence > 0),
    -- The portal's clock, and the database's own as a second witness.
    at           timestamptz NOT NULL CHECK (at >= '2020-01-01Z' AND at < '2200-01-01Z'),
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    id           uuid        NOT NULL,
    -- The intent that opened the look to which the event belongs; null outside a look.
    look         uuid,
    -- HMAC of the NHS number, cut to 16 bytes: enough to find a person's events for whoever holds the key, nothing for others.
    person_index uuid,
    -- HMAC of the row under a key the database does not have, cut to 16 bytes: what guards an event until a checkpoint covers it.
    mac          uuid,
    agent        integer     NOT NULL,
    organisation text        NOT NULL,
    act          text        NOT NULL CHECK (act <> ''),
    reason       text        NOT NULL,
    register     text        NOT NULL,
    -- The rest of the event: the ids of its words, and the body that internal/audit writes.
    body         bytea       NOT NULL CHECK (octet_length(body) BETWEEN 4 AND 524288),
    PRIMARY KEY (id, at),
    UNIQUE (sequence, at)
) PARTITION BY RANGE (at);

-- What officers ask by: a person, a user, an organisation, a time.
CREATE INDEX event_by_person       ON audit.event (person_index, at) WHERE person_index IS NOT NULL;
CREATE INDEX event_by_agent        ON audit.event (agent, at);
CREATE INDEX event_by_organisation ON audit.event (organisation, at);
CREATE INDEX event_by_time         ON audit.event (at, sequence);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['event', 'agent', 'word'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', name);
        EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER refuse_change', name);
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit.%I FROM ribble_owner', name);
    END LOOP;
END $$;

-- Gives the ids of texts and agents, in the order given, and adds those that are new. Its commit does not wait for the disk: whatever refers to the ids is
-- behind it in the write-ahead log and waits for all before it.
CREATE FUNCTION audit.refer(texts bytea[], issuers text[], subjects text[], OUT words bigint[], OUT agents integer[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO audit.word (text)
    SELECT DISTINCT t FROM unnest(texts) AS t WHERE NOT EXISTS (SELECT FROM audit.word w WHERE sha256(w.text) = sha256(t))
    ON CONFLICT DO NOTHING;
    INSERT INTO audit.agent (issuer, subject)
    SELECT DISTINCT u.issuer, u.subject FROM unnest(issuers, subjects) AS u (issuer, subject)
    WHERE NOT EXISTS (SELECT FROM audit.agent a WHERE a.issuer = u.issuer AND a.subject = u.subject)
    ON CONFLICT DO NOTHING;
    words := ARRAY(SELECT w.id FROM unnest(texts) WITH ORDINALITY AS t (text, place) JOIN audit.word w ON sha256(w.text) = sha256(t.text) ORDER BY t.place);
    agents := ARRAY(SELECT a.id FROM unnest(issuers, subjects) WITH ORDINALITY AS u (issuer, subject, place)
        JOIN audit.agent a ON a.issuer = u.issuer AND a.subject = u.subject ORDER BY u.place);
END $$;

-- The one door, as before: appends a batch and gives each event's number, in the order given. An event that is there already keeps its number, so a writer
-- that never heard how its commit ended may simply ask again. An empty batch proves that a commit is possible. A database that is behind its writers (an old
-- standby promoted, a backup restored) takes no event.
CREATE FUNCTION audit.append(ids uuid[], ats timestamptz[], acts text[], looks uuid[], agents integer[], organisations text[], reasons text[],
    registers text[], person_indexes uuid[], bodies bytea[], macs uuid[], known bigint) RETURNS bigint[]
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
        INSERT INTO audit.event (sequence, at, id, look, person_index, mac, agent, organisation, act, reason, register, body)
        SELECT was.size + g.place, g.at, g.id, g.look, g.person_index, g.mac, g.agent, g.organisation, g.act, g.reason, g.register, g.body
        FROM unnest(ids, ats, acts, looks, agents, organisations, reasons, registers, person_indexes, bodies, macs) WITH ORDINALITY
            AS g (id, at, act, look, agent, organisation, reason, register, person_index, body, mac, place);
    EXCEPTION WHEN unique_violation THEN
        -- A repeated batch: only what is missing is added. Looking first would cost every batch more than this costs a rare one.
        INSERT INTO audit.event (sequence, at, id, look, person_index, mac, agent, organisation, act, reason, register, body)
        SELECT was.size + row_number() OVER (ORDER BY g.place), g.at, g.id, g.look, g.person_index, g.mac, g.agent, g.organisation, g.act, g.reason,
            g.register, g.body
        FROM unnest(ids, ats, acts, looks, agents, organisations, reasons, registers, person_indexes, bodies, macs) WITH ORDINALITY
            AS g (id, at, act, look, agent, organisation, reason, register, person_index, body, mac, place)
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

ALTER TABLE portal.person_key DROP CONSTRAINT person_key_person_index_check, ADD CHECK (octet_length(person_index) = 16);

-- The totals of days (internal/oversight/patrol), which pictures of a long time are drawn from.
CREATE INDEX tally_of_days ON oversight.tally (organisation, day, act) INCLUDE (n) WHERE hour = -1 AND role = '';

-- Changes of the rules that watch: what one person proposed and another decided. What is in force is the approved one of the highest version.
CREATE TABLE oversight.rules (
    -- The digest of all that is proposed.
    id               text        PRIMARY KEY,
    version          integer     NOT NULL CHECK (version > 1),
    salt             text        NOT NULL CHECK (salt <> ''),
    body             text        NOT NULL CHECK (octet_length(body) <= 131072),
    why              text        NOT NULL,
    state            text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'expired')),
    proposed_issuer  text        NOT NULL,
    proposed_subject text        NOT NULL,
    proposed_name    text        NOT NULL,
    proposed_org     text        NOT NULL,
    proposed_at      timestamptz NOT NULL,
    proposed_event   uuid        NOT NULL,
    decided_issuer   text,
    decided_subject  text,
    decided_name     text,
    decided_org      text,
    decided_at       timestamptz,
    decided_event    uuid
);
CREATE UNIQUE INDEX rules_waiting ON oversight.rules (state) WHERE state = 'waiting';
CREATE UNIQUE INDEX rules_in_force ON oversight.rules (version) WHERE state = 'approved';
-- The version with which the past was gone through.
ALTER TABLE oversight.progress ADD COLUMN rules integer NOT NULL DEFAULT 0;

CREATE FUNCTION oversight.propose_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> 'waiting' OR NEW.decided_event IS NOT NULL THEN
        RAISE EXCEPTION 'a proposal begins as one' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- As with the directory, the database believes the trail, to which the app role cannot write, and the trail wants a second person.
CREATE FUNCTION oversight.decide_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    proposed timestamptz;
BEGIN
    IF OLD.state <> 'waiting' OR NEW.state = 'waiting' THEN
        RAISE EXCEPTION 'the proposal is decided' USING ERRCODE = 'RD001';
    END IF;
    IF NEW.state = 'expired' THEN
        IF clock_timestamp() < OLD.proposed_at + interval '7 days' THEN
            RAISE EXCEPTION 'the proposal has not expired' USING ERRCODE = 'RD001';
        END IF;
        RETURN NEW;
    END IF;
    IF directory.trail_says(NEW.decided_event, 'rules-decided', NEW.decided_issuer, NEW.decided_subject, NEW.state, NEW.id) IS NULL THEN
        RAISE EXCEPTION 'the trail does not say who decided' USING ERRCODE = 'RD005';
    END IF;
    IF NEW.state = 'withdrawn' AND (NEW.decided_issuer, NEW.decided_subject) IS DISTINCT FROM (OLD.proposed_issuer, OLD.proposed_subject)
        OR NEW.state = 'approved' AND (NEW.decided_issuer, NEW.decided_subject) = (OLD.proposed_issuer, OLD.proposed_subject) THEN
        RAISE EXCEPTION 'this takes another person' USING ERRCODE = 'RD002';
    END IF;
    IF NEW.state <> 'approved' THEN
        RETURN NEW;
    END IF;
    proposed := directory.trail_says(OLD.proposed_event, 'rules-proposed', OLD.proposed_issuer, OLD.proposed_subject, 'proposed', OLD.id);
    IF proposed IS NULL
        OR OLD.id <> encode(sha256(convert_to(OLD.version || E'\n' || OLD.salt || E'\n' || encode(sha256(convert_to(OLD.why, 'UTF8')), 'hex') || E'\n'
            || encode(sha256(convert_to(OLD.body, 'UTF8')), 'hex'), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the trail does not say that this was proposed' USING ERRCODE = 'RD005';
    END IF;
    IF clock_timestamp() >= proposed + interval '7 days' OR EXISTS (SELECT FROM oversight.rules r WHERE r.state = 'approved' AND r.version >= OLD.version) THEN
        RAISE EXCEPTION 'the proposal has expired' USING ERRCODE = 'RD001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER propose BEFORE INSERT ON oversight.rules FOR EACH ROW EXECUTE FUNCTION oversight.propose_rules();
CREATE TRIGGER decide BEFORE UPDATE ON oversight.rules FOR EACH ROW EXECUTE FUNCTION oversight.decide_rules();
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON oversight.rules FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE oversight.rules ENABLE ALWAYS TRIGGER propose, ENABLE ALWAYS TRIGGER decide, ENABLE ALWAYS TRIGGER refuse_change;
REVOKE ALL ON FUNCTION oversight.propose_rules, oversight.decide_rules FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (state, decided_issuer, decided_subject, decided_name, decided_org, decided_at, decided_event) ON oversight.rules TO ribble_app;
GRANT UPDATE (rules) ON oversight.progress TO ribble_app;

-- The trail's word for who did what, in the new form.
CREATE OR REPLACE FUNCTION directory.trail_says(event uuid, wanted_act text, wanted_issuer text, wanted_subject text, wanted_reason text, change text) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.recorded_at FROM audit.event e JOIN audit.agent a ON a.id = e.agent
    WHERE e.id = event AND e.act = wanted_act AND a.issuer = wanted_issuer AND a.subject = wanted_subject AND e.register = change AND e.reason = wanted_reason
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.append, audit.refer TO ribble_audit_append;
GRANT SELECT ON audit.event, audit.agent, audit.word TO ribble_ig_reader, ribble_verifier;
