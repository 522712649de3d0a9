-- Sessions of signed-in users. Nothing here is about anybody else: no row of this schema may name a person whose record was opened.
CREATE SCHEMA portal;

CREATE TABLE portal.session (
    -- SHA-256 of the cookie's token: whoever reads this table still cannot use a session.
    token_hash        bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    id                text        NOT NULL UNIQUE CHECK (id <> ''),
    issuer            text        NOT NULL CHECK (issuer <> ''),
    subject           text        NOT NULL CHECK (subject <> ''),
    -- The provider's session id, by which back-channel logout names sessions; empty when the provider gave none.
    sid               text        NOT NULL,
    user_name         text        NOT NULL,
    sds_user_id       text        NOT NULL,
    role_profile      text        NOT NULL,
    role_code         text        NOT NULL,
    role_name         text        NOT NULL,
    activities        text[]      NOT NULL,
    organisation_ods  text        NOT NULL,
    organisation_name text        NOT NULL,
    assurance_level   smallint    NOT NULL,
    signed_in_at      timestamptz NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    idle              interval    NOT NULL,
    idle_until        timestamptz NOT NULL,
    ended_at          timestamptz
);

CREATE INDEX session_by_sid ON portal.session (issuer, sid) WHERE ended_at IS NULL AND sid <> '';
CREATE INDEX session_by_end ON portal.session (expires_at);

GRANT USAGE ON SCHEMA portal TO ribble_app;
-- Who a session belongs to can never be changed, only how long it lives.
GRANT SELECT, INSERT, DELETE, UPDATE (idle_until, ended_at) ON portal.session TO ribble_app;
