-- Local accounts, for organisations without an identity provider of their own. Nothing here is about anybody but the users themselves.
CREATE TABLE portal.account (
    id                text        PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
    login             text        NOT NULL UNIQUE CHECK (login <> '' AND login = lower(login)),
    name              text        NOT NULL CHECK (name <> ''),
    -- A key of the program's table of roles: what it allows stands there, not here.
    role              text        NOT NULL CHECK (role <> ''),
    organisation_ods  text        NOT NULL CHECK (organisation_ods <> ''),
    organisation_name text        NOT NULL,
    status            text        NOT NULL CHECK (status IN ('invited', 'active', 'locked', 'ended')),
    -- The encoded argon2id hash; empty until the invitation is accepted.
    passphrase        text        NOT NULL DEFAULT '',
    -- Goes up with each new passphrase: a sign-in begun before is void.
    version           integer     NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    changed_at        timestamptz NOT NULL,
    CHECK (status <> 'active' OR passphrase <> '')
);

CREATE TABLE portal.account_factor (
    id            text        PRIMARY KEY CHECK (id <> ''),
    account_id    text        NOT NULL REFERENCES portal.account,
    kind          text        NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name          text        NOT NULL,
    -- The TOTP secret, sealed with a key that is not in this database.
    secret        text        NOT NULL DEFAULT '',
    -- The last step of the clock of which a code was used: each is used once, whichever replica is asked.
    last_step     bigint      NOT NULL DEFAULT 0,
    -- The passkey's record and its id; public keys only.
    credential    bytea,
    credential_id bytea       UNIQUE,
    created_at    timestamptz NOT NULL,
    used_at       timestamptz,
    CHECK ((kind = 'totp') = (secret <> '')),
    CHECK ((kind = 'passkey') = (credential IS NOT NULL AND credential_id IS NOT NULL))
);
CREATE INDEX account_factor_by_account ON portal.account_factor (account_id);

-- Recovery codes: SHA-256 over account and code, each usable once.
CREATE TABLE portal.account_code (
    account_id text        NOT NULL REFERENCES portal.account,
    hash       bytea       NOT NULL CHECK (octet_length(hash) = 32),
    used_at    timestamptz,
    PRIMARY KEY (account_id, hash)
);

CREATE TABLE portal.account_invitation (
    -- SHA-256 of the token in the link: whoever reads this table still cannot use an invitation.
    token_hash bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account_id text        NOT NULL REFERENCES portal.account,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX account_invitation_by_account ON portal.account_invitation (account_id);

-- Attempts to sign in that have not succeeded (yet), under a keyed digest of the name or account.
CREATE TABLE portal.account_attempt (
    number bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key    text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX account_attempt_by_key ON portal.account_attempt (key, at);
CREATE INDEX account_attempt_by_time ON portal.account_attempt (at);

-- No active account is without a second factor, whatever the program does. The account's row is locked, so that two transactions that
-- each remove one of two factors cannot both pass.
CREATE FUNCTION portal.require_factor() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account text := CASE TG_TABLE_NAME WHEN 'account' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(OLD) ->> 'account_id' END;
BEGIN
    PERFORM FROM portal.account a WHERE a.id = account AND a.status = 'active' FOR UPDATE;
    IF FOUND AND NOT EXISTS (SELECT FROM portal.account_factor f WHERE f.account_id = account) THEN
        RAISE EXCEPTION 'an active account must have a second factor' USING ERRCODE = 'check_violation', CONSTRAINT = 'account_has_factor';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION portal.require_factor FROM PUBLIC;
CREATE CONSTRAINT TRIGGER account_has_factor AFTER INSERT OR UPDATE ON portal.account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal.require_factor();
CREATE CONSTRAINT TRIGGER account_has_factor AFTER DELETE OR UPDATE ON portal.account_factor
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal.require_factor();

-- Whose an account is, and in which role, can never be changed.
GRANT SELECT, INSERT, UPDATE (status, passphrase, version, changed_at) ON portal.account TO ribble_app;
GRANT SELECT, INSERT, DELETE, UPDATE (credential, last_step, used_at) ON portal.account_factor TO ribble_app;
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON portal.account_code TO ribble_app;
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON portal.account_invitation TO ribble_app;
GRANT SELECT, INSERT, DELETE ON portal.account_attempt TO ribble_app;
