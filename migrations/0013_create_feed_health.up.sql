-- How feeds served, counted by five minutes over all replicas, so that a restart forgets nothing. Counts, and nothing of anybody.
CREATE TABLE directory.feed_health (
    feed      text        NOT NULL,
    at        timestamptz NOT NULL,
    asked     integer     NOT NULL,
    answered  integer     NOT NULL,
    late      integer     NOT NULL,
    -- Answers by classes of time, each a quarter of a doubling wider than the one before.
    times     integer[]   NOT NULL,
    last_good timestamptz,
    PRIMARY KEY (feed, at)
);
CREATE INDEX feed_health_by_time ON directory.feed_health (at);
GRANT SELECT, INSERT, DELETE ON directory.feed_health TO ribble_app;
GRANT UPDATE (asked, answered, late, times, last_good) ON directory.feed_health TO ribble_app;
