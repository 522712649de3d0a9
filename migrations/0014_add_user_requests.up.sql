-- How users come by local accounts, and until when they have them: asked for, vouched for by a sponsor, granted by a second person. Nothing here is about
-- anybody but the users themselves.
ALTER TABLE portal.account
    -- After its last day an account is no more than a name, until two people renew it.
    ADD COLUMN expires_at      timestamptz NOT NULL DEFAULT now() + interval '1 year',
    -- Until when a sponsor's word holds that the user still needs the account. Past it the account waits, and loses nothing.
    ADD COLUMN confirmed_until timestamptz NOT NULL DEFAULT now() + interval '92 days',
    ADD COLUMN trained_on      date,
    -- The request that it was granted for; null for one that an operator made alone.
    ADD COLUMN request         uuid        UNIQUE,
    -- What the trail was told of its lapse.
    ADD COLUMN lapse           text        NOT NULL DEFAULT '' CHECK (lapse IN ('', 'unconfirmed', 'expired'));
CREATE INDEX account_by_organisation ON portal.account (organisation_ods, login);

CREATE TABLE portal.user_request (
    id                uuid        PRIMARY KEY,
    number            bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- Requests that are decided together: those of one import. A single one is a batch of its own.
    batch             uuid        NOT NULL,
    kind              text        NOT NULL CHECK (kind IN ('account', 'renewal')),
    login             text        NOT NULL CHECK (login <> '' AND login = lower(login)),
    name              text        NOT NULL CHECK (name <> '' AND name !~ '[[:cntrl:]]'),
    job               text        NOT NULL,
    organisation_ods  text        NOT NULL CHECK (organisation_ods <> ''),
    organisation_name text        NOT NULL,
    -- The account to be renewed; for a new one, what was granted.
    account           text        REFERENCES portal.account,
    asked_at          timestamptz NOT NULL,
    state             text        NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'sponsored', 'granted', 'refused')),
    -- What the sponsor vouches for.
    role              text        NOT NULL DEFAULT '',
    trained_on        date,
    until             date,
    sponsor_issuer    text        NOT NULL DEFAULT '',
    sponsor_subject   text        NOT NULL DEFAULT '',
    sponsor_name      text        NOT NULL DEFAULT '',
    sponsored_at      timestamptz,
    sponsored_event   uuid,
    decider_issuer    text        NOT NULL DEFAULT '',
    decider_subject   text        NOT NULL DEFAULT '',
    decider_name      text        NOT NULL DEFAULT '',
    decided_at        timestamptz,
    decided_event     uuid,
    words             text        NOT NULL DEFAULT '',
    CHECK (kind = 'account' OR account IS NOT NULL),
    CHECK (state NOT IN ('sponsored', 'granted') OR role <> '' AND trained_on IS NOT NULL AND until IS NOT NULL AND sponsored_event IS NOT NULL),
    CHECK ((state IN ('granted', 'refused')) = (decided_at IS NOT NULL)),
    CHECK (state <> 'granted' OR account IS NOT NULL AND decided_event IS NOT NULL)
);
CREATE UNIQUE INDEX user_request_open ON portal.user_request (login, organisation_ods) WHERE state IN ('asked', 'sponsored');
CREATE INDEX user_request_by_state ON portal.user_request (state, organisation_ods, number);
CREATE INDEX user_request_by_batch ON portal.user_request (batch, number);
CREATE INDEX user_request_by_account ON portal.user_request (account) WHERE kind = 'renewal';

-- The digest of what a sponsor vouches for (internal/sponsor, Request.Sum): the events of the trail name it, so they name exactly this.
CREATE FUNCTION portal.request_sum(r portal.user_request) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', r.id, r.kind, r.login, r.name, r.organisation_ods, r.role, to_char(r.trained_on, 'YYYY-MM-DD'), to_char(r.until, 'YYYY-MM-DD'),
        CASE r.kind WHEN 'renewal' THEN r.account ELSE '' END), 'UTF8')), 'hex')
$$;

