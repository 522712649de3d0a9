-- What officers work with: indexes for their questions, the queue of alerts, and counts that make pictures quick.

-- By organisation and time, and by time alone.
CREATE INDEX event_by_organisation ON audit.event (organisation, at);
CREATE INDEX event_by_time ON audit.event (at, sequence);

-- An alert becomes a piece of work. Its words and facts name nobody; what users and officers write stands sealed in the trail.
ALTER TABLE oversight.alert
    ADD COLUMN number        bigint      GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN rule          text        NOT NULL DEFAULT '',
    ADD COLUMN rule_version  integer     NOT NULL DEFAULT 0,
    ADD COLUMN words         text        NOT NULL DEFAULT '',
    ADD COLUMN facts         jsonb       NOT NULL DEFAULT '[]',
    ADD COLUMN score         smallint    NOT NULL DEFAULT 0 CHECK (score BETWEEN 0 AND 100),
    ADD COLUMN user_issuer   text        NOT NULL DEFAULT '',
    ADD COLUMN user_subject  text        NOT NULL DEFAULT '',
    ADD COLUMN user_name     text        NOT NULL DEFAULT '',
    ADD COLUMN state         text        NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'assigned', 'asked', 'answered', 'closed')),
    ADD COLUMN officer       text        NOT NULL DEFAULT '',
    ADD COLUMN officer_name  text        NOT NULL DEFAULT '',
    ADD COLUMN outcome       text        NOT NULL DEFAULT '',
    ADD UNIQUE (event, kind),
    ADD UNIQUE (number),
    ADD CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    ADD CHECK ((state = 'closed') = (outcome <> ''));
CREATE INDEX alert_of_user ON oversight.alert (user_issuer, user_subject) WHERE state = 'asked';

-- What was done about an alert, and which event of the trail says so in full.
CREATE TABLE oversight.step (
    alert uuid        NOT NULL REFERENCES oversight.alert,
    at    timestamptz NOT NULL,
    act   text        NOT NULL CHECK (act IN ('assigned', 'asked', 'answered', 'closed', 'reopened')),
    name  text        NOT NULL,
    event uuid        NOT NULL,
    PRIMARY KEY (alert, at, act)
);

-- How far the trail was gone through, and what was counted on the way.
CREATE TABLE oversight.progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sequence bigint  NOT NULL DEFAULT 0
);
INSERT INTO oversight.progress DEFAULT VALUES;

CREATE TABLE oversight.tally (
    day          date     NOT NULL,
    hour         smallint NOT NULL,
    organisation text     NOT NULL,
    role         text     NOT NULL,
    act          text     NOT NULL,
    n            bigint   NOT NULL,
    PRIMARY KEY (day, organisation, role, act, hour)
);
CREATE TABLE oversight.source_tally (
    day   date   NOT NULL,
    feed  text   NOT NULL,
    state text   NOT NULL,
    n     bigint NOT NULL,
    PRIMARY KEY (day, feed, state)
);

-- The staff register and the confidential list as the rules see them: digests under the labels of the trail.
CREATE TABLE oversight.staff (
    sds_user_id  text  NOT NULL CHECK (sds_user_id <> ''),
    organisation text  NOT NULL CHECK (organisation <> ''),
    person       bytea NOT NULL,
    surname      bytea NOT NULL,
    household    bytea NOT NULL,
    left_at      timestamptz,
    PRIMARY KEY (sds_user_id, organisation)
);
CREATE TABLE oversight.listed (person bytea PRIMARY KEY);

GRANT UPDATE (rule, rule_version, words, facts, score, user_issuer, user_subject, user_name, state, officer, officer_name, outcome) ON oversight.alert TO ribble_app;
GRANT SELECT, INSERT ON oversight.step TO ribble_app;
GRANT SELECT, INSERT, DELETE ON oversight.staff, oversight.listed TO ribble_app;
GRANT SELECT, UPDATE (sequence) ON oversight.progress TO ribble_app;
GRANT SELECT, INSERT, UPDATE (n) ON oversight.tally, oversight.source_tally TO ribble_app;
