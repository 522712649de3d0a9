-- Reports of a problem with an entry, for the organisation that supplied it. They name no person and hold no word that anybody wrote: what is wrong and
-- what became of it are codes, and the entry is named by its id at the source.
CREATE TABLE oversight.problem (
    id            text        PRIMARY KEY CHECK (id ~ '^[A-Z0-9]{16,64}$'),
    number        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    organisation  text        NOT NULL CHECK (organisation <> ''),
    feed          text        NOT NULL CHECK (feed <> ''),
    section       text        NOT NULL,
    whole_list    boolean     NOT NULL,
    item_type     text        NOT NULL CHECK (item_type ~ '^[A-Za-z]{0,64}$'),
    item_id       text        NOT NULL CHECK (item_id ~ '^[A-Za-z0-9.#-]{0,129}$'),
    retrieved_at  timestamptz NOT NULL,
    reason        text        NOT NULL CHECK (reason ~ '^[a-z-]{1,32}$'),
    grave         boolean     NOT NULL,
    at            timestamptz NOT NULL,
    -- The event of the trail that says who reported.
    event         uuid        NOT NULL,
    by_issuer     text        NOT NULL,
    by_subject    text        NOT NULL,
    by_name       text        NOT NULL,
    by_role       text        NOT NULL,
    by_org        text        NOT NULL,
    by_org_name   text        NOT NULL,
    contact       text        NOT NULL CHECK (length(contact) <= 120),
    state         text        NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'seen', 'answered')),
    seen_by       text        NOT NULL DEFAULT '',
    seen_at       timestamptz,
    answered_by   text        NOT NULL DEFAULT '',
    answered_at   timestamptz,
    outcome       text        NOT NULL DEFAULT '' CHECK (outcome ~ '^[a-z-]{0,32}$'),
    CHECK ((state = 'answered') = (answered_at IS NOT NULL)),
    CHECK ((state = 'answered') = (outcome <> ''))
);
CREATE INDEX problem_of_organisation ON oversight.problem (organisation, number);
CREATE INDEX problem_of_reporter ON oversight.problem (by_issuer, by_subject, number);

-- Letters that are still to be sent, each once, by whichever replica comes first. What a letter is about stands nowhere but in its reference.
CREATE TABLE oversight.letter (
    kind         text        NOT NULL CHECK (kind IN ('problem', 'ending')),
    id           text        NOT NULL CHECK (id <> ''),
    -- Whose letter it is; empty for the administrators of the region.
    organisation text        NOT NULL,
    number       bigint      NOT NULL,
    about        text        NOT NULL DEFAULT '',
    at           timestamptz NOT NULL DEFAULT now(),
    mail_due     timestamptz NOT NULL DEFAULT now(),
    mail_tries   smallint    NOT NULL DEFAULT 0,
    mailed_at    timestamptz,
    PRIMARY KEY (kind, id, organisation)
);
CREATE INDEX letter_to_mail ON oversight.letter (mail_due) WHERE mailed_at IS NULL;

GRANT SELECT, INSERT ON oversight.problem, oversight.letter TO ribble_app;
GRANT UPDATE (state, seen_by, seen_at, answered_by, answered_at, outcome) ON oversight.problem TO ribble_app;
GRANT UPDATE (mail_due, mail_tries, mailed_at) ON oversight.letter TO ribble_app;