-- Whether the trail, to which the app role cannot write, says that this person did this to the account or request. The event is looked for by its id
-- alone: an import has thousands by one person, and no other index would be as quick.
CREATE FUNCTION portal.trail_says(event uuid, wanted_issuer text, wanted_subject text, wanted_reason text, request text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    e audit.event%ROWTYPE;
BEGIN
    SELECT * INTO e FROM audit.event a WHERE a.id = event;
    RETURN FOUND AND e.act = 'account-changed' AND e.reason = wanted_reason AND e.register = request
        AND EXISTS (SELECT FROM audit.agent a WHERE a.id = e.agent AND a.issuer = wanted_issuer AND a.subject = wanted_subject);
END $$;

-- Holds a request to its way: asked for, vouched for, granted by somebody else. It believes the trail, to which the app role cannot write.
CREATE FUNCTION portal.guard_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'granted' THEN
            RAISE EXCEPTION 'what was granted is kept' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' THEN
            RAISE EXCEPTION 'a request begins as one' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('granted', 'refused') OR NOT (NEW.state = 'refused' OR OLD.state = 'asked' AND NEW.state = 'sponsored' OR OLD.state = 'sponsored' AND NEW.state = 'granted') THEN
        RAISE EXCEPTION 'the request is decided' USING ERRCODE = 'RU001';
    END IF;
    IF NEW.state = 'sponsored' AND NOT portal.trail_says(NEW.sponsored_event, NEW.sponsor_issuer, NEW.sponsor_subject, 'sponsored', portal.request_sum(NEW))
        OR NEW.state = 'granted' AND (portal.request_sum(NEW) <> portal.request_sum(OLD)
            OR (NEW.sponsor_issuer, NEW.sponsor_subject, NEW.sponsored_event) IS DISTINCT FROM (OLD.sponsor_issuer, OLD.sponsor_subject, OLD.sponsored_event)
            OR NOT portal.trail_says(NEW.decided_event, NEW.decider_issuer, NEW.decider_subject, 'granted', portal.request_sum(NEW))) THEN
        RAISE EXCEPTION 'the trail does not bear this out' USING ERRCODE = 'RU003';
    END IF;
    IF NEW.state = 'granted' AND (NEW.decider_issuer, NEW.decider_subject) = (OLD.sponsor_issuer, OLD.sponsor_subject)
        OR NEW.kind = 'renewal' AND NEW.state <> 'refused' AND ('urn:ribble:local', NEW.account) IN ((NEW.sponsor_issuer, NEW.sponsor_subject), (NEW.decider_issuer, NEW.decider_subject)) THEN
        RAISE EXCEPTION 'this takes two other people' USING ERRCODE = 'RU002';
    END IF;
    RETURN NEW;
END $$;

-- An account is what two people granted, and lasts no longer. One without a request is an operator's.
CREATE FUNCTION portal.guard_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r portal.user_request%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.request IS NOT NULL THEN
        SELECT * INTO r FROM portal.user_request u WHERE u.id = NEW.request;
        IF NOT FOUND OR r.kind <> 'account' OR r.state <> 'granted' OR NEW.expires_at > ((r.until + 1)::timestamp AT TIME ZONE 'UTC')
            OR (r.account, r.login, r.name, r.role, r.organisation_ods) IS DISTINCT FROM (NEW.id, NEW.login, NEW.name, NEW.role, NEW.organisation_ods) THEN
            RAISE EXCEPTION 'this takes two people' USING ERRCODE = 'RU002';
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.expires_at > OLD.expires_at AND NOT EXISTS (
        SELECT FROM portal.user_request u
        WHERE u.kind = 'renewal' AND u.account = NEW.id AND u.state = 'granted' AND NEW.expires_at <= ((u.until + 1)::timestamp AT TIME ZONE 'UTC')) THEN
        RAISE EXCEPTION 'this takes two people' USING ERRCODE = 'RU002';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION portal.request_sum, portal.trail_says, portal.guard_request, portal.guard_account FROM PUBLIC;
-- Deferred: a request names its account before the account is there, and the account is held to the request.
ALTER TABLE portal.user_request ALTER CONSTRAINT user_request_account_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE portal.account ADD CONSTRAINT account_request_fkey FOREIGN KEY (request) REFERENCES portal.user_request DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER guard_request BEFORE INSERT OR UPDATE OR DELETE ON portal.user_request FOR EACH ROW EXECUTE FUNCTION portal.guard_request();
ALTER TABLE portal.user_request ENABLE ALWAYS TRIGGER guard_request;
CREATE TRIGGER guard_account BEFORE INSERT OR UPDATE ON portal.account FOR EACH ROW EXECUTE FUNCTION portal.guard_account();
ALTER TABLE portal.account ENABLE ALWAYS TRIGGER guard_account;

GRANT UPDATE (expires_at, confirmed_until, trained_on, lapse) ON portal.account TO ribble_app;
GRANT SELECT, INSERT, DELETE, UPDATE (account, state, role, trained_on, until, sponsor_issuer, sponsor_subject, sponsor_name, sponsored_at, sponsored_event,
    decider_issuer, decider_subject, decider_name, decided_at, decided_event, words) ON portal.user_request TO ribble_app;
