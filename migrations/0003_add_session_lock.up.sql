-- Locking, step-up and the list of a user's own sessions; counters that all replicas share; tokens that may be used once.
ALTER TABLE portal.session
    -- When the user last proved who they are: at sign-in, at unlocking, at a step-up.
    ADD COLUMN authenticated_at timestamptz,
    -- When the user locked the session; one past idle_until is locked without it.
    ADD COLUMN locked_at        timestamptz,
    -- How long a locked session waits for its user before it ends.
    ADD COLUMN linger           interval    NOT NULL DEFAULT '30 minutes',
    -- Where the session was begun, for its user to recognise.
    ADD COLUMN address          text        NOT NULL DEFAULT '',
    ADD COLUMN agent            text        NOT NULL DEFAULT '',
    -- When the user signed in the time before; null when that is not known.
    ADD COLUMN previous_at      timestamptz;
UPDATE portal.session SET authenticated_at = signed_in_at;
-- The release before this one stores none: its sessions count as never proved again.
ALTER TABLE portal.session ALTER COLUMN authenticated_at SET DEFAULT '-infinity', ALTER COLUMN authenticated_at SET NOT NULL;

CREATE INDEX session_by_user ON portal.session (issuer, subject, created_at);
GRANT UPDATE (token_hash, sid, authenticated_at, locked_at) ON portal.session TO ribble_app;

-- How often something happened in a window of time. Unlogged: counting must cost little, and after a crash it may begin anew.
CREATE UNLOGGED TABLE portal.counter (
    kind   text        NOT NULL,
    -- SHA-256 of what is counted (a user, an organisation, an address): the counter needs no names.
    key    bytea       NOT NULL CHECK (octet_length(key) = 32),
    began  timestamptz NOT NULL,
    ends   timestamptz NOT NULL,
    n      bigint      NOT NULL,
    -- What the window before counted; zero when it was empty.
    before bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, key)
);
CREATE INDEX counter_by_end ON portal.counter (ends);
GRANT SELECT, INSERT, UPDATE, DELETE ON portal.counter TO ribble_app;

-- Tokens that were used and must not be used again, until they would be too old anyway.
CREATE TABLE portal.spent_token (
    purpose text        NOT NULL,
    -- SHA-256 over issuer and token id.
    key     bytea       NOT NULL CHECK (octet_length(key) = 32),
    until   timestamptz NOT NULL,
    PRIMARY KEY (purpose, key)
);
CREATE INDEX spent_token_by_end ON portal.spent_token (until);
GRANT SELECT, INSERT, DELETE ON portal.spent_token TO ribble_app;
