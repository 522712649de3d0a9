-- The registers on which a decision about a look rests. No row names a person: each has a keyed digest of the NHS number (person) and the id of
-- its key, under a label of its own, so that these rows cannot be joined with the audit trail.
CREATE SCHEMA register;

-- What people have agreed to and objected to. A row is never changed, only ended.
CREATE TABLE register.consent (
    id           uuid        PRIMARY KEY,
    person       bytea       NOT NULL CHECK (octet_length(person) = 32),
    person_key   text        NOT NULL,
    organisation text        NOT NULL,
    sections     bigint      NOT NULL CHECK (sections <> 0),
    direction    text        NOT NULL CHECK (direction IN ('supply', 'view')),
    stance       text        NOT NULL CHECK (stance IN ('agreed', 'objected')),
    valid_from   timestamptz NOT NULL,
    valid_until  timestamptz,
    recorded_by  text        NOT NULL,
    recorded_org text        NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX consent_by_person ON register.consent (person) WHERE ended_at IS NULL;

-- Legitimate relationships that are not in anybody's answer: caseloads that an organisation loads, and what users claim.
CREATE TABLE register.relationship (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    person       bytea       NOT NULL CHECK (octet_length(person) = 32),
    person_key   text        NOT NULL,
    organisation text        NOT NULL CHECK (organisation <> ''),
    kind         text        NOT NULL CHECK (kind IN ('caseload', 'self-claimed')),
    -- Whose claim it is; empty for a caseload, which speaks for everybody of the organisation.
    issuer       text        NOT NULL DEFAULT '',
    subject      text        NOT NULL DEFAULT '',
    reason       text        NOT NULL DEFAULT '',
    -- Which load of a caseload brought it.
    load         uuid,
    valid_from   timestamptz NOT NULL,
    valid_until  timestamptz NOT NULL,
    CHECK ((kind = 'self-claimed') = (subject <> '')),
    CHECK ((kind = 'caseload') = (load IS NOT NULL))
);
CREATE INDEX relationship_by_person ON register.relationship (person, organisation);
-- A load takes the place of the one before it; what is over is forgotten.
CREATE INDEX caseload_by_organisation ON register.relationship (organisation) WHERE kind = 'caseload';
CREATE INDEX relationship_by_end ON register.relationship (valid_until);

-- Emergency access.
CREATE TABLE register.override (
    id           uuid        PRIMARY KEY,
    person       bytea       NOT NULL CHECK (octet_length(person) = 32),
    person_key   text        NOT NULL,
    organisation text        NOT NULL CHECK (organisation <> ''),
    issuer       text        NOT NULL,
    subject      text        NOT NULL,
    session      text        NOT NULL,
    reason       text        NOT NULL,
    began_at     timestamptz NOT NULL,
    until        timestamptz NOT NULL CHECK (until > began_at AND until <= began_at + interval '30 minutes'),
    ended_at     timestamptz
);
CREATE INDEX override_by_person ON register.override (person, issuer, subject);

-- People over whose records somebody keeps watch: staff of an organisation, and the confidential list.
CREATE TABLE register.watched (
    person       bytea NOT NULL CHECK (octet_length(person) = 32),
    person_key   text  NOT NULL,
    kind         text  NOT NULL CHECK (kind IN ('staff', 'listed')),
    -- For staff: the organisation, and the user's national id as the sign-in service names it.
    organisation text  NOT NULL,
    sds_user_id  text  NOT NULL,
    PRIMARY KEY (person, kind, organisation, sds_user_id)
);

-- The answers to being asked for permission to view, where a deployment asks.
CREATE TABLE register.permission (
    id           uuid        PRIMARY KEY,
    person       bytea       NOT NULL CHECK (octet_length(person) = 32),
    person_key   text        NOT NULL,
    organisation text        NOT NULL CHECK (organisation <> ''),
    answer       text        NOT NULL CHECK (answer IN ('yes', 'once', 'refused', 'emergency')),
    -- 'once' and 'emergency' hold for this session alone.
    session      text        NOT NULL,
    given_at     timestamptz NOT NULL,
    until        timestamptz NOT NULL
);
CREATE INDEX permission_by_person ON register.permission (person, organisation);

-- Alerts for Privacy Officers: each names an event of the trail, and nobody.
CREATE SCHEMA oversight;
CREATE TABLE oversight.alert (
    id           uuid        PRIMARY KEY,
    organisation text        NOT NULL,
    kind         text        NOT NULL CHECK (kind <> ''),
    event        uuid        NOT NULL,
    at           timestamptz NOT NULL,
    raised_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at    timestamptz
);
CREATE INDEX alert_open ON oversight.alert (organisation, at) WHERE closed_at IS NULL;

GRANT USAGE ON SCHEMA register, oversight TO ribble_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA register TO ribble_app;
GRANT UPDATE (ended_at) ON register.consent, register.override TO ribble_app;
GRANT DELETE ON register.relationship, register.watched, register.permission TO ribble_app;
GRANT SELECT, INSERT, UPDATE (closed_at) ON oversight.alert TO ribble_app;
